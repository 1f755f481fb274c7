import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, page } from "../../query";
import { checkQuota } from "../../quotas";
import * as s from "../../schema";
import { presentInstances } from "../cvm/presentInstances";
import { zoneId } from "../cvm/zones";
import { listOf, port, requireTargetGroup, rules, targetGroupId, within } from "./common";
import type { TargetGroupRecord, TargetRecord } from "./records";
import { describeTarget } from "./targets";
import { startTask } from "./tasks";

const defaultWeight = 10;

export const instanceSchema = s.model<Models.TargetGroupInstance>({
  BindIP: s.text,
  Port: port().optional(),
  Weight: within(0, 100).optional(),
  // Zero asks for nothing; the provider sends it.
  NewPort: within(1, 65_535, { others: [0] }).optional(),
});

function portOf(group: TargetGroupRecord, instance: Models.TargetGroupInstance): number {
  const own = instance.Port ?? group.port;
  if (own === 0) {
    throw new ApiError("InvalidParameterValue", `${group.id} has no Port: give one with BindIP.`);
  }
  return own;
}

/** The group's targets with some more. @throws ApiError unless each is an instance of the group's VPC, and new. */
export function addInstances(
  call: Call,
  group: TargetGroupRecord,
  instances: Models.TargetGroupInstance[],
): TargetRecord[] {
  const targets = [...group.targets];
  for (const each of instances) {
    const instance = presentInstances(call.store).find(
      (other) => other.vpcId === group.vpcId && other.privateIp === each.BindIP,
    );
    if (!instance) {
      throw new ApiError(
        "InvalidParameterValue",
        `No instance of ${group.vpcId} has the address ${each.BindIP}.`,
      );
    }
    const onPort = portOf(group, each);
    if (targets.some((other) => other.instanceId === instance.id && other.port === onPort)) {
      throw new ApiError(
        "InvalidParameterValue",
        `${group.id} has the target ${each.BindIP}:${onPort} already.`,
      );
    }
    targets.push({
      instanceId: instance.id,
      port: onPort,
      weight: each.Weight ?? defaultWeight,
      tag: "",
      registeredAt: call.now.toISOString(),
    });
  }
  // The group stands for a listener's targets, so what limits those is taken to limit it.
  checkQuota(call, "targetsPerListener", targets.length, group.id);
  return targets;
}

const changeSchema = s.model<Models.RegisterTargetGroupInstancesRequest>({
  TargetGroupId: targetGroupId,
  TargetGroupInstances: listOf(instanceSchema, 50),
});

/** Carries out a change of a group's targets. Its task is no load balancer's: several may be under way at once. */
function change(
  call: Call,
  id: string,
  work: (group: TargetGroupRecord) => TargetRecord[],
): Record<string, never> {
  const group = requireTargetGroup(call.store, id);
  const updatedAt = call.now.toISOString();
  call.store.tables.targetGroups.put({ ...group, updatedAt, targets: work(group) });
  startTask(call, []);
  return {};
}

/** Where in a group a target is. @throws ApiError `InvalidParameterValue` when it is not there. */
function indexOf(call: Call, group: TargetGroupRecord, given: Models.TargetGroupInstance): number {
  const onPort = portOf(group, given);
  const index = group.targets.findIndex(
    (each) =>
      each.port === onPort &&
      call.store.tables.instances.get(each.instanceId)?.privateIp === given.BindIP,
  );
  if (index < 0) {
    throw new ApiError("InvalidParameterValue", `${group.id} has no ${given.BindIP}:${onPort}.`);
  }
  return index;
}

const registerTargetGroupInstances = action<Models.RegisterTargetGroupInstancesRequest, Nothing>(
  "RegisterTargetGroupInstances",
  changeSchema,
  (call, request) =>
    change(call, request.TargetGroupId, (group) =>
      addInstances(call, group, request.TargetGroupInstances),
    ),
);

const deregisterTargetGroupInstances = action<
  Models.DeregisterTargetGroupInstancesRequest,
  Nothing
>("DeregisterTargetGroupInstances", changeSchema, (call, request) =>
  change(call, request.TargetGroupId, (group) => {
    const gone = new Set(request.TargetGroupInstances.map((each) => indexOf(call, group, each)));
    return group.targets.filter((_, index) => !gone.has(index));
  }),
);

const modifyTargetGroupInstancesWeight = action<
  Models.ModifyTargetGroupInstancesWeightRequest,
  Nothing
>("ModifyTargetGroupInstancesWeight", changeSchema, (call, request) =>
  change(call, request.TargetGroupId, (group) => {
    const targets = [...group.targets];
    for (const each of request.TargetGroupInstances) {
      const index = indexOf(call, group, each);
      const weight = each.Weight ?? defaultWeight;
      targets[index] = { ...(targets[index] as TargetRecord), weight };
    }
    return targets;
  }),
);

const describeTargetGroupInstances = action<
  Models.DescribeTargetGroupInstancesRequest,
  Models.DescribeTargetGroupInstancesResponse
>(
  "DescribeTargetGroupInstances",
  s.model<Models.DescribeTargetGroupInstancesRequest>({
    Filters: s.model<Models.Filter>({ Name: s.text, Values: s.texts }).array(),
    Limit: s.optionalInteger,
    Offset: s.optionalInteger,
  }),
  ({ store }, request) => {
    const rows = store.tables.targetGroups.list().flatMap((group) =>
      group.targets.map((target) => ({
        group,
        target,
        instance: store.tables.instances.get(target.instanceId),
      })),
    );
    const found = applyFilters(
      rows,
      request.Filters,
      {
        TargetGroupId: (v) => v.group.id,
        BindIP: (v) => v.instance?.privateIp ?? [],
        InstanceId: (v) => v.target.instanceId,
      },
      rules,
    );
    return {
      TotalCount: found.length,
      RealCount: found.length,
      TargetGroupInstanceSet: page(found, request.Offset, request.Limit, rules).map(
        ({ group, target, instance }) => ({
          ...describeTarget(store, target, instance),
          TargetGroupId: group.id,
          ZoneId: Number(zoneId(instance?.zone ?? "")),
        }),
      ),
    };
  },
);

export const targetGroupInstanceActions = [
  registerTargetGroupInstances,
  deregisterTargetGroupInstances,
  modifyTargetGroupInstancesWeight,
  describeTargetGroupInstances,
];
