import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import type { Call } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import { loadBalancerId, oneOf, requireLoadBalancer, within } from "./common";
import { healthCheck, healthCheckSchema } from "./healthChecks";
import type { ListenerRecord } from "./records";

/** Schemas of the fields that creation and change share. What a listener of layer 4 does not have is refused. */
export const sharedFields = {
  LoadBalancerId: loadBalancerId,
  HealthCheck: healthCheckSchema.optional(),
  Certificate: s.refused,
  MultiCertInfo: s.refused,
  SessionExpireTime: within(30, 3600, { others: [0] }).optional(),
  SniSwitch: s.refused,
  TargetType: oneOf("NODE", "TARGETGROUP").optional(),
  SessionType: oneOf("NORMAL", "QUIC_CID").optional(),
  KeepaliveEnable: s.refused,
  DeregisterTargetRst: s.optionalFlag,
  MaxConn: within(1, 1_000_000_000, { others: [-1] }).optional(),
  MaxCps: within(1, 1_000_000_000, { others: [-1] }).optional(),
  IdleConnectTimeout: within(10, 1980).optional(),
  ProxyProtocol: s.refused,
  SnatEnable: s.refused,
  DataCompressMode: s.refused,
  RescheduleTargetZeroWeight: s.optionalFlag,
  RescheduleUnhealthy: s.optionalFlag,
  RescheduleExpandTarget: s.optionalFlag,
  RescheduleStartTime: within(0, 3600).optional(),
  RescheduleInterval: within(0, 3600).optional(),
};

/** What a listener is set to do. */
type Settings = Omit<
  ListenerRecord,
  "id" | "seq" | "createdAt" | "loadBalancerId" | "port" | "name"
>;

/** A listener's settings after a call: what the call names over what was there, or over the documented defaults. */
export function listenerSettings(
  call: Call,
  request: Models.CreateListenerRequest | Models.ModifyListenerRequest,
  protocol: ListenerRecord["protocol"],
  known?: ListenerRecord,
): Settings {
  const targetType = request.TargetType === "TARGETGROUP" ? "TARGETGROUP" : "NODE";
  const bound = known && (known.targets.length > 0 || known.targetGroupId !== undefined);
  if (bound && request.TargetType !== undefined && targetType !== known.targetType) {
    throw new ApiError("InvalidParameterValue", `${known.id} has targets: TargetType stays.`);
  }
  if (request.SessionType === "QUIC_CID" && protocol !== "UDP") {
    throw new ApiError("InvalidParameterValue", "SessionType QUIC_CID is for UDP listeners.");
  }
  const { slaType } = requireLoadBalancer(call.store, request.LoadBalancerId);
  const longestIdle = slaType === "" ? 900 : 1980;
  const idleSeconds =
    request.IdleConnectTimeout ?? known?.idleSeconds ?? (protocol === "TCP" ? 900 : 300);
  if (idleSeconds > longestIdle) {
    throw new ApiError(
      "InvalidParameterValue",
      `IdleConnectTimeout ${idleSeconds} is not 10 to ${longestIdle}, which this kind of load balancer has.`,
    );
  }
  const limits = [request.MaxConn, request.MaxCps].filter((each) => each !== undefined);
  if (slaType === "" && limits.some((each) => each !== -1)) {
    throw new ApiError(
      "InvalidParameterValue",
      "MaxConn and MaxCps are for performance-capacity load balancers (SlaType).",
    );
  }
  return {
    protocol,
    scheduler: request.Scheduler ?? known?.scheduler ?? "WRR",
    sessionSeconds: request.SessionExpireTime ?? known?.sessionSeconds ?? 0,
    sessionType: request.SessionType ?? known?.sessionType ?? "NORMAL",
    idleSeconds,
    maxConnections: request.MaxConn ?? known?.maxConnections ?? -1,
    maxNewConnections: request.MaxCps ?? known?.maxNewConnections ?? -1,
    deregisterTargetRst: request.DeregisterTargetRst ?? known?.deregisterTargetRst ?? false,
    reschedule: {
      start: request.RescheduleStartTime ?? known?.reschedule.start ?? 0,
      interval: request.RescheduleInterval ?? known?.reschedule.interval ?? 0,
      unhealthy: request.RescheduleUnhealthy ?? known?.reschedule.unhealthy ?? false,
      zeroWeight: request.RescheduleTargetZeroWeight ?? known?.reschedule.zeroWeight ?? false,
      expand: request.RescheduleExpandTarget ?? known?.reschedule.expand ?? false,
    },
    healthCheck: healthCheck(protocol, request.HealthCheck, known?.healthCheck),
    targetType: request.TargetType === undefined ? (known?.targetType ?? "NODE") : targetType,
    targets: known?.targets ?? [],
  };
}

/** @throws ApiError when the protocol is none the lab serves. */
export function protocolOf(text: string): ListenerRecord["protocol"] {
  const protocol = text.toUpperCase();
  if (protocol === "TCP" || protocol === "UDP") {
    return protocol;
  }
  if (["HTTP", "HTTPS", "TCP_SSL", "QUIC"].includes(protocol)) {
    throw new ApiError(
      "UnsupportedOperation",
      `The lab has no ${protocol} listeners, TCP and UDP only.`,
    );
  }
  throw new ApiError("InvalidParameterValue", `Protocol '${text}' does not exist.`);
}
