import { allPages, textual } from "../../components/preflight/pages";
import { type Clients, type CloudResource, type Kind, resource } from "./kind";
import { routePart } from "./partTypes";

export const natGateway: Kind = {
  type: "tencentcloud:index/natGateway:NatGateway",
  noun: "NAT gateway",
  nameInput: "name",
  async list({ vpc }) {
    const found = await allPages(
      async (page) => (await vpc.DescribeNatGateways(page)).NatGatewaySet,
    );
    return found.map((each) =>
      resource(this, each.NatGatewayId, each.NatGatewayName, each.CreatedTime, each.TagSet, {
        place: { vpcId: each.VpcId },
      }),
    );
  },
  async parts({ vpc }, gateway) {
    return Object.fromEntries(
      (await routesTo(vpc, gateway)).map(({ tableId, routeId, destination }) => [
        routePart({ routeTableId: tableId, destinationCidrBlock: destination }),
        `${routeId}.${tableId}`,
      ]),
    );
  },
  async remove({ vpc }, gateway) {
    // One that a route leads to stays.
    for (const { tableId, routeId } of await routesTo(vpc, gateway))
      await vpc.DeleteRoutes({ RouteTableId: tableId, Routes: [{ RouteId: routeId }] });
    await vpc.DeleteNatGateway({ NatGatewayId: gateway.id });
  },
};

/** Routes that lead to a gateway, in the tables of its VPC. */
async function routesTo(
  vpc: Clients["vpc"],
  { id, place }: Pick<CloudResource, "id" | "place">,
): Promise<{ tableId: string; routeId: number; destination: string }[]> {
  const Filters = [{ Name: "vpc-id", Values: [place.vpcId ?? ""] }];
  const tables = await allPages(
    async (page) => (await vpc.DescribeRouteTables({ Filters, ...page })).RouteTableSet,
    textual,
  );
  return tables.flatMap(({ RouteTableId, RouteSet = [] }) =>
    RouteSet.flatMap(({ RouteId, GatewayId, DestinationCidrBlock }) =>
      GatewayId === id && RouteId !== undefined
        ? [{ tableId: RouteTableId, routeId: RouteId, destination: DestinationCidrBlock ?? "" }]
        : [],
    ),
  );
}
