import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Nothing } from "../../action";
import { ApiError, resourceNotFound } from "../../errors";
import { applyFilters, page, refuseBoth, vpcRules } from "../../query";
import { checkQuota } from "../../quotas";
import type { SecurityGroupRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { apiTime, requireName } from "./common";

/** @throws ApiError `ResourceNotFound` */
export function requireSecurityGroup(store: Store, id: string): SecurityGroupRecord {
  const group = store.tables.securityGroups.get(id);
  if (!group) {
    throw resourceNotFound(id);
  }
  return group;
}

function toModel(store: Store, group: SecurityGroupRecord): s.Full<Models.SecurityGroup> {
  return {
    SecurityGroupId: group.id,
    SecurityGroupName: group.name,
    SecurityGroupDesc: group.description,
    ProjectId: group.projectId,
    IsDefault: false,
    CreatedTime: apiTime(group.createdAt),
    TagSet: tagSet(store, "cvm/sg", group.id),
    UpdateTime: apiTime(group.updatedAt),
  };
}

const createSecurityGroup = action<
  Models.CreateSecurityGroupRequest,
  Models.CreateSecurityGroupResponse
>(
  "CreateSecurityGroup",
  s.model<Models.CreateSecurityGroupRequest>({
    GroupName: s.name(60),
    GroupDescription: s.text,
    ProjectId: s.optionalText,
    Tags: s.keyValueTags,
  }),
  (call, request) => {
    const { store, now } = call;
    requireName("GroupName", request.GroupName);
    if (request.GroupDescription.length > 100) {
      throw new ApiError(
        "InvalidParameterValue.TooLong",
        "`GroupDescription` is longer than 100 characters.",
      );
    }
    checkQuota(call, "securityGroups", store.tables.securityGroups.list().length + 1);
    const createdAt = now.toISOString();
    const group = store.tables.securityGroups.put({
      id: store.newId("sg", "securityGroups"),
      seq: store.next(),
      createdAt,
      updatedAt: createdAt,
      name: request.GroupName,
      description: request.GroupDescription,
      projectId: request.ProjectId ?? "0",
      version: 0,
      ingress: [],
      egress: [],
    });
    createTags(store, "cvm/sg", group.id, request.Tags);
    return { SecurityGroup: toModel(store, group) };
  },
);

const describeSecurityGroups = action<
  Models.DescribeSecurityGroupsRequest,
  Models.DescribeSecurityGroupsResponse
>(
  "DescribeSecurityGroups",
  s.model<Models.DescribeSecurityGroupsRequest>({
    SecurityGroupIds: s.id("sg").array().optional(),
    Filters: s.filters,
    Offset: s.optionalText,
    Limit: s.optionalText,
    OrderField: s.ignored,
    OrderDirection: s.ignored,
  }),
  ({ store }, request) => {
    refuseBoth(request.SecurityGroupIds, request.Filters);
    const chosen = request.SecurityGroupIds
      ? request.SecurityGroupIds.map((id) => requireSecurityGroup(store, id))
      : store.tables.securityGroups.list();
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "security-group-id": (v) => v.id,
        "security-group-name": (v) => v.name,
        "project-id": (v) => v.projectId,
      },
      vpcRules,
      (v) => tagsOf(store, "cvm/sg", v.id),
    );
    return {
      SecurityGroupSet: page(found, request.Offset, request.Limit, vpcRules).map((v) =>
        toModel(store, v),
      ),
      TotalCount: found.length,
    };
  },
  "ResourceNotFound for an unknown id in the list.",
);

const modifySecurityGroupAttribute = action<Models.ModifySecurityGroupAttributeRequest, Nothing>(
  "ModifySecurityGroupAttribute",
  s.model<Models.ModifySecurityGroupAttributeRequest>({
    SecurityGroupId: s.id("sg"),
    GroupName: s.name(60).optional(),
    GroupDescription: s.optionalText,
  }),
  ({ store, now }, request) => {
    const group = requireSecurityGroup(store, request.SecurityGroupId);
    store.tables.securityGroups.put({
      ...group,
      name: request.GroupName ?? group.name,
      description: request.GroupDescription ?? group.description,
      updatedAt: now.toISOString(),
    });
    return {};
  },
);

/** Ids of instances and load balancers in a group, and of other groups whose rules name it. */
function users(
  store: Store,
  id: string,
): { instances: string[]; loadBalancers: string[]; groups: string[] } {
  const refers = (group: SecurityGroupRecord): boolean =>
    [...group.ingress, ...group.egress].some((policy) => policy.securityGroupId === id);
  return {
    instances: store.tables.instances
      .list()
      .filter((each) => each.securityGroupIds.includes(id))
      .filter((each) => each.state !== "TERMINATING" && each.state !== "LAUNCH_FAILED")
      .map((each) => each.id),
    loadBalancers: store.tables.loadBalancers
      .list()
      .filter((each) => each.securityGroupIds.includes(id))
      .map((each) => each.id),
    groups: store.tables.securityGroups
      .list()
      .filter((each) => each.id !== id && refers(each))
      .map((each) => each.id),
  };
}

const deleteSecurityGroup = action<Models.DeleteSecurityGroupRequest, Nothing>(
  "DeleteSecurityGroup",
  s.model<Models.DeleteSecurityGroupRequest>({ SecurityGroupId: s.id("sg") }),
  ({ store }, request) => {
    const group = requireSecurityGroup(store, request.SecurityGroupId);
    const inUse = Object.values(users(store, group.id)).flat();
    if (inUse.length > 0) {
      throw new ApiError("ResourceInUse", `${group.id} is still used by ${inUse.join(", ")}.`);
    }
    store.tables.securityGroups.remove(group.id);
    dropTags(store, "cvm/sg", group.id);
    return {};
  },
);

const describeSecurityGroupAssociationStatistics = action<
  Models.DescribeSecurityGroupAssociationStatisticsRequest,
  Models.DescribeSecurityGroupAssociationStatisticsResponse
>(
  "DescribeSecurityGroupAssociationStatistics",
  s.model<Models.DescribeSecurityGroupAssociationStatisticsRequest>({
    SecurityGroupIds: s.id("sg").array(),
  }),
  ({ store }, request) => ({
    SecurityGroupAssociationStatisticsSet: request.SecurityGroupIds.map((id) => {
      const found = users(store, requireSecurityGroup(store, id).id);
      const [cvm, clb, sg] = [found.instances, found.loadBalancers, found.groups].map(
        (ids) => ids.length,
      ) as [number, number, number];
      return {
        SecurityGroupId: id,
        CVM: cvm,
        CDB: 0,
        ENI: 0,
        SG: sg,
        CLB: clb,
        InstanceStatistics: [
          { InstanceType: "CVM", InstanceCount: cvm },
          { InstanceType: "CLB", InstanceCount: clb },
          { InstanceType: "SG", InstanceCount: sg },
        ],
        TotalCount: cvm + clb + sg,
      };
    }),
  }),
);

export const securityGroupActions = [
  createSecurityGroup,
  describeSecurityGroups,
  modifySecurityGroupAttribute,
  deleteSecurityGroup,
  describeSecurityGroupAssociationStatistics,
];
