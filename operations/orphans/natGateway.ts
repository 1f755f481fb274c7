import type { Route } from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";
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
      (await routesTo(vpc, gateway)).map(({ tableId, route }) => [
        routePart({ routeTableId: tableId, destinationCidrBlock: route.DestinationCidrBlock }),
        `${route.RouteId}.${tableId}`,
      ]),
    );
  },
  async remove({ vpc }, gateway) {
    // One that a route leads to stays.
    for (const {
      tableId,
      route: { RouteId },
    } of await routesTo(vpc, gateway))
      // It is known by its id; the model asks for what one is made of.
      await vpc.DeleteRoutes({ RouteTableId: tableId, Routes: [{ RouteId } as Route] });
    await vpc.DeleteNatGateway({ NatGatewayId: gateway.id });
  },
};

/** Routes that lead to a gateway, in the tables of its VPC. */
async function routesTo(
  vpc: Clients["vpc"],
  { id, place }: Pick<CloudResource, "id" | "place">,
): Promise<{ tableId: string; route: Route }[]> {
  const Filters = [{ Name: "vpc-id", Values: [place.vpcId ?? ""] }];
  const tables = await allPages(
    async (page) => (await vpc.DescribeRouteTables({ Filters, ...page })).RouteTableSet,
    textual,
  );
  return tables.flatMap(({ RouteTableId: tableId = "", RouteSet = [] }) =>
    RouteSet.filter(({ GatewayId }) => GatewayId === id).map((route) => ({ tableId, route })),
  );
}
