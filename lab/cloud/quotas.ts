import { z } from "zod";

import type { Call } from "./action";
import { ApiError } from "./errors";

/**
 * What an account may have at most: the default of a new account, the code the API answers beyond it, and what is counted.
 * Figures are the vendor's documented defaults. What differs from account to account says so: it is the larger one of the
 * vendor's own example.
 */
const definitions = {
  vpcs: [20, "LimitExceeded", "VPCs a region"],
  subnetsPerVpc: [100, "LimitExceeded", "subnets a VPC"],
  routeTablesPerVpc: [10, "LimitExceeded", "route tables a VPC, its main one included"],
  routesPerTable: [50, "LimitExceeded", "routes a table"],
  haVipsPerVpc: [10, "LimitExceeded", "HAVIPs a VPC"],
  instancesPerHaVip: [10, "LimitExceeded", "instances a HAVIP"],
  natGatewaysPerVpc: [3, "LimitExceeded.NatGatewayPerVpcLimitExceeded", "NAT gateways a VPC"],
  addressesPerNatGateway: [
    10,
    "LimitExceeded.PublicIpAddressPerNatGatewayLimitExceeded",
    "EIPs a NAT gateway",
  ],
  addresses: [20, "AddressQuotaLimitExceeded", "EIPs a region"],
  securityGroups: [50, "LimitExceeded", "security groups a region"],
  rulesPerDirection: [100, "LimitExceeded", "rules a direction in one security group"],
  // Documented as the groups a group may name. The models' text can also be read as the rules that name one.
  referencedGroups: [10, "LimitExceeded", "other groups that one security group's rules name"],
  instancesPerSecurityGroup: [
    2000,
    "LimitExceeded.CvmsVifsPerSecGroupLimitExceeded",
    "instances a security group",
  ],
  securityGroupsPerInstance: [5, "LimitExceeded.SingleUSGQuota", "security groups an instance"],
  // Differs from account to account.
  instancesPerZone: [1250, "LimitExceeded.InstanceQuota", "pay-as-you-go instances a zone"],
  // Both differ from account to account; for prepaid ones the month's is meant.
  prepaidPerZone: [100, "LimitExceeded.InstanceQuota", "prepaid instances a zone"],
  spotCoresPerZone: [500, "LimitExceeded.SpotQuota", "vCPUs of spot instances a zone"],
  keyPairs: [100, "InvalidKeyPair.LimitExceeded", "key pairs"],
  placementGroups: [10, "LimitExceeded.DisasterRecoverGroup", "placement groups a region"],
  membersOfHostGroup: [
    50,
    "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
    "members a group of type HOST",
  ],
  membersOfSwitchGroup: [
    20,
    "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
    "members a group of type SW",
  ],
  membersOfRackGroup: [
    30,
    "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
    "members a group of type RACK",
  ],
  disksPerInstance: [20, "LimitExceeded.InstanceAttachedDisk", "elastic disks an instance"],
  openLoadBalancers: [100, "LimitExceeded", "public load balancers a region"],
  internalLoadBalancers: [100, "LimitExceeded", "internal load balancers a region"],
  listenersPerLoadBalancer: [50, "LimitExceeded", "listeners a load balancer"],
  targetsPerListener: [100, "LimitExceeded", "targets a listener"],
} as const satisfies Record<string, readonly [number, string, string]>;

export type QuotaName = keyof typeof definitions;

/** What this account may have at most, by name. */
export type Quotas = Record<QuotaName, number>;

export const quotasSchema = z
  .strictObject(
    Object.fromEntries(
      Object.entries(definitions).map(([name, [standard]]) => [
        name,
        z.number().int().min(0).default(standard),
      ]),
    ) as Record<QuotaName, z.ZodDefault<z.ZodNumber>>,
  )
  .prefault({});

/**
 * Refuses what would leave the account with more than it may have.
 * @param wanted How many there would be.
 * @param of What they would belong to, for the message: `vpc-12345678`.
 * @throws ApiError with the quota's own code.
 */
export function checkQuota({ settings }: Call, name: QuotaName, wanted: number, of?: string): void {
  const limit = settings.quotas[name];
  if (wanted > limit) {
    const [, code, what] = definitions[name];
    const whose = of === undefined ? "" : ` (${of})`;
    throw new ApiError(code, `Quota: at most ${limit} ${what}${whose}; there would be ${wanted}.`);
  }
}
