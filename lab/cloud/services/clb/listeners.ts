import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { checkQuota } from "../../quotas";
import * as s from "../../schema";
import type { Store } from "../../store";
import { apiTime } from "../vpc/common";
import {
  listenerId,
  listenersOf,
  listOf,
  loadBalancerId,
  name,
  oneOf,
  port,
  requireListener,
  requireLoadBalancer,
} from "./common";
import { healthCheckToModel } from "./healthChecks";
import { listenerSettings, protocolOf, sharedFields } from "./listenerSettings";
import type { ListenerRecord } from "./records";
import { requireIdle, startTask } from "./tasks";

function toModel(store: Store, listener: ListenerRecord): s.Full<Models.Listener> {
  const { reschedule } = listener;
  const flags: [string, boolean][] = [
    ["RescheduleUnhealthy", reschedule.unhealthy],
    ["RescheduleTargetZeroWeight", reschedule.zeroWeight],
    ["RescheduleExpandTarget", reschedule.expand],
  ];
  const bound = store.tables.targetGroups.get(listener.targetGroupId ?? "");
  const group = bound ? { TargetGroupId: bound.id, TargetGroupName: bound.name, Weight: 0 } : null;
  return {
    ListenerId: listener.id,
    Protocol: listener.protocol,
    Port: listener.port,
    Certificate: null,
    HealthCheck: healthCheckToModel(listener.healthCheck),
    Scheduler: listener.scheduler,
    SessionExpireTime: listener.sessionSeconds,
    SniSwitch: 0,
    Rules: [],
    ListenerName: listener.name,
    CreateTime: apiTime(listener.createdAt),
    EndPort: 0,
    TargetType: listener.targetType,
    TargetGroup: group,
    SessionType: listener.sessionType,
    KeepaliveEnable: 0,
    Toa: false,
    DeregisterTargetRst: listener.deregisterTargetRst,
    AttrFlags: flags.flatMap(([flag, on]) => (on ? [flag] : [])),
    TargetGroupList: group ? [group] : [],
    MaxConn: listener.maxConnections,
    MaxCps: listener.maxNewConnections,
    IdleConnectTimeout: listener.idleSeconds,
    RescheduleInterval: reschedule.interval,
    DataCompressMode: "transparent",
    RescheduleStartTime: reschedule.start,
  };
}

const createListener = action<Models.CreateListenerRequest, Models.CreateListenerResponse>(
  "CreateListener",
  s.model<Models.CreateListenerRequest>({
    ...sharedFields,
    Ports: listOf(port("InvalidParameter.PortCheckFailed"), 50),
    Protocol: s.text,
    ListenerNames: name.array().optional(),
    Scheduler: oneOf("WRR", "LEAST_CONN").optional(),
    EndPort: s.refused,
    FullEndPorts: s.refused,
    H2cSwitch: s.refused,
    SslCloseSwitch: s.refused,
  }),
  (call, request) => {
    const { store, now } = call;
    requireIdle(call, request.LoadBalancerId);
    const { id } = requireLoadBalancer(store, request.LoadBalancerId);
    const protocol = protocolOf(request.Protocol);
    const names = request.ListenerNames;
    if (names && names.length !== request.Ports.length) {
      throw new ApiError(
        "InvalidParameterValue.Length",
        `ListenerNames has ${names.length} entries, Ports has ${request.Ports.length}.`,
      );
    }
    const existing = listenersOf(store, id);
    const ports = request.Ports.map(Number);
    const clash = ports.find(
      (each, index) =>
        ports.indexOf(each) !== index ||
        existing.some((other) => other.protocol === protocol && other.port === each),
    );
    if (clash !== undefined) {
      throw new ApiError(
        "InvalidParameter.PortCheckFailed",
        `${id} has a ${protocol} listener on port ${clash} already, or would have two.`,
      );
    }
    checkQuota(call, "listenersPerLoadBalancer", existing.length + ports.length, id);
    const made = ports.map((each, index) =>
      store.tables.listeners.put({
        ...listenerSettings(call, request, protocol),
        id: store.newId("lbl", "listeners"),
        seq: store.next(),
        createdAt: now.toISOString(),
        loadBalancerId: id,
        name: names?.[index] ?? "",
        port: each,
      }),
    );
    startTask(call, [id]);
    return { ListenerIds: made.map((each) => each.id) };
  },
);

const describeListeners = action<Models.DescribeListenersRequest, Models.DescribeListenersResponse>(
  "DescribeListeners",
  s.model<Models.DescribeListenersRequest>({
    LoadBalancerId: loadBalancerId,
    ListenerIds: listOf(listenerId, 100).optional(),
    Protocol: s.optionalText,
    Port: s.optionalInteger,
  }),
  ({ store }, request) => {
    const { id } = requireLoadBalancer(store, request.LoadBalancerId);
    const found = findListeners(listenersOf(store, id), request);
    return { Listeners: found.map((each) => toModel(store, each)), TotalCount: found.length };
  },
);

/** The listeners that a list call asks for; what it does not name is any. */
export function findListeners(
  listeners: ListenerRecord[],
  wanted: { ListenerIds?: string[]; Protocol?: string; Port?: number },
): ListenerRecord[] {
  const { ListenerIds: ids, Protocol: protocol, Port: onPort } = wanted;
  return listeners.filter(
    (each) =>
      (!ids || ids.includes(each.id)) &&
      (!protocol || each.protocol === protocol.toUpperCase()) &&
      (!onPort || each.port === onPort),
  );
}

const modifyListener = action<Models.ModifyListenerRequest, Nothing>(
  "ModifyListener",
  s.model<Models.ModifyListenerRequest>({
    ...sharedFields,
    ListenerId: listenerId,
    ListenerName: name.optional(),
    Scheduler: oneOf("WRR", "LEAST_CONN", "IP_HASH").optional(),
  }),
  (call, request) => {
    requireIdle(call, request.LoadBalancerId);
    const listener = requireListener(call.store, request);
    call.store.tables.listeners.put({
      ...listener,
      ...listenerSettings(call, request, listener.protocol, listener),
      name: request.ListenerName ?? listener.name,
    });
    startTask(call, [listener.loadBalancerId]);
    return {};
  },
);

const deleteListener = action<Models.DeleteListenerRequest, Nothing>(
  "DeleteListener",
  s.model<Models.DeleteListenerRequest>({
    LoadBalancerId: loadBalancerId,
    ListenerId: listenerId,
  }),
  (call, request) => {
    requireIdle(call, request.LoadBalancerId);
    const listener = requireListener(call.store, request);
    call.store.tables.listeners.remove(listener.id);
    startTask(call, [listener.loadBalancerId]);
    return {};
  },
);

export const listenerActions = [createListener, describeListeners, modifyListener, deleteListener];
