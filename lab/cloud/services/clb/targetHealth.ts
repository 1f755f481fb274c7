import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action } from "../../action";
import { effectivePower } from "../../desiredWorld";
import * as s from "../../schema";
import type { Store } from "../../store";
import {
  listenerId,
  listenersOf,
  listOf,
  loadBalancerId,
  requireLoadBalancer,
  targetsOf,
} from "./common";
import type { ListenerRecord, TargetRecord } from "./records";

/**
 * What a check would find: the lab sends none, so a target is well while its machine has power. Without a check every target
 * gets traffic, so all are called healthy.
 */
function detailOf(
  store: Store,
  listener: ListenerRecord,
  target: TargetRecord,
): "Close" | "Alive" | "Dead" {
  if (!listener.healthCheck.on) {
    return "Close";
  }
  const dead = new Set(store.tables.deadHosts.list().map((each) => each.id));
  const instance = store.tables.instances.get(target.instanceId);
  const up = instance?.state === "RUNNING" && effectivePower(instance, dead) === "running";
  return up ? "Alive" : "Dead";
}

function toModel(store: Store, listener: ListenerRecord): s.Full<Models.ListenerHealth> {
  return {
    ListenerId: listener.id,
    ListenerName: listener.name,
    Protocol: listener.protocol,
    Port: listener.port,
    Rules: [
      {
        LocationId: "",
        Domain: "",
        Url: "",
        RuleId: "",
        Targets: targetsOf(store, listener).map((target) => {
          const detail = detailOf(store, listener, target);
          return {
            IP: store.tables.instances.get(target.instanceId)?.privateIp ?? "",
            Port: target.port,
            HealthStatus: detail !== "Dead",
            TargetId: target.instanceId,
            HealthStatusDetail: detail,
            HealthStatusDetial: detail,
            TargetGroupId: listener.targetGroupId ?? "",
            Weight: target.weight,
          };
        }),
      },
    ],
  };
}

const describeTargetHealth = action<
  Models.DescribeTargetHealthRequest,
  Models.DescribeTargetHealthResponse
>(
  "DescribeTargetHealth",
  s.model<Models.DescribeTargetHealthRequest>({
    LoadBalancerIds: listOf(loadBalancerId, 30),
    ListenerIds: listenerId.array().optional(),
    LocationIds: s.optionalTexts,
  }),
  ({ store }, request) => ({
    LoadBalancers: request.LoadBalancerIds.map((id) => {
      const lb = requireLoadBalancer(store, id);
      return {
        LoadBalancerId: lb.id,
        LoadBalancerName: lb.name,
        Listeners: listenersOf(store, lb.id)
          .filter((each) => !request.ListenerIds?.length || request.ListenerIds.includes(each.id))
          .map((each) => toModel(store, each)),
      };
    }),
  }),
);

export const targetHealthActions = [describeTargetHealth];
