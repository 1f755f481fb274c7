import { ApiError } from "./errors";
import type { CloudSettings } from "./settings";

/**
 * Calls a second that one action takes, as each product's API overview documents them (cloud.tencent.com/document/api/<product>/,
 * 213/15689 cvm, 215/15755 vpc, 362/15634 cbs, 214/30667 clb, 1338/55930 privatedns); `other` is what most of a product's have.
 */
const perSecond: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  cvm: {
    other: 10,
    DescribeAccountQuota: 20,
    DescribeDisasterRecoverGroupQuota: 20,
    DescribeImages: 40,
    DescribeInstances: 40,
    DescribeInstancesAttributes: 20,
    DescribeInstancesStatus: 40,
    DescribeInstanceTypeConfigs: 40,
    DescribeRegions: 20,
    DescribeZoneInstanceConfigInfos: 40,
    DescribeZones: 20,
    ModifyInstancesDisasterRecoverGroup: 20,
  },
  vpc: {
    other: 20,
    AllocateAddresses: 10,
    AssociateAddress: 10,
    CreateRoutes: 100,
    CreateRouteTable: 100,
    CreateSecurityGroup: 100,
    CreateSecurityGroupPolicies: 100,
    CreateSubnet: 100,
    CreateVpc: 100,
    DeleteRoutes: 100,
    DeleteRouteTable: 100,
    DeleteSecurityGroup: 100,
    DeleteSecurityGroupPolicies: 100,
    DeleteSubnet: 100,
    DeleteVpc: 50,
    DescribeAddressQuota: 10,
    DescribeRouteTables: 100,
    DescribeSecurityGroupPolicies: 100,
    DescribeSecurityGroups: 100,
    DescribeSubnets: 100,
    DescribeVpcs: 100,
    DisableRoutes: 100,
    DisassociateAddress: 10,
    EnableRoutes: 100,
    ModifyAddressAttribute: 10,
    ModifyAddressInternetChargeType: 10,
    ModifyRouteTableAttribute: 100,
    ModifySecurityGroupAttribute: 100,
    ModifySecurityGroupPolicies: 100,
    ModifySubnetAttribute: 100,
    ModifyVpcAttribute: 50,
    ReleaseAddresses: 10,
    ReplaceRouteTableAssociation: 100,
  },
  cbs: { other: 20, DescribeDisks: 100 },
  cam: { other: 20, CreateRole: 2 },
  privatedns: {
    other: 20,
    CreatePrivateZone: 10,
    ModifyPrivateZoneVpc: 2,
    SubscribePrivateZoneService: 1,
  },
};

/** Figure of most actions of most products. */
const usualPerSecond = 20;

/** Calls a second an action takes with these settings. */
export function callsPerSecond(
  limits: CloudSettings["rateLimits"],
  service: string,
  action: string,
): number {
  if (limits === false) {
    return Infinity;
  }
  const figures = perSecond[service];
  return (
    limits[`${service}:${action}`] ?? figures?.[action] ?? figures?.["other"] ?? usualPerSecond
  );
}

/** Counts calls by action and second: those beyond an action's figure are refused until the next second begins, as in the real API. */
export class RateLimiter {
  private second = 0;
  private counts = new Map<string, number>();

  constructor(private readonly limits: CloudSettings["rateLimits"]) {}

  /** @throws ApiError `RequestLimitExceeded` */
  count(service: string, action: string, now: Date): void {
    const second = Math.floor(now.getTime() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.counts = new Map();
    }
    const key = `${service}:${action}`;
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    const limit = callsPerSecond(this.limits, service, action);
    if (count > limit) {
      throw new ApiError(
        "RequestLimitExceeded",
        `${action} was called ${count} times in this second; ${limit} are allowed. Call less often.`,
      );
    }
  }
}

/** Most ids a list of them may hold; those that differ, by action. As documented at the field. clb checks its own: its code differs. */
const usualIds = 100;
const idLists: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  DescribeDisasterRecoverGroups: { DisasterRecoverGroupIds: 10 },
  DeleteDisasterRecoverGroups: { DisasterRecoverGroupIds: 10 },
  AttachDisks: { DiskIds: 10 },
  DetachDisks: { DiskIds: 10 },
  DescribeResourceTagsByResourceIds: { ResourceIds: 50 },
};

/** @throws ApiError when a list of ids of the request is longer than the action takes. */
export function checkIdLists(action: string, request: object): void {
  for (const [field, value] of Object.entries(request)) {
    const most = idLists[action]?.[field] ?? usualIds;
    if (field.endsWith("Ids") && Array.isArray(value) && value.length > most) {
      throw new ApiError(
        "InvalidParameterValue.LimitExceeded",
        `\`${field}\` has ${value.length} ids, at most ${most} are allowed in one call.`,
      );
    }
  }
}
