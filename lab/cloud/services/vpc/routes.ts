import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";
import { z } from "zod";

import { action, type Call, type Nothing } from "../../action";
import { parseAddress, parseRange, contains } from "../../addressing";
import { ApiError, resourceNotFound } from "../../errors";
import { checkQuota } from "../../quotas";
import type { RouteRecord, RouteTableRecord } from "../../records";
import * as s from "../../schema";
import { requireRouteTable, routeTableToModel, routeToModel } from "./routeTables";
import { cidrsOverlap, requireVpc } from "./vpcs";

/** Next hops the real API knows that the lab carries. */
const gatewayTypes = ["NORMAL_CVM", "HAVIP", "NAT", "CVM", "EIP", "CCN", "PEERCONNECTION", "VPN"];

/** A route as sent: the delete and replace calls name one by a few of its fields only. */
const routeModel = z.strictObject({
  DestinationCidrBlock: s.optionalText,
  GatewayType: s.optionalText,
  GatewayId: s.optionalText,
  RouteId: s.optionalInteger,
  RouteDescription: s.optionalText,
  Enabled: s.optionalFlag,
  RouteType: s.optionalText,
  RouteTableId: s.optionalText,
  DestinationIpv6CidrBlock: s.optionalText,
  RouteItemId: s.optionalText,
  PublishedToVbc: s.optionalFlag,
  CreatedTime: s.optionalText,
  CdcId: s.optionalText,
}) as unknown as z.ZodType<Models.Route>;

/** @throws ApiError when the next hop is none, or not in the table's VPC. */
function checkNextHop({ store }: Call, table: RouteTableRecord, type: string, hub: string): void {
  if (!gatewayTypes.includes(type)) {
    throw new ApiError(
      "InvalidParameterValue",
      `GatewayType '${type}' is not one of ${gatewayTypes.join(", ")}.`,
    );
  }
  if (type === "NORMAL_CVM") {
    const address = parseAddress(hub);
    const vpc = requireVpc(store, table.vpcId);
    if (
      address === undefined ||
      !contains(parseRange(vpc.cidr), { first: address, last: address, prefix: 32 })
    ) {
      throw new ApiError(
        "InvalidParameterValue.Malformed",
        `The next hop of type NORMAL_CVM is a private address in ${vpc.cidr}, not '${hub}'.`,
      );
    }
  }
  if (type === "HAVIP" && store.tables.haVips.get(hub)?.vpcId !== table.vpcId) {
    throw resourceNotFound(hub);
  }
  if (type === "NAT" && store.tables.natGateways.get(hub)?.vpcId !== table.vpcId) {
    throw resourceNotFound(hub);
  }
}

const createRoutes = action<Models.CreateRoutesRequest, Models.CreateRoutesResponse>(
  "CreateRoutes",
  s.model<Models.CreateRoutesRequest>({
    RouteTableId: s.id("rtb"),
    Routes: routeModel.array().min(1).max(100),
  }),
  (call, request) => {
    const { store, now } = call;
    const table = requireRouteTable(store, request.RouteTableId);
    const vpc = requireVpc(store, table.vpcId);
    const added = request.Routes.map((route): RouteRecord => {
      const { DestinationCidrBlock, GatewayType, GatewayId } = route;
      if (!DestinationCidrBlock || !GatewayType || !GatewayId) {
        throw new ApiError(
          "MissingParameter",
          "A route needs DestinationCidrBlock, GatewayType and GatewayId.",
        );
      }
      parseRange(DestinationCidrBlock);
      if (DestinationCidrBlock !== "0.0.0.0/0" && cidrsOverlap(DestinationCidrBlock, vpc.cidr)) {
        throw new ApiError(
          "InvalidParameterValue.VpcCidrConflict",
          `The destination ${DestinationCidrBlock} overlaps the VPC's own ${vpc.cidr}.`,
        );
      }
      checkNextHop(call, table, GatewayType, GatewayId);
      if (table.routes.some((each) => each.destination === DestinationCidrBlock)) {
        throw new ApiError(
          "InvalidParameterValue.Duplicate",
          `${table.id} has a route to ${DestinationCidrBlock} already.`,
        );
      }
      return {
        routeId: store.next("route"),
        itemId: store.newId("rti", "routeTables"),
        destination: DestinationCidrBlock,
        gatewayType: GatewayType,
        gatewayId: GatewayId,
        description: route.RouteDescription ?? "",
        enabled: route.Enabled ?? true,
        createdAt: now.toISOString(),
      };
    });
    checkQuota(call, "routesPerTable", table.routes.length + added.length, table.id);
    const changed = store.tables.routeTables.put({
      ...table,
      routes: [...table.routes, ...added],
    });
    // The answer holds the new routes only: the provider reads the one it made from there.
    return {
      TotalCount: 1,
      RouteTableSet: [routeTableToModel(store, { ...changed, routes: added })],
    };
  },
);

const deleteRoutes = action<Models.DeleteRoutesRequest, Models.DeleteRoutesResponse>(
  "DeleteRoutes",
  s.model<Models.DeleteRoutesRequest>({
    RouteTableId: s.id("rtb"),
    Routes: routeModel.array().optional(),
  }),
  ({ store }, request) => {
    const table = requireRouteTable(store, request.RouteTableId);
    const removed = (request.Routes ?? []).map((route) => {
      const found = table.routes.find((each) =>
        route.RouteId !== undefined
          ? each.routeId === route.RouteId
          : route.RouteItemId !== undefined
            ? each.itemId === route.RouteItemId
            : each.destination === route.DestinationCidrBlock &&
              each.gatewayType === route.GatewayType &&
              each.gatewayId === route.GatewayId,
      );
      if (!found) {
        throw resourceNotFound(String(route.RouteId ?? route.DestinationCidrBlock));
      }
      return found;
    });
    store.tables.routeTables.put({
      ...table,
      routes: table.routes.filter((each) => !removed.includes(each)),
    });
    return { RouteSet: removed.map((route) => routeToModel(table.id, route)) };
  },
  "A route may be named by RouteId alone, though the model requires more: the provider does.",
);

function switchRoutes(
  { store }: Call,
  request: Models.EnableRoutesRequest,
  enabled: boolean,
): Record<string, never> {
  const table = requireRouteTable(store, request.RouteTableId);
  const wanted = (route: RouteRecord): boolean =>
    (request.RouteIds ?? []).map(Number).includes(route.routeId) ||
    (request.RouteItemIds ?? []).includes(route.itemId);
  const count = (request.RouteIds ?? []).length + (request.RouteItemIds ?? []).length;
  if (count === 0 || table.routes.filter(wanted).length !== count) {
    throw resourceNotFound(
      [...(request.RouteIds ?? []), ...(request.RouteItemIds ?? [])].join(", "),
    );
  }
  store.tables.routeTables.put({
    ...table,
    routes: table.routes.map((route) => (wanted(route) ? { ...route, enabled } : route)),
  });
  return {};
}

const switchSchema = s.model<Models.EnableRoutesRequest>({
  RouteTableId: s.id("rtb"),
  RouteIds: z.array(z.number().int()).optional(),
  RouteItemIds: s.optionalTexts,
});

const enableRoutes = action<Models.EnableRoutesRequest, Nothing>(
  "EnableRoutes",
  switchSchema,
  (call, request) => switchRoutes(call, request, true),
);

const disableRoutes = action<Models.DisableRoutesRequest, Nothing>(
  "DisableRoutes",
  switchSchema,
  (call, request) => switchRoutes(call, request, false),
);

export const routeActions = [createRoutes, deleteRoutes, enableRoutes, disableRoutes];
