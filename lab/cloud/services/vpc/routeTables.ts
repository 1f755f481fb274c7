import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Nothing } from "../../action";
import { ApiError, resourceNotFound } from "../../errors";
import { applyFilters, page, refuseBoth, vpcRules } from "../../query";
import { checkQuota } from "../../quotas";
import type { RouteRecord, RouteTableRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { apiTime, requireName } from "./common";
import { requireSubnet } from "./subnets";
import { requireVpc } from "./vpcs";

/** @throws ApiError `ResourceNotFound` */
export function requireRouteTable(store: Store, id: string): RouteTableRecord {
  const table = store.tables.routeTables.get(id);
  if (!table) {
    throw resourceNotFound(id);
  }
  return table;
}

export function routeToModel(tableId: string, route: RouteRecord): s.Full<Models.Route> {
  return {
    DestinationCidrBlock: route.destination,
    GatewayType: route.gatewayType,
    GatewayId: route.gatewayId,
    RouteId: route.routeId,
    RouteDescription: route.description,
    Enabled: route.enabled,
    RouteType: "USER",
    RouteTableId: tableId,
    DestinationIpv6CidrBlock: "",
    RouteItemId: route.itemId,
    PublishedToVbc: false,
    CreatedTime: apiTime(route.createdAt),
    CdcId: "",
  };
}

export function routeTableToModel(
  store: Store,
  table: RouteTableRecord,
): s.Full<Models.RouteTable> {
  return {
    VpcId: table.vpcId,
    RouteTableId: table.id,
    RouteTableName: table.name,
    AssociationSet: store.tables.subnets
      .list()
      .filter((subnet) => subnet.routeTableId === table.id)
      .map((subnet) => ({ SubnetId: subnet.id, RouteTableId: table.id })),
    RouteSet: table.routes.map((route) => routeToModel(table.id, route)),
    Main: table.main,
    CreatedTime: apiTime(table.createdAt),
    TagSet: tagSet(store, "vpc/rtb", table.id),
    LocalCidrForCcn: [],
  };
}

const createRouteTable = action<Models.CreateRouteTableRequest, Models.CreateRouteTableResponse>(
  "CreateRouteTable",
  s.model<Models.CreateRouteTableRequest>({
    VpcId: s.id("vpc"),
    RouteTableName: s.name(60),
    Tags: s.keyValueTags,
  }),
  (call, request) => {
    const { store, now } = call;
    const vpc = requireVpc(store, request.VpcId);
    requireName("RouteTableName", request.RouteTableName);
    const siblings = store.tables.routeTables.list().filter((each) => each.vpcId === vpc.id);
    checkQuota(call, "routeTablesPerVpc", siblings.length + 1, vpc.id);
    const table = store.tables.routeTables.put({
      id: store.newId("rtb", "routeTables"),
      seq: store.next(),
      createdAt: now.toISOString(),
      vpcId: vpc.id,
      name: request.RouteTableName,
      main: false,
      routes: [],
    });
    createTags(store, "vpc/rtb", table.id, request.Tags);
    return { RouteTable: routeTableToModel(store, table) };
  },
);

const describeRouteTables = action<
  Models.DescribeRouteTablesRequest,
  Models.DescribeRouteTablesResponse
>(
  "DescribeRouteTables",
  s.model<Models.DescribeRouteTablesRequest>({
    Filters: s.filters,
    RouteTableIds: s.id("rtb").array().optional(),
    Offset: s.optionalText,
    Limit: s.optionalText,
    NeedRouterInfo: s.ignored,
  }),
  ({ store }, request) => {
    refuseBoth(request.RouteTableIds, request.Filters);
    const chosen = request.RouteTableIds
      ? request.RouteTableIds.map((id) => requireRouteTable(store, id))
      : store.tables.routeTables.list();
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "route-table-id": (v) => v.id,
        "route-table-name": (v) => v.name,
        "vpc-id": (v) => v.vpcId,
        "association.main": (v) => String(v.main),
      },
      vpcRules,
      (v) => tagsOf(store, "vpc/rtb", v.id),
    );
    return {
      TotalCount: found.length,
      RouteTableSet: page(found, request.Offset, request.Limit, vpcRules).map((v) =>
        routeTableToModel(store, v),
      ),
    };
  },
  "ResourceNotFound for an unknown id in the list. The local route is not shown.",
);

const modifyRouteTableAttribute = action<Models.ModifyRouteTableAttributeRequest, Nothing>(
  "ModifyRouteTableAttribute",
  s.model<Models.ModifyRouteTableAttributeRequest>({
    RouteTableId: s.id("rtb"),
    RouteTableName: s.name(60),
  }),
  ({ store }, request) => {
    const table = requireRouteTable(store, request.RouteTableId);
    requireName("RouteTableName", request.RouteTableName);
    store.tables.routeTables.put({ ...table, name: request.RouteTableName });
    return {};
  },
);

const deleteRouteTable = action<Models.DeleteRouteTableRequest, Nothing>(
  "DeleteRouteTable",
  s.model<Models.DeleteRouteTableRequest>({ RouteTableId: s.id("rtb") }),
  ({ store }, request) => {
    const table = requireRouteTable(store, request.RouteTableId);
    if (table.main) {
      throw new ApiError(
        "UnsupportedOperation.DelDefaultRoute",
        `${table.id} is the main route table of ${table.vpcId} and goes with it.`,
      );
    }
    const user = store.tables.subnets.list().find((each) => each.routeTableId === table.id);
    if (user) {
      throw new ApiError(
        "UnsupportedOperation.DelRouteWithSubnet",
        `${table.id} is still used by ${user.id}.`,
      );
    }
    store.tables.routeTables.remove(table.id);
    dropTags(store, "vpc/rtb", table.id);
    return {};
  },
);

const replaceRouteTableAssociation = action<Models.ReplaceRouteTableAssociationRequest, Nothing>(
  "ReplaceRouteTableAssociation",
  s.model<Models.ReplaceRouteTableAssociationRequest>({
    RouteTableId: s.id("rtb"),
    SubnetId: s.id("subnet"),
  }),
  ({ store }, request) => {
    const table = requireRouteTable(store, request.RouteTableId);
    const subnet = requireSubnet(store, request.SubnetId as string);
    if (subnet.vpcId !== table.vpcId) {
      throw new ApiError(
        "UnsupportedOperation.VpcMismatch",
        `${subnet.id} and ${table.id} are of different VPCs.`,
      );
    }
    store.tables.subnets.put({ ...subnet, routeTableId: table.id });
    return {};
  },
);

export const routeTableActions = [
  createRouteTable,
  describeRouteTables,
  modifyRouteTableAttribute,
  deleteRouteTable,
  replaceRouteTableAssociation,
];
