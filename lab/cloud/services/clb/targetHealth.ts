import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call } from "../../action";
import * as s from "../../schema";
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
 * What the world's probes have found. Without a check every target gets traffic: its state is Close. Nobody probes the targets of public
 * load balancers and UDP listeners: theirs stays Unknown.
 */
function detailOf(
  call: Call,
  listener: ListenerRecord,
  target: TargetRecord,
): "Close" | "Alive" | "Dead" | "Unknown" {
  if (!listener.healthCheck.on) {
    return "Close";
  }
  const found = call
    .targetHealth()
    .find(
      (each) =>
        each.listenerId === listener.id &&
        each.instanceId === target.instanceId &&
        each.port === target.port,
    );
  return found?.state ?? "Unknown";
}

function toModel(call: Call, listener: ListenerRecord): s.Full<Models.ListenerHealth> {
  const { store } = call;
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
          const detail = detailOf(call, listener, target);
          return {
            IP: store.tables.instances.get(target.instanceId)?.privateIp ?? "",
            Port: target.port,
            HealthStatus: detail === "Alive" || detail === "Close",
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
  (call, request) => ({
    LoadBalancers: request.LoadBalancerIds.map((id) => {
      const { store } = call;
      const lb = requireLoadBalancer(store, id);
      return {
        LoadBalancerId: lb.id,
        LoadBalancerName: lb.name,
        Listeners: listenersOf(store, lb.id)
          .filter((each) => !request.ListenerIds?.length || request.ListenerIds.includes(each.id))
          .map((each) => toModel(call, each)),
      };
    }),
  }),
  "Nobody probes targets of public load balancers and of UDP listeners: they stay Unknown.",
);

export const targetHealthActions = [describeTargetHealth];
