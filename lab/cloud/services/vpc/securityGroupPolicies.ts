import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { checkQuota } from "../../quotas";
import type { PolicyRecord, SecurityGroupRecord } from "../../records";
import * as s from "../../schema";
import { policySetSchema, toModel, toRecord } from "./policies";
import { requireSecurityGroup } from "./securityGroups";

/** Stores new rules as the next version. @throws ApiError when there are too many. */
function save(
  call: Call,
  group: SecurityGroupRecord,
  ingress: PolicyRecord[],
  egress: PolicyRecord[],
): void {
  const { store, now } = call;
  checkQuota(call, "rulesPerDirection", Math.max(ingress.length, egress.length), group.id);
  const named = new Set([...ingress, ...egress].map((each) => each.securityGroupId));
  const others = [...named].filter((id) => id !== "" && id !== group.id);
  checkQuota(call, "referencedGroups", others.length, group.id);
  store.tables.securityGroups.put({
    ...group,
    ingress,
    egress,
    version: group.version + 1,
    updatedAt: now.toISOString(),
  });
}

/** @throws ApiError when a caller who names a version works from rules that have changed since. */
function checkVersion(group: SecurityGroupRecord, version: string | undefined): void {
  if (version !== undefined && Number(version) !== group.version + 1) {
    throw new ApiError(
      "UnsupportedOperation.VersionMismatch",
      `Version '${version}' is not the next one; ${group.id} is at ${group.version}.`,
    );
  }
}

const modifySecurityGroupPolicies = action<Models.ModifySecurityGroupPoliciesRequest, Nothing>(
  "ModifySecurityGroupPolicies",
  s.model<Models.ModifySecurityGroupPoliciesRequest>({
    SecurityGroupId: s.id("sg"),
    SecurityGroupPolicySet: policySetSchema,
    SortPolicys: s.ignored,
  }),
  (call, request) => {
    const group = requireSecurityGroup(call.store, request.SecurityGroupId);
    const { Version, Ingress, Egress } = request.SecurityGroupPolicySet;
    if (Version === "0") {
      call.store.tables.securityGroups.put({ ...group, ingress: [], egress: [], version: 0 });
      return {};
    }
    checkVersion(group, Version);
    const convert = (
      given: Models.SecurityGroupPolicy[] | undefined,
      kept: PolicyRecord[],
    ): PolicyRecord[] => given?.map((policy) => toRecord(call, policy)) ?? kept;
    save(call, group, convert(Ingress, group.ingress), convert(Egress, group.egress));
    return {};
  },
  "A direction that is not named is left alone; a Version that is not the next one is refused.",
);

const createSecurityGroupPolicies = action<Models.CreateSecurityGroupPoliciesRequest, Nothing>(
  "CreateSecurityGroupPolicies",
  s.model<Models.CreateSecurityGroupPoliciesRequest>({
    SecurityGroupId: s.id("sg"),
    SecurityGroupPolicySet: policySetSchema,
  }),
  (call, request) => {
    const group = requireSecurityGroup(call.store, request.SecurityGroupId);
    const { Version, Ingress = [], Egress = [] } = request.SecurityGroupPolicySet;
    checkVersion(group, Version);
    if (Ingress.length > 0 === Egress.length > 0) {
      throw new ApiError(
        "InvalidParameter.Coexist",
        "Give rules of exactly one direction, Ingress or Egress.",
      );
    }
    const insert = (
      given: Models.SecurityGroupPolicy[],
      existing: PolicyRecord[],
    ): PolicyRecord[] => {
      const at = given[0]?.PolicyIndex ?? 0;
      const added = given.map((policy) => toRecord(call, policy));
      return [...existing.slice(0, at), ...added, ...existing.slice(at)];
    };
    save(call, group, insert(Ingress, group.ingress), insert(Egress, group.egress));
    return {};
  },
);

const deleteSecurityGroupPolicies = action<Models.DeleteSecurityGroupPoliciesRequest, Nothing>(
  "DeleteSecurityGroupPolicies",
  s.model<Models.DeleteSecurityGroupPoliciesRequest>({
    SecurityGroupId: s.id("sg"),
    SecurityGroupPolicySet: policySetSchema,
  }),
  (call, request) => {
    const group = requireSecurityGroup(call.store, request.SecurityGroupId);
    const { Version, Ingress = [], Egress = [] } = request.SecurityGroupPolicySet;
    checkVersion(group, Version);
    const without = (
      given: Models.SecurityGroupPolicy[],
      existing: PolicyRecord[],
    ): PolicyRecord[] => {
      const gone = new Set(
        given.map((policy) => {
          const index =
            policy.PolicyIndex ??
            existing.findIndex((each) => sameRule(each, toRecord(call, policy)));
          if (index < 0 || index >= existing.length) {
            throw new ApiError(
              "InvalidParameterValue.Range",
              `${group.id} has no such rule to delete (index ${index}).`,
            );
          }
          return index;
        }),
      );
      return existing.filter((_, index) => !gone.has(index));
    };
    save(call, group, without(Ingress, group.ingress), without(Egress, group.egress));
    return {};
  },
);

function sameRule(a: PolicyRecord, b: PolicyRecord): boolean {
  const fields = ["protocol", "port", "cidr", "ipv6Cidr", "securityGroupId", "action"] as const;
  return fields.every((field) => a[field] === b[field]);
}

const describeSecurityGroupPolicies = action<
  Models.DescribeSecurityGroupPoliciesRequest,
  Models.DescribeSecurityGroupPoliciesResponse
>(
  "DescribeSecurityGroupPolicies",
  s.model<Models.DescribeSecurityGroupPoliciesRequest>({
    SecurityGroupId: s.id("sg"),
    Filters: s.refused,
  }),
  ({ store }, request) => {
    const group = requireSecurityGroup(store, request.SecurityGroupId);
    const count = (policies: PolicyRecord[], v6: boolean): number =>
      policies.filter((each) => (each.ipv6Cidr !== "") === v6).length;
    return {
      SecurityGroupPolicySet: {
        Version: String(group.version),
        Egress: group.egress.map(toModel),
        Ingress: group.ingress.map(toModel),
        PolicyStatistics: {
          IngressIPv4TotalCount: count(group.ingress, false),
          IngressIPv6TotalCount: count(group.ingress, true),
          EgressIPv4TotalCount: count(group.egress, false),
          EgressIPv6TotalCount: count(group.egress, true),
        },
      },
    };
  },
);

export const securityGroupPolicyActions = [
  modifySecurityGroupPolicies,
  createSecurityGroupPolicies,
  deleteSecurityGroupPolicies,
  describeSecurityGroupPolicies,
];
