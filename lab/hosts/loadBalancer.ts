/** What the local cloud asks of the world for internal CLBs, and what the world tells of them. */

/** How a listener finds out which targets are well. Times in seconds. */
export interface HealthCheckSpec {
  kind: "TCP" | "HTTP" | "CUSTOM";
  /** Longest time one probe may take; shorter than `interval`. */
  timeout: number;
  /** From the start of a probe to that of the next. */
  interval: number;
  /** Probes in a row that must succeed until a target is Alive, or fail until it is Dead. */
  healthyAfter: number;
  unhealthyAfter: number;
  /** Port that is probed; the target's own if absent. */
  port?: number;
  /** Probes come from the VIP, or from 100.64.0.0/10. */
  source: "vip" | "range";
  /** For HTTP. `codes` is a sum of 1 (1xx), 2 (2xx), 4 (3xx), 8 (4xx) and 16 (5xx). */
  http?: { domain: string; path: string; method: string; version: string; codes: number };
  /** For CUSTOM: what is sent, and what the answer must begin with. */
  custom?: { encoding: "hex" | "latin1"; send: string; receive: string };
}

export interface TargetSpec {
  instanceId: string;
  address: string;
  port: number;
  /** 0 to 100; 0 gets no new connections. */
  weight: number;
}

/** A TCP listener. */
export interface ListenerSpec {
  listenerId: string;
  port: number;
  scheduler: "WRR" | "LEAST_CONN";
  /** Connections of one client address go to one target. */
  sticky: boolean;
  /** A connection without a packet for so many seconds is forgotten. */
  idleSeconds: number;
  /** Absent: every target gets connections. */
  healthCheck?: HealthCheckSpec;
  /** What ends established connections by RST, `afterSeconds` later. Otherwise they go on for as long as both ends keep them. */
  reset: { deregistered: boolean; unhealthy: boolean; zeroWeight: boolean; afterSeconds: number };
  targets: TargetSpec[];
}

export interface LoadBalancerSpec {
  loadBalancerId: string;
  vip: string;
  vpcId: string;
  /** Judge who may call it. None: everybody may. */
  securityGroupIds: string[];
  /** The targets' own groups are not asked about what it forwards. */
  passToTarget: boolean;
  listeners: ListenerSpec[];
}

/** Unknown: not probed often enough yet. */
export type HealthState = "Alive" | "Dead" | "Unknown";

/** What a listener's probes found of one target. */
export interface TargetHealth {
  listenerId: string;
  instanceId: string;
  port: number;
  state: HealthState;
}
