import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, page } from "../../query";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagsOf } from "../../tags";
import { apiTime } from "../vpc/common";
import {
  listOf,
  name,
  oneOf,
  port,
  requireTargetGroup,
  rules,
  targetGroupId,
  vpcId,
} from "./common";
import type { ListenerRecord, TargetGroupRecord } from "./records";
import { addInstances, instanceSchema } from "./targetGroupInstances";

function listenersWith(store: Store, id: string): ListenerRecord[] {
  return store.tables.listeners.list().filter((each) => each.targetGroupId === id);
}

function toModel(store: Store, group: TargetGroupRecord): s.Full<Models.TargetGroupInfo> {
  const users = listenersWith(store, group.id);
  const tags = Object.entries(tagsOf(store, "clb/targetgroup", group.id));
  return {
    TargetGroupId: group.id,
    VpcId: group.vpcId,
    TargetGroupName: group.name,
    Port: group.port,
    CreatedTime: apiTime(group.createdAt),
    UpdatedTime: apiTime(group.updatedAt),
    AssociatedRule: users.map((listener) => ({
      LoadBalancerId: listener.loadBalancerId,
      ListenerId: listener.id,
      LocationId: "",
      Protocol: listener.protocol,
      Port: listener.port,
      Domain: "",
      Url: "",
      LoadBalancerName: store.tables.loadBalancers.get(listener.loadBalancerId)?.name ?? "",
      ListenerName: listener.name,
      Weight: 0,
      RuleId: "",
    })),
    Protocol: "",
    ScheduleAlgorithm: "",
    HealthCheck: null,
    TargetGroupType: "v1",
    AssociatedRuleCount: users.length,
    RegisteredInstancesCount: group.targets.length,
    Tag: tags.map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
    Weight: 0,
    FullListenSwitch: false,
    KeepaliveEnable: false,
    SessionExpireTime: 0,
    IpVersion: "",
    SnatEnable: false,
  };
}

const createTargetGroup = action<Models.CreateTargetGroupRequest, Models.CreateTargetGroupResponse>(
  "CreateTargetGroup",
  s.model<Models.CreateTargetGroupRequest>({
    // Refused is what only groups of version v2 have.
    TargetGroupName: name.optional(),
    VpcId: vpcId.optional(),
    Port: port().optional(),
    TargetGroupInstances: listOf(instanceSchema, 50).optional(),
    Type: oneOf("v1", "v2").optional(),
    Protocol: s.refused,
    HealthCheck: s.refused,
    ScheduleAlgorithm: s.refused,
    Tags: listOf(s.model<Models.TagInfo>({ TagKey: s.text, TagValue: s.text }), 20).optional(),
    Weight: s.optionalInteger,
    FullListenSwitch: s.optionalFlag,
    KeepaliveEnable: s.optionalFlag,
    SessionExpireTime: s.optionalInteger,
    IpVersion: s.optionalText,
    SnatEnable: s.optionalFlag,
  }),
  (call, request) => {
    const { store, now } = call;
    if (request.Type === "v2") {
      throw new ApiError("UnsupportedOperation", "The lab has target groups of version v1 only.");
    }
    if (request.VpcId === undefined || !store.tables.vpcs.get(request.VpcId)) {
      throw new ApiError("InvalidParameterValue", `There is no VPC '${request.VpcId ?? ""}'.`);
    }
    const instances = request.TargetGroupInstances ?? [];
    if (request.Port === undefined && !instances.some((each) => each.Port)) {
      throw new ApiError("InvalidParameterValue", "Give `Port`, or a port with every instance.");
    }
    const id = store.newId("lbtg", "targetGroups");
    const group = {
      id,
      seq: store.next(),
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
      name: request.TargetGroupName ?? id,
      vpcId: request.VpcId,
      port: request.Port ?? 0,
      targets: [],
    };
    store.tables.targetGroups.put({ ...group, targets: addInstances(call, group, instances) });
    const tags = (request.Tags ?? []).map((tag) => ({ Key: tag.TagKey, Value: tag.TagValue }));
    createTags(store, "clb/targetgroup", id, tags);
    return { TargetGroupId: id };
  },
);

const listSchema = s.model<Models.DescribeTargetGroupsRequest>({
  TargetGroupIds: targetGroupId.array().optional(),
  Filters: s.filters,
  Offset: s.optionalInteger,
  Limit: s.optionalInteger,
});

function list(
  { store }: Call,
  request: Models.DescribeTargetGroupsRequest,
): { TotalCount: number; TargetGroupSet: s.Full<Models.TargetGroupInfo>[] } {
  const ids = request.TargetGroupIds;
  if (ids?.length && request.Filters?.length) {
    throw new ApiError("InvalidParameter", "Give TargetGroupIds or Filters, not both.");
  }
  const found = applyFilters(
    store.tables.targetGroups.list().filter((each) => !ids?.length || ids.includes(each.id)),
    request.Filters,
    {
      TargetGroupVpcId: (v) => v.vpcId,
      TargetGroupName: (v) => v.name,
      Tag: (v) => Object.keys(tagsOf(store, "clb/targetgroup", v.id)),
    },
    rules,
  );
  return {
    TotalCount: found.length,
    TargetGroupSet: page(found, request.Offset, request.Limit, rules).map((each) =>
      toModel(store, each),
    ),
  };
}

const describeTargetGroups = action<
  Models.DescribeTargetGroupsRequest,
  Models.DescribeTargetGroupsResponse
>("DescribeTargetGroups", listSchema, list);

const describeTargetGroupList = action<
  Models.DescribeTargetGroupListRequest,
  Models.DescribeTargetGroupListResponse
>("DescribeTargetGroupList", listSchema, (call, request) => {
  const { TotalCount, TargetGroupSet } = list(call, request);
  // As documented: this list does not say who uses a group.
  return { TotalCount, TargetGroupSet: TargetGroupSet.map((v) => ({ ...v, AssociatedRule: [] })) };
});

const modifyTargetGroupAttribute = action<Models.ModifyTargetGroupAttributeRequest, Nothing>(
  "ModifyTargetGroupAttribute",
  s.model<Models.ModifyTargetGroupAttributeRequest>({
    // Refused is what only groups of version v2 have.
    TargetGroupId: targetGroupId,
    TargetGroupName: name.optional(),
    Port: port().optional(),
    ScheduleAlgorithm: s.refused,
    HealthCheck: s.refused,
    Weight: s.refused,
    KeepaliveEnable: s.refused,
    SessionExpireTime: s.refused,
    SnatEnable: s.refused,
  }),
  ({ store, now }, request) => {
    const group = requireTargetGroup(store, request.TargetGroupId);
    store.tables.targetGroups.put({
      ...group,
      name: request.TargetGroupName ?? group.name,
      port: request.Port ?? group.port,
      updatedAt: now.toISOString(),
    });
    return {};
  },
);

const deleteTargetGroups = action<Models.DeleteTargetGroupsRequest, Nothing>(
  "DeleteTargetGroups",
  s.model<Models.DeleteTargetGroupsRequest>({ TargetGroupIds: listOf(targetGroupId, 20) }),
  ({ store }, request) => {
    for (const id of new Set(request.TargetGroupIds)) {
      requireTargetGroup(store, id);
      const user = listenersWith(store, id)[0];
      if (user) {
        throw new ApiError("FailedOperation", `${id} is bound to the listener ${user.id}.`);
      }
      store.tables.targetGroups.remove(id);
      dropTags(store, "clb/targetgroup", id);
    }
    return {};
  },
);

export const targetGroupActions = [
  createTargetGroup,
  describeTargetGroups,
  describeTargetGroupList,
  modifyTargetGroupAttribute,
  deleteTargetGroups,
];
