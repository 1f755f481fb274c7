/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still sent and must be covered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, cvmRules, page } from "../../query";
import { checkQuota, type QuotaName } from "../../quotas";
import type { InstanceRecord, PlacementGroupRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, specifiedTags, tagSet, tagsOf } from "../../tags";
import { presentInstances } from "./presentInstances";

/** The quota of members of a group, by type. */
export const memberQuotas = {
  HOST: "membersOfHostGroup",
  SW: "membersOfSwitchGroup",
  RACK: "membersOfRackGroup",
} as const satisfies Record<PlacementGroupRecord["type"], QuotaName>;
export const groupId = s.id("ps", "InvalidParameterValue.DisasterRecoverGroupIdMalformed");

/** @throws ApiError with the code the calling action uses for a group that is not there. */
export function requireGroup(
  store: Store,
  id: string,
  code = "ResourceNotFound.InvalidPlacementSet",
): PlacementGroupRecord {
  const group = store.tables.placementGroups.get(id);
  if (!group) {
    throw new ApiError(code, `The placement group '${id}' does not exist.`);
  }
  return group;
}

/** Instances of a group. One that goes or never came up is no member. */
export function membersOf(store: Store, id: string): InstanceRecord[] {
  return presentInstances(store).filter((each) => each.groupIds.includes(id));
}

function toModel(
  { store, settings }: Call,
  group: PlacementGroupRecord,
): s.Full<Models.DisasterRecoverGroup> {
  const members = membersOf(store, group.id);
  return {
    DisasterRecoverGroupId: group.id,
    Name: group.name,
    Type: group.type,
    CvmQuotaTotal: settings.quotas[memberQuotas[group.type]],
    CurrentNum: members.length,
    InstanceIds: members.map((each) => each.id),
    CreateTime: group.createdAt,
    Affinity: group.affinity,
    Strategy: "SPREAD",
    PartitionCount: 0,
    Tags: tagSet(store, "cvm/ps", group.id),
  };
}

/** How many groups and members there may be, and how many groups there are. */
export function groupQuota({ store, settings }: Call): s.Full<Models.DisasterRecoverGroupQuota> {
  return {
    GroupQuota: settings.quotas.placementGroups,
    CurrentNum: store.tables.placementGroups.list().length,
    CvmInHostGroupQuota: settings.quotas.membersOfHostGroup,
    CvmInSwitchGroupQuota: settings.quotas.membersOfSwitchGroup,
    CvmInRackGroupQuota: settings.quotas.membersOfRackGroup,
  };
}

function checkName(name: string): void {
  if (name.length < 1 || name.length > 60) {
    throw new ApiError("InvalidParameterValue.TooLong", "`Name` has 1 to 60 characters.");
  }
}

function checkAffinity(affinity: number): void {
  if (affinity < 1 || affinity > 10) {
    throw new ApiError("InvalidParameterValue.Range", `Affinity is 1 to 10, not ${affinity}.`);
  }
}

const createDisasterRecoverGroup = action<
  Models.CreateDisasterRecoverGroupRequest,
  Models.CreateDisasterRecoverGroupResponse
>(
  "CreateDisasterRecoverGroup",
  s.model<Models.CreateDisasterRecoverGroupRequest>({
    Name: s.name(60),
    Type: s.text,
    ClientToken: s.optionalText,
    Affinity: s.optionalInteger,
    Strategy: s.optionalText,
    PartitionCount: s.refused,
    TagSpecification: s.tagSpecification,
  }),
  (call, request) => {
    const { store, settings, now } = call;
    checkName(request.Name);
    const { Type: type, Affinity: affinity = 1 } = request;
    checkAffinity(affinity);
    if (type !== "HOST" && type !== "SW" && type !== "RACK") {
      throw new ApiError("InvalidParameterValue", `Type '${type}' is not HOST, SW or RACK.`);
    }
    if (request.Strategy !== undefined && request.Strategy !== "SPREAD") {
      throw new ApiError(
        "UnsupportedOperation",
        "Only the strategy SPREAD is open to this account.",
      );
    }
    checkQuota(call, "placementGroups", store.tables.placementGroups.list().length + 1);
    const group = store.tables.placementGroups.put({
      id: store.newId("ps", "placementGroups"),
      seq: store.next(),
      createdAt: now.toISOString(),
      name: request.Name,
      type,
      affinity,
    });
    createTags(store, "cvm/ps", group.id, specifiedTags(request.TagSpecification, "ps"));
    return {
      DisasterRecoverGroupId: group.id,
      Type: group.type,
      Name: group.name,
      CvmQuotaTotal: settings.quotas[memberQuotas[group.type]],
      CurrentNum: 0,
      CreateTime: group.createdAt,
      Strategy: "SPREAD",
      PartitionCount: 0,
    };
  },
);

const describeDisasterRecoverGroups = action<
  Models.DescribeDisasterRecoverGroupsRequest,
  Models.DescribeDisasterRecoverGroupsResponse
>(
  "DescribeDisasterRecoverGroups",
  s.model<Models.DescribeDisasterRecoverGroupsRequest>({
    DisasterRecoverGroupIds: groupId.array().optional(),
    Name: s.optionalText,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
    Filters: s.filters,
  }),
  (call, request) => {
    const { store } = call;
    const chosen = store.tables.placementGroups
      .list()
      .filter(
        (each) =>
          (!request.DisasterRecoverGroupIds?.length ||
            request.DisasterRecoverGroupIds.includes(each.id)) &&
          (!request.Name || each.name.includes(request.Name)),
      );
    const found = applyFilters(chosen, request.Filters, {}, cvmRules, (v) =>
      tagsOf(store, "cvm/ps", v.id),
    );
    return {
      DisasterRecoverGroupSet: page(found, request.Offset, request.Limit, cvmRules).map((v) =>
        toModel(call, v),
      ),
      TotalCount: found.length,
    };
  },
);

const modifyDisasterRecoverGroupAttribute = action<
  Models.ModifyDisasterRecoverGroupAttributeRequest,
  Nothing
>(
  "ModifyDisasterRecoverGroupAttribute",
  s.model<Models.ModifyDisasterRecoverGroupAttributeRequest>({
    DisasterRecoverGroupId: groupId,
    Name: s.name(60),
    Affinity: s.optionalInteger,
  }),
  ({ store }, request) => {
    const group = requireGroup(store, request.DisasterRecoverGroupId);
    checkName(request.Name);
    const affinity = request.Affinity ?? group.affinity;
    checkAffinity(affinity);
    if (affinity < group.affinity) {
      throw new ApiError("InvalidParameterValue", "Affinity can only be raised.");
    }
    store.tables.placementGroups.put({ ...group, name: request.Name, affinity });
    return {};
  },
);

const deleteDisasterRecoverGroups = action<Models.DeleteDisasterRecoverGroupsRequest, Nothing>(
  "DeleteDisasterRecoverGroups",
  s.model<Models.DeleteDisasterRecoverGroupsRequest>({
    DisasterRecoverGroupIds: groupId.array().min(1),
  }),
  ({ store }: Call, request) => {
    for (const id of request.DisasterRecoverGroupIds) {
      requireGroup(store, id);
      const members = membersOf(store, id);
      if (members.length > 0) {
        throw new ApiError(
          "FailedOperation.PlacementSetNotEmpty",
          `${id} still has ${members.map((each) => each.id).join(", ")}.`,
        );
      }
      store.tables.placementGroups.remove(id);
      dropTags(store, "cvm/ps", id);
    }
    return {};
  },
);

const describeDisasterRecoverGroupQuota = action<
  object,
  Models.DescribeDisasterRecoverGroupQuotaResponse
>("DescribeDisasterRecoverGroupQuota", s.model<object>({}), (call) => {
  const quota = groupQuota(call);
  return { ...quota, CvmInSwGroupQuota: quota.CvmInSwitchGroupQuota };
});

export const placementGroupActions = [
  createDisasterRecoverGroup,
  describeDisasterRecoverGroups,
  modifyDisasterRecoverGroupAttribute,
  deleteDisasterRecoverGroups,
  describeDisasterRecoverGroupQuota,
];
