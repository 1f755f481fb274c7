import type { HealthCheckSpec, ListenerSpec, LoadBalancerSpec } from "../hosts/loadBalancer";
import { listenersOf, targetsOf } from "./services/clb/common";
import type { HealthCheckRecord, ListenerRecord } from "./services/clb/records";
import type { Store } from "./store";

/** What the world should forward: TCP listeners of internal load balancers. Public ones and UDP have a control plane only. */
export function desiredLoadBalancers(store: Store): LoadBalancerSpec[] {
  return store.tables.loadBalancers
    .list()
    .filter(({ type }) => type === "INTERNAL")
    .map((lb) => ({
      loadBalancerId: lb.id,
      vip: lb.vip,
      vpcId: lb.vpcId,
      securityGroupIds: lb.securityGroupIds,
      passToTarget: lb.passToTarget,
      listeners: listenersOf(store, lb.id)
        .filter(({ protocol }) => protocol === "TCP")
        .map((listener) => toListener(store, listener)),
    }));
}

function toListener(store: Store, listener: ListenerRecord): ListenerSpec {
  const { healthCheck, reschedule } = listener;
  const leastConnections = listener.scheduler === "LEAST_CONN";
  return {
    listenerId: listener.id,
    port: listener.port,
    scheduler: leastConnections ? "LEAST_CONN" : "WRR",
    sticky: listener.sessionSeconds > 0 && !leastConnections,
    idleSeconds: listener.idleSeconds,
    ...(healthCheck.on && { healthCheck: toHealthCheck(healthCheck) }),
    reset: {
      deregistered: listener.deregisterTargetRst,
      unhealthy: reschedule.unhealthy,
      zeroWeight: reschedule.zeroWeight,
      afterSeconds: reschedule.start,
    },
    targets: targetsOf(store, listener).flatMap(({ instanceId, port, weight }) => {
      const address = store.tables.instances.get(instanceId)?.privateIp;
      return address === undefined ? [] : [{ instanceId, address, port, weight }];
    }),
  };
}

function toHealthCheck(check: HealthCheckRecord): HealthCheckSpec {
  const { custom } = check;
  return {
    kind: check.http ? "HTTP" : custom ? "CUSTOM" : "TCP",
    timeout: check.timeout,
    interval: check.interval,
    healthyAfter: check.healthyAfter,
    unhealthyAfter: check.unhealthyAfter,
    ...(check.port !== -1 && { port: check.port }),
    source: check.sourceIpType === 0 ? "vip" : "range",
    ...(check.http && { http: check.http }),
    ...(custom && {
      custom: {
        encoding: custom.context === "HEX" ? ("hex" as const) : ("latin1" as const),
        send: custom.send,
        receive: custom.receive,
      },
    }),
  };
}
