import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Nothing } from "../../action";
import { contains, parseRange, usableCount, usedAddresses } from "../../addressing";
import { ApiError, resourceNotFound } from "../../errors";
import { applyFilters, page, refuseBoth, vpcRules } from "../../query";
import { checkQuota } from "../../quotas";
import type { SubnetRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { apiTime, requireName } from "./common";
import { cidrsOverlap, mainRouteTable, requireVpc } from "./vpcs";

/** @throws ApiError `ResourceNotFound` */
export function requireSubnet(store: Store, id: string): SubnetRecord {
  const subnet = store.tables.subnets.get(id);
  if (!subnet) {
    throw resourceNotFound(id);
  }
  return subnet;
}

function toModel(store: Store, subnet: SubnetRecord, used: number): s.Full<Models.Subnet> {
  const total = usableCount(parseRange(subnet.cidr));
  return {
    VpcId: subnet.vpcId,
    SubnetId: subnet.id,
    SubnetName: subnet.name,
    CidrBlock: subnet.cidr,
    IsDefault: false,
    EnableBroadcast: subnet.broadcast,
    Zone: subnet.zone,
    RouteTableId: subnet.routeTableId,
    CreatedTime: apiTime(subnet.createdAt),
    AvailableIpAddressCount: total - used,
    Ipv6CidrBlock: "",
    NetworkAclId: "",
    IsRemoteVpcSnat: false,
    TotalIpAddressCount: total,
    TagSet: tagSet(store, "vpc/subnet", subnet.id),
    CdcId: "",
    IsCdcSubnet: 0,
  };
}

const createSubnet = action<Models.CreateSubnetRequest, Models.CreateSubnetResponse>(
  "CreateSubnet",
  s.model<Models.CreateSubnetRequest>({
    VpcId: s.id("vpc"),
    SubnetName: s.name(60),
    CidrBlock: s.text,
    Zone: s.text,
    Tags: s.keyValueTags,
    CdcId: s.refused,
  }),
  (call, request) => {
    const { store, settings, now } = call;
    const vpc = requireVpc(store, request.VpcId);
    requireName("SubnetName", request.SubnetName);
    const range = parseRange(request.CidrBlock);
    if (!contains(parseRange(vpc.cidr), range)) {
      throw new ApiError(
        "InvalidParameterValue.SubnetRange",
        `The subnet ${request.CidrBlock} is not inside the VPC's ${vpc.cidr}.`,
      );
    }
    if (range.prefix > 28) {
      throw new ApiError("InvalidParameterValue.Malformed", "A subnet is at least a /28.");
    }
    if (!settings.inventory.zones.some((zone) => zone.name === request.Zone)) {
      throw new ApiError(
        "InvalidParameterValue.ZoneConflict",
        `There is no zone '${request.Zone}'.`,
      );
    }
    const siblings = store.tables.subnets.list().filter((each) => each.vpcId === vpc.id);
    const clash = siblings.find((each) => cidrsOverlap(each.cidr, request.CidrBlock));
    if (clash) {
      throw new ApiError(
        "InvalidParameterValue.SubnetConflict",
        `The subnet ${request.CidrBlock} overlaps ${clash.cidr} of ${clash.id}.`,
      );
    }
    checkQuota(call, "subnetsPerVpc", siblings.length + 1, vpc.id);
    const subnet = store.tables.subnets.put({
      id: store.newId("subnet", "subnets"),
      seq: store.next(),
      createdAt: now.toISOString(),
      vpcId: vpc.id,
      name: request.SubnetName,
      cidr: request.CidrBlock,
      zone: request.Zone,
      broadcast: false,
      routeTableId: mainRouteTable(store, vpc.id).id,
    });
    createTags(store, "vpc/subnet", subnet.id, request.Tags);
    return { Subnet: toModel(store, subnet, 0) };
  },
);

const describeSubnets = action<Models.DescribeSubnetsRequest, Models.DescribeSubnetsResponse>(
  "DescribeSubnets",
  s.model<Models.DescribeSubnetsRequest>({
    SubnetIds: s.id("subnet").array().optional(),
    Filters: s.filters,
    Offset: s.optionalText,
    Limit: s.optionalText,
    MaxResults: s.refused,
    NextToken: s.refused,
  }),
  ({ store }, request) => {
    refuseBoth(request.SubnetIds, request.Filters);
    const chosen = request.SubnetIds
      ? request.SubnetIds.map((id) => requireSubnet(store, id))
      : store.tables.subnets.list();
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "subnet-id": (v) => v.id,
        "vpc-id": (v) => v.vpcId,
        "cidr-block": (v) => v.cidr,
        "is-default": () => "false",
        "is-remote-vpc-snat": () => "false",
        "subnet-name": (v) => v.name,
        zone: (v) => v.zone,
        "route-table-id": (v) => v.routeTableId,
      },
      vpcRules,
      (v) => tagsOf(store, "vpc/subnet", v.id),
    );
    const used = ({ id, vpcId }: SubnetRecord) =>
      usedAddresses(store, vpcId).filter(({ subnetId }) => subnetId === id).length;
    return {
      TotalCount: found.length,
      SubnetSet: page(found, request.Offset, request.Limit, vpcRules).map((v) =>
        toModel(store, v, used(v)),
      ),
      NextToken: "",
    };
  },
  "ResourceNotFound for an unknown id in the list.",
);

const modifySubnetAttribute = action<Models.ModifySubnetAttributeRequest, Nothing>(
  "ModifySubnetAttribute",
  s.model<Models.ModifySubnetAttributeRequest>({
    SubnetId: s.id("subnet"),
    SubnetName: s.name(60).optional(),
    EnableBroadcast: s.optionalText,
  }),
  ({ store }, request) => {
    const subnet = requireSubnet(store, request.SubnetId);
    store.tables.subnets.put({
      ...subnet,
      name: request.SubnetName ?? subnet.name,
      broadcast:
        request.EnableBroadcast === undefined
          ? subnet.broadcast
          : request.EnableBroadcast === "true",
    });
    return {};
  },
);

const deleteSubnet = action<Models.DeleteSubnetRequest, Nothing>(
  "DeleteSubnet",
  s.model<Models.DeleteSubnetRequest>({ SubnetId: s.id("subnet") }),
  ({ store }, request) => {
    const subnet = requireSubnet(store, request.SubnetId);
    const user = usedAddresses(store, subnet.vpcId).find((each) => each.subnetId === subnet.id);
    if (user) {
      throw new ApiError(
        "ResourceInUse",
        `${subnet.id} still has ${user.resourceId} with address ${user.ip}.`,
      );
    }
    store.tables.subnets.remove(subnet.id);
    dropTags(store, "vpc/subnet", subnet.id);
    return {};
  },
);

export const subnetActions = [createSubnet, describeSubnets, modifySubnetAttribute, deleteSubnet];
