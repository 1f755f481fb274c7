import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters } from "../../query";
import { checkQuota } from "../../quotas";
import type { InstanceRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { presentInstances } from "../cvm/presentInstances";
import { apiTime } from "../vpc/common";
import { addressOf } from "../vpc/haVips";
import {
  instanceId,
  listenerId,
  listenersOf,
  listOf,
  loadBalancerId,
  port,
  requireListener,
  requireLoadBalancer,
  rules,
  targetsOf,
  within,
} from "./common";
import { findListeners } from "./listeners";
import type { ListenerRecord, TargetRecord } from "./records";
import { requireIdle, startTask } from "./tasks";

/** Most targets one call may name. */
const maxPerCall = 20;
const defaultWeight = 10;
const weight = within(0, 100).optional();

const targetSchema = s.model<Models.Target>({
  Port: port(),
  Type: s.optionalText,
  InstanceId: instanceId.optional(),
  Weight: weight,
  EniIp: s.optionalText,
  Tag: s.optionalText,
});

const changeSchema = {
  LoadBalancerId: loadBalancerId,
  ListenerId: listenerId,
  Targets: listOf(targetSchema, maxPerCall),
  // Of a rule of layer 7, which no listener of the lab has.
  LocationId: s.refused,
  Domain: s.refused,
  Url: s.refused,
};

/** The instance a target names. @throws ApiError unless it names exactly that. */
function instanceOf(target: Models.Target): string {
  if (target.EniIp) {
    throw new ApiError(
      target.InstanceId ? "InvalidParameter" : "UnsupportedOperation",
      target.InstanceId
        ? "A target has InstanceId or EniIp, not both."
        : "The lab has no network interfaces of their own: name the target by InstanceId.",
    );
  }
  if (!target.InstanceId) {
    throw new ApiError("MissingParameter", "A target needs `InstanceId`.");
  }
  return target.InstanceId;
}

function indexOf(listener: ListenerRecord, target: Models.Target): number {
  const id = instanceOf(target);
  return listener.targets.findIndex((each) => each.instanceId === id && each.port === target.Port);
}

/** Carries out a change of a listener's targets and begins its task. */
function change(
  call: Call,
  request: Models.RegisterTargetsRequest,
  work: (listener: ListenerRecord) => TargetRecord[],
): Record<string, never> {
  requireIdle(call, request.LoadBalancerId);
  const listener = requireListener(call.store, request);
  if (listener.targetType === "TARGETGROUP") {
    throw new ApiError(
      "InvalidParameterValue",
      `${listener.id} has TargetType TARGETGROUP: register instances with its group.`,
    );
  }
  call.store.tables.listeners.put({ ...listener, targets: work(listener) });
  startTask(call, [listener.loadBalancerId]);
  return {};
}

const registerTargets = action<Models.RegisterTargetsRequest, Nothing>(
  "RegisterTargets",
  s.model<Models.RegisterTargetsRequest>(changeSchema),
  (call, request) =>
    change(call, request, (listener) => {
      const { store, now } = call;
      const { vpcId } = requireLoadBalancer(store, listener.loadBalancerId);
      const targets = [...listener.targets];
      for (const target of request.Targets) {
        const id = instanceOf(target);
        const instance = presentInstances(store).find((each) => each.id === id);
        if (instance?.vpcId !== vpcId) {
          const what = instance ? `is in ${instance.vpcId}, not in ${vpcId}` : "does not exist";
          throw new ApiError("InvalidParameterValue", `The instance '${id}' ${what}.`);
        }
        if (indexOf({ ...listener, targets }, target) >= 0) {
          throw new ApiError(
            "InvalidParameterValue.Duplicate",
            `${listener.id} has the target ${id}:${target.Port} already.`,
          );
        }
        targets.push({
          instanceId: id,
          port: target.Port,
          weight: target.Weight ?? defaultWeight,
          tag: target.Tag ?? "",
          registeredAt: now.toISOString(),
        });
      }
      checkQuota(call, "targetsPerListener", targets.length, listener.id);
      return targets;
    }),
);

const modifyTargetWeight = action<Models.ModifyTargetWeightRequest, Nothing>(
  "ModifyTargetWeight",
  s.model<Models.ModifyTargetWeightRequest>({ ...changeSchema, Weight: weight }),
  (call, request) =>
    change(call, request, (listener) => {
      const targets = [...listener.targets];
      for (const target of request.Targets) {
        const index = requireTarget(listener, target);
        const wanted = target.Weight ?? request.Weight ?? defaultWeight;
        targets[index] = { ...(targets[index] as TargetRecord), weight: wanted };
      }
      return targets;
    }),
);

/** @throws ApiError `InvalidParameter`, which the provider takes for "gone already". */
function requireTarget(listener: ListenerRecord, target: Models.Target): number {
  const index = indexOf(listener, target);
  if (index < 0) {
    throw new ApiError(
      "InvalidParameter",
      `${listener.id} has no target ${target.InstanceId ?? ""}:${target.Port}.`,
    );
  }
  return index;
}

const deregisterTargets = action<Models.DeregisterTargetsRequest, Nothing>(
  "DeregisterTargets",
  s.model<Models.DeregisterTargetsRequest>(changeSchema),
  (call, request) =>
    change(call, request, (listener) => {
      const gone = new Set(request.Targets.map((target) => requireTarget(listener, target)));
      return listener.targets.filter((_, index) => !gone.has(index));
    }),
);

/** Forgets an instance that is gone wherever it is a target, as the real cloud does a while after its end. */
export function dropTargets(store: Store, id: string): void {
  const others = (targets: TargetRecord[]): TargetRecord[] =>
    targets.filter((each) => each.instanceId !== id);
  const { listeners, targetGroups } = store.tables;
  const has = (holder: { targets: TargetRecord[] }): boolean =>
    others(holder.targets).length < holder.targets.length;
  listeners
    .list()
    .filter(has)
    .forEach((each) => listeners.put({ ...each, targets: others(each.targets) }));
  targetGroups
    .list()
    .filter(has)
    .forEach((each) => targetGroups.put({ ...each, targets: others(each.targets) }));
}

/** What a listener and a target group tell alike of a target. */
export function describeTarget(
  store: Store,
  target: TargetRecord,
  instance: InstanceRecord | undefined,
) {
  const publicIp = addressOf(store, target.instanceId)?.ip ?? instance?.publicIp;
  return {
    Type: "CVM",
    InstanceId: target.instanceId,
    Port: target.port,
    Weight: target.weight,
    PublicIpAddresses: publicIp === undefined ? [] : [publicIp],
    PrivateIpAddresses: instance ? [instance.privateIp] : [],
    InstanceName: instance?.name ?? "",
    RegisteredTime: apiTime(target.registeredAt),
    EniId: "",
  };
}

function toModel(
  store: Store,
  target: TargetRecord,
  instance: InstanceRecord | undefined,
): s.Full<Models.Backend> {
  return {
    ...describeTarget(store, target, instance),
    Tag: target.tag,
    Zone: instance?.zone ?? "",
  };
}

const describeTargets = action<Models.DescribeTargetsRequest, Models.DescribeTargetsResponse>(
  "DescribeTargets",
  s.model<Models.DescribeTargetsRequest>({
    LoadBalancerId: loadBalancerId,
    ListenerIds: listOf(listenerId, 20).optional(),
    Protocol: s.optionalText,
    Port: s.optionalInteger,
    Filters: s.filters,
  }),
  ({ store }, request) => {
    const { id } = requireLoadBalancer(store, request.LoadBalancerId);
    const instance = (target: TargetRecord): InstanceRecord | undefined =>
      store.tables.instances.get(target.instanceId);
    return {
      Listeners: findListeners(listenersOf(store, id), request).map((listener) => ({
        ListenerId: listener.id,
        Protocol: listener.protocol,
        Port: listener.port,
        Rules: [],
        Targets: applyFilters(
          targetsOf(store, listener),
          request.Filters,
          {
            "location-id": () => [],
            "private-ip-address": (target) => instance(target)?.privateIp ?? [],
            tag: (target) => target.tag,
          },
          rules,
        ).map((target) => toModel(store, target, instance(target))),
        EndPort: 0,
      })),
    };
  },
);

export const targetActions = [
  registerTargets,
  describeTargets,
  modifyTargetWeight,
  deregisterTargets,
];
