import type { BaseRecord } from "../../records";

export interface LoadBalancerRecord extends BaseRecord {
  name: string;
  type: "OPEN" | "INTERNAL";
  vip: string;
  vpcId: string;
  /** Where the VIP of an INTERNAL one comes from; empty for OPEN. */
  subnetId: string;
  projectId: number;
  securityGroupIds: string[];
  /** Traffic to targets passes by the load balancer's groups alone, not the targets' too. */
  passToTarget: boolean;
  deleteProtect: boolean;
  /** Specification of a performance-capacity one, empty for a shared one. */
  slaType: string;
  isp: string;
  chargeType: string;
  /** Only OPEN ones have any. */
  internet?: { chargeType: string; bandwidthMbps: number };
}

/** How a listener finds out which targets are well. Times in seconds. */
export interface HealthCheckRecord {
  on: boolean;
  timeout: number;
  interval: number;
  healthyAfter: number;
  unhealthyAfter: number;
  type: string;
  /** -1: the target's own port. */
  port: number;
  /** 0: from the VIP, 1: from 100.64.0.0/10. */
  sourceIpType: number;
  http?: { domain: string; path: string; method: string; version: string; codes: number };
  custom?: { context: string; send: string; receive: string };
}

export interface TargetRecord {
  instanceId: string;
  port: number;
  weight: number;
  tag: string;
  registeredAt: string;
}

export interface ListenerRecord extends BaseRecord {
  loadBalancerId: string;
  name: string;
  protocol: "TCP" | "UDP";
  port: number;
  scheduler: string;
  /** Session persistence; 0 is none. */
  sessionSeconds: number;
  sessionType: string;
  idleSeconds: number;
  /** -1 is no limit. */
  maxConnections: number;
  maxNewConnections: number;
  deregisterTargetRst: boolean;
  /** Whether connections that exist are led elsewhere, for which causes, and when after one, in seconds. */
  reschedule: {
    start: number;
    interval: number;
    unhealthy: boolean;
    zeroWeight: boolean;
    expand: boolean;
  };
  healthCheck: HealthCheckRecord;
  /** NODE: its own `targets`; TARGETGROUP: those of the group, once one is bound. */
  targetType: "NODE" | "TARGETGROUP";
  targets: TargetRecord[];
  targetGroupId?: string;
}

/** Targets of one VPC that listeners may share (version v1). */
export interface TargetGroupRecord extends BaseRecord {
  name: string;
  vpcId: string;
  /** For instances registered without a port; 0 is none. */
  port: number;
  updatedAt: string;
  targets: TargetRecord[];
}

/** A clb task; its id is the RequestId of the call that began it. */
export interface LoadBalancerTaskRecord extends BaseRecord {
  loadBalancerIds: string[];
  /** Order of a purchase; empty for others. */
  dealName: string;
  /** Looks left until it is done. */
  polls: number;
}
