import type { Hono } from "hono";
import type { LoadBalancerSpec, TargetHealth } from "./loadBalancer";
import type { PrivateZoneSpec } from "./privateZone";

/**
 * What the local cloud asks of the machines behind it. The cloud (lab/cloud) decides, a `World` carries out:
 * after every accepted call, and at start, the cloud hands over the whole desired state and the world converges to it.
 */

/** One CVM that must exist. Everything a body needs to boot; nothing about Kubernetes. */
export interface HostSpec {
  /** `ins-xxxxxxxx`; the identity of the host everywhere in the lab. */
  instanceId: string;
  hostName: string;
  uuid: string;
  zone: string;
  /** Physical machine the cloud placed it on; the world only needs it to name faults. */
  physicalHost: string;
  cpus: number;
  memoryMiB: number;
  /** Tags of the instance, which the lab's settings may go by. Absent: none. */
  tags?: Readonly<Record<string, string>>;
  vpcId: string;
  subnetId: string;
  privateIp: string;
  /** CIDR of the subnet; the gateway is its first address. */
  subnetCidr: string;
  /** Decoded user data; cloud-init on the host acts on it at first boot. */
  userData?: string;
  /** Authorised keys of the key pairs bound to the instance. */
  publicKeys: string[];
  /** `running`, `stopped` (orderly), `failed` (power lost with its physical host: cut from the network first, then killed) or `frozen`. */
  power: "running" | "stopped" | "failed" | "frozen";
  /** Nothing passes between it and the network, and it cannot tell: its interface stays up. */
  linkCut?: boolean;
  /** It has a role of CAM, whose temporary keys it may ask for. Absent: none. */
  hasRole?: true;
  /** Ids of security groups in order; no group = everything denied inbound. */
  securityGroupIds: string[];
  /** Erased with the instance. A larger size takes effect when it is powered on the next time. */
  systemDisk: DiskSpec;
  /** Attached cloud disks other than the system disk, in order (vdb, vdc, ...). */
  dataDisks: DiskSpec[];
  /** Public address bound to the instance (EIP), if any. */
  publicIp?: string;
  /** A NAT gateway leads it out of the VPC. Absent: none does. */
  behindNat?: true;
}

export interface DiskSpec {
  /** `disk-xxxxxxxx`; the host sees it as /dev/disk/by-id/virtio-<diskId>, as on a CVM. */
  diskId: string;
  sizeGiB: number;
}

export interface SecurityGroupRule {
  /** Upper case. ALL means every IP protocol, VRRP included. */
  protocol: "TCP" | "UDP" | "ICMP" | "ALL";
  /** `ALL`, `22`, `80,443` or `30000-32767`, as in the API. */
  ports: string;
  /** Exactly one of the two. */
  cidr?: string;
  securityGroupId?: string;
  action: "ACCEPT" | "DROP";
}

/** Rules apply in order, first match wins; no match = denied. Stateful. */
export interface SecurityGroupSpec {
  securityGroupId: string;
  ingress: SecurityGroupRule[];
  egress: SecurityGroupRule[];
}

export interface HaVipSpec {
  haVipId: string;
  vip: string;
  subnetId: string;
  /** Instances allowed to take the address; undefined = any instance of the subnet (no CheckAssociate). */
  allowedInstanceIds?: string[];
  /** Owner the cloud last recorded; the world re-installs its route when it restarts. */
  ownerInstanceId?: string;
  /** EIP bound to the HAVIP. */
  publicIp?: string;
}

/** A route of a custom or main route table whose next hop is an instance's address. */
export interface RouteSpec {
  vpcId: string;
  destinationCidr: string;
  nextHopIp: string;
}

export interface DesiredWorld {
  hosts: HostSpec[];
  securityGroups: SecurityGroupSpec[];
  haVips: HaVipSpec[];
  routes: RouteSpec[];
  /** All disks that exist, attached or not: data of a detached disk is kept, that of a disk gone from here is erased. */
  disks: DiskSpec[];
  /** Internal ones. */
  loadBalancers: LoadBalancerSpec[];
  privateZones: PrivateZoneSpec[];
}

/** A world in which nothing is wanted. */
export const emptyWorld: Readonly<DesiredWorld> = {
  hosts: [],
  securityGroups: [],
  haVips: [],
  routes: [],
  disks: [],
  loadBalancers: [],
  privateZones: [],
};

export interface HostStatus {
  instanceId: string;
  /** `booting` until SSH answers is NOT modelled: RUNNING means powered on, as in the cloud. */
  state: "absent" | "starting" | "running" | "stopped" | "failed";
  /** Why a start failed, for LatestOperationErrorMsg. */
  error?: string;
}

/** A kind of body for instances: `nspawn` (real hosts), `memory` (none). */
export interface World {
  /**
   * Converges to `desired`. Idempotent, safe to call again at any moment; calls are serialised by the world. Resolves when converged, but for hosts
   * that still boot: one that does is in the way of nothing else.
   */
  apply(desired: DesiredWorld): Promise<void>;
  /** Resolves when all hosts that were to boot are up, or have failed to. */
  booted(): Promise<void>;
  status(): Promise<HostStatus[]>;
  /** Called when an instance announces a HAVIP it may own (gratuitous ARP). */
  onHaVipMoved(listener: (haVipId: string, instanceId: string) => void): void;
  /** What the load balancers' probes have found so far; a target without a check, or not probed yet, is not in it. */
  targetHealth(): readonly TargetHealth[];
  /** Orders of its own that the lab's admin port takes. */
  readonly routes?: Hono | undefined;
  /** Ends every process, mount, namespace, cgroup and device the world made; `keepDisks` leaves system and data disks for the next start. */
  close(options: { keepDisks: boolean }): Promise<void>;
}
