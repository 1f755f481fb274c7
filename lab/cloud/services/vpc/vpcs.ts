import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Call, type Nothing } from "../../action";
import { contains, overlaps, parseRange } from "../../addressing";
import { ApiError, resourceNotFound } from "../../errors";
import { applyFilters, page, refuseBoth, vpcRules } from "../../query";
import { checkQuota } from "../../quotas";
import type { RouteTableRecord, VpcRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { apiTime, requireName } from "./common";

/** Ranges a VPC may lie in. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseRange);

/** @throws ApiError `ResourceNotFound` */
export function requireVpc(store: Store, id: string): VpcRecord {
  const vpc = store.tables.vpcs.get(id);
  if (!vpc) {
    throw resourceNotFound(id);
  }
  return vpc;
}

/** The main route table of a VPC: every VPC has one from its first moment. */
export function mainRouteTable(store: Store, vpcId: string): RouteTableRecord {
  const table = store.tables.routeTables.list().find((t) => t.vpcId === vpcId && t.main);
  if (!table) {
    throw resourceNotFound(vpcId);
  }
  return table;
}

function toModel(store: Store, vpc: VpcRecord): s.Full<Models.Vpc> {
  return {
    VpcName: vpc.name,
    VpcId: vpc.id,
    CidrBlock: vpc.cidr,
    IsDefault: false,
    EnableMulticast: vpc.multicast,
    CreatedTime: apiTime(vpc.createdAt),
    DnsServerSet: vpc.dnsServers,
    DomainName: vpc.domainName,
    DhcpOptionsId: "",
    EnableDhcp: true,
    Ipv6CidrBlock: "",
    TagSet: tagSet(store, "vpc/vpc", vpc.id),
    AssistantCidrSet: [],
    EnableRouteVpcPublish: false,
    Ipv6CidrBlockSet: [],
    EnableRouteVpcPublishIpv6: false,
  };
}

function checkVpcCidr(cidr: string): void {
  const range = parseRange(cidr);
  if (!privateRanges.some((allowed) => contains(allowed, range)) || range.prefix > 28) {
    throw new ApiError(
      "InvalidParameterValue.Malformed",
      `A VPC lies in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 and is at least a /28, not '${cidr}'.`,
    );
  }
}

const createVpc = action<Models.CreateVpcRequest, Models.CreateVpcResponse>(
  "CreateVpc",
  s.model<Models.CreateVpcRequest>({
    VpcName: s.name(60),
    CidrBlock: s.text,
    EnableMulticast: s.optionalText,
    DnsServers: s.optionalTexts,
    DomainName: s.optionalText,
    Tags: s.keyValueTags,
    EnableRouteVpcPublish: s.refused,
    EnableRouteVpcPublishIpv6: s.refused,
  }),
  (call, request) => {
    const { store, now } = call;
    requireName("VpcName", request.VpcName);
    checkVpcCidr(request.CidrBlock);
    checkQuota(call, "vpcs", store.tables.vpcs.list().length + 1);
    const createdAt = now.toISOString();
    const vpc = store.tables.vpcs.put({
      id: store.newId("vpc", "vpcs"),
      seq: store.next(),
      createdAt,
      name: request.VpcName,
      cidr: request.CidrBlock,
      multicast: request.EnableMulticast === "true",
      dnsServers: request.DnsServers ?? ["183.60.83.19", "183.60.82.98"],
      domainName: request.DomainName ?? "",
      assistantCidrs: [],
    });
    store.tables.routeTables.put({
      id: store.newId("rtb", "routeTables"),
      seq: store.next(),
      createdAt,
      vpcId: vpc.id,
      name: "default",
      main: true,
      routes: [],
    });
    createTags(store, "vpc/vpc", vpc.id, request.Tags);
    return { Vpc: toModel(store, vpc) };
  },
);

const describeVpcs = action<Models.DescribeVpcsRequest, Models.DescribeVpcsResponse>(
  "DescribeVpcs",
  s.model<Models.DescribeVpcsRequest>({
    VpcIds: s.id("vpc").array().optional(),
    Filters: s.filters,
    Offset: s.optionalText,
    Limit: s.optionalText,
  }),
  ({ store }, request) => {
    refuseBoth(request.VpcIds, request.Filters);
    const chosen = request.VpcIds
      ? request.VpcIds.map((id) => requireVpc(store, id))
      : store.tables.vpcs.list();
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "vpc-id": (v) => v.id,
        "vpc-name": (v) => v.name,
        "cidr-block": (v) => v.cidr,
        "is-default": () => "false",
      },
      vpcRules,
      (v) => tagsOf(store, "vpc/vpc", v.id),
    );
    return {
      TotalCount: found.length,
      VpcSet: page(found, request.Offset, request.Limit, vpcRules).map((v) => toModel(store, v)),
    };
  },
  "ResourceNotFound for an unknown id in the list.",
);

const modifyVpcAttribute = action<Models.ModifyVpcAttributeRequest, Nothing>(
  "ModifyVpcAttribute",
  s.model<Models.ModifyVpcAttributeRequest>({
    VpcId: s.id("vpc"),
    VpcName: s.name(60).optional(),
    EnableMulticast: s.optionalText,
    DnsServers: s.optionalTexts,
    DomainName: s.optionalText,
    EnableRouteVpcPublish: s.refused,
    EnableCdcPublish: s.refused,
    EnableRouteVpcPublishIpv6: s.refused,
  }),
  ({ store }, request) => {
    const vpc = requireVpc(store, request.VpcId);
    store.tables.vpcs.put({
      ...vpc,
      name: request.VpcName ?? vpc.name,
      multicast:
        request.EnableMulticast === undefined ? vpc.multicast : request.EnableMulticast === "true",
      dnsServers: request.DnsServers ?? vpc.dnsServers,
      domainName: request.DomainName ?? vpc.domainName,
    });
    return {};
  },
);

/** What still lives in a VPC and so keeps it from being deleted. */
function tenants({ store }: Call, vpcId: string): string[] {
  const { subnets, natGateways, haVips, loadBalancers, targetGroups, routeTables } = store.tables;
  return [
    ...subnets.list().filter((each) => each.vpcId === vpcId),
    ...natGateways.list().filter((each) => each.vpcId === vpcId && each.state !== "DELETING"),
    ...haVips.list().filter((each) => each.vpcId === vpcId),
    ...loadBalancers.list().filter((each) => each.vpcId === vpcId),
    ...targetGroups.list().filter((each) => each.vpcId === vpcId),
    ...routeTables.list().filter((each) => each.vpcId === vpcId && !each.main),
  ].map((each) => each.id);
}

const deleteVpc = action<Models.DeleteVpcRequest, Nothing>(
  "DeleteVpc",
  s.model<Models.DeleteVpcRequest>({ VpcId: s.id("vpc") }),
  (call, request) => {
    const { store } = call;
    const vpc = requireVpc(store, request.VpcId);
    const users = tenants(call, vpc.id);
    if (users.length > 0) {
      throw new ApiError("ResourceInUse", `${vpc.id} still has ${users.join(", ")}.`);
    }
    store.tables.routeTables.remove(mainRouteTable(store, vpc.id).id);
    store.tables.vpcs.remove(vpc.id);
    dropTags(store, "vpc/vpc", vpc.id);
    return {};
  },
);

/** True when two CIDR blocks share an address. */
export function cidrsOverlap(a: string, b: string): boolean {
  return overlaps(parseRange(a), parseRange(b));
}

export const vpcActions = [createVpc, describeVpcs, modifyVpcAttribute, deleteVpc];
