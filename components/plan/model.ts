import { type DiskType, type MemberConfig } from "./fields";
import { type MachineSize } from "./instanceTypes";
import { type Duty, type Role, type SpreadRole } from "./roles";
import { type Architecture } from "./schema/machines";
import { type Charge } from "./schema/workers";

/** A disk to make. */
export interface DiskPlan {
  type: DiskType;
  sizeGiB: number;
}

/** A disk of its own beside the system disk, as it is configured. */
export interface DataDiskConfig extends DiskPlan {
  /** Whether the platform encrypts it. @default false */
  encrypt?: boolean | undefined;
  /** Where its host mounts it. @default etcd's data directory */
  mountPath?: string | undefined;
}

/** A disk of its own, and where the host mounts it. */
export interface DataDiskPlan extends Omit<DataDiskConfig, "mountPath"> {
  /** `<host>-<what>`. */
  name: string;
  mountPoint: string;
}

/** A taint a node registers with. */
export interface Taint {
  key: string;
  value?: string;
  effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Hosts that are configured together. */
export interface HostGroup {
  /** Where: `etcd`, `entry.balancers`, `workers.0`. */
  path: string;
  role: Role;
  /** What they do, their role's own duty first. */
  duties: readonly Duty[];
  /** Second part of their names. */
  pool: string;
  members: readonly MemberConfig[];
  /** Zone of members that name none. @default the first zone of the network */
  zone?: string | undefined;
  instanceType: string;
  systemDisk: DiskPlan;
  /** Disk of its own for every member. @default none */
  dataDisk?: DataDiskConfig | undefined;
  /** First block of addresses; workers only. @default 0 */
  addressBlock?: number;
  /** How its machines are paid for; workers only. @default by the hour */
  charge?: Charge;
  /** Image and architecture of its hosts; workers only. @default those of all hosts */
  imageId?: string | undefined;
  architecture?: Architecture | undefined;
  /** What its hosts run at their first boot; workers only. @default nothing */
  firstBootScript?: string | undefined;
  /** Labels and taints their nodes register with. @default none */
  labels?: Record<string, string>;
  taints?: Taint[];
}

/** One CVM. */
export interface HostPlan {
  /** `<cluster>-<pool>-<key>`: instance name, host name and node name. */
  name: string;
  role: Role;
  /** What it does. */
  duties: readonly Duty[];
  pool: string;
  /** Stable key of the member in its pool. */
  key: string;
  zone: string;
  /** Private address. */
  address: string;
  instanceType: string;
  size: MachineSize;
  imageId: string;
  architecture: Architecture;
  charge: Charge;
  systemDisk: DiskPlan;
  dataDisk?: DataDiskPlan;
  /** Role whose placement group it is in; workers and the bastion are in none. */
  placementGroup?: SpreadRole;
  /** Role whose security group it is in. */
  securityGroup: Role;
  tags: Record<string, string>;
  /** Labels a node registers with. Workers only. */
  labels: Record<string, string>;
  /** Taints a node registers with. Workers only. */
  taints: Taint[];
  /** What it runs at its first boot. @default nothing */
  firstBootScript?: string;
  /** Which machine of its name it is; another one is another machine. */
  generation: number;
  /** It may be removed or replaced, although it holds data or identity. @default it may not */
  leaving?: true;
}

/** A subnet of a cluster. */
export interface SubnetPlan {
  name: string;
  zone: string;
  cidr: string;
  /** Id of one that the cluster lives in and does not make. undefined: it makes one. */
  id: string | undefined;
}

/** The network of a cluster. */
export interface NetworkPlan {
  /** Name of the VPC. */
  name: string;
  vpcCidr: string;
  /** Id of the VPC that the cluster lives in and does not make. undefined: it makes one. */
  vpcId: string | undefined;
  /** Frames between hosts are forwarded by MAC (`network.layer2`). */
  layer2: boolean;
  /** Name of the NAT gateway and of its address. undefined: there is none. */
  nat: string | undefined;
  /** One subnet a zone. */
  subnets: SubnetPlan[];
  podCidr: string;
  serviceCidr: string;
  clusterDomain: string;
  /** Address of the `kubernetes` Service. */
  kubernetesServiceAddress: string;
  /** Address of the cluster's DNS server. */
  dnsServiceAddress: string;
}

/** What a kind adds to the masters, beside what makes them masters. */
export interface MasterExtras {
  duties?: readonly Duty[];
  /** Disk of its own for every master. */
  dataDisk?: DataDiskConfig;
}

/** A resource in the cloud that a kind makes beside hosts, by its name there. */
export interface CloudResourcePlan {
  kind: "haVip" | "loadBalancer" | "targetGroup" | "privateZone";
  name: string;
}

/** Lines of /etc/hosts: an address and its names. */
export interface HostAlias {
  address: string;
  names: string[];
}

/**
 * Who may talk to whom, and why. Security groups, the policies' guarded flows and what the preflight of a host dials are all
 * derived from the one table of these (flows.ts).
 */
export interface Flow {
  /** What is spoken: `etcd`, `kubelet`. Flows of one name are judged by one policy. */
  name: string;
  /** What it is for; shown in the console beside each rule. */
  why: string;
  /** Groups know these only; VRRP is ALL. */
  protocol: "TCP" | "UDP" | "ICMP" | "ALL";
  /** `22`, `30000-32767`. @default all */
  port?: number | string;
  from: readonly (Duty | { cidr: string })[];
  to: readonly Duty[];
  /** Nobody else may have it, which the policies see to. @default others may, if they add a rule */
  guarded?: {
    /** What is reached, in messages: `etcd's peers' port`. */
    what: string;
    /** Duties that are guarded as well, though nobody at all reaches them. @default none */
    also?: readonly Duty[];
  };
  /**
   * Those of `from` that look whether it is open before they take up their duty. Nobody waits for workers, and no worker for masters:
   * these come and go, and adding one must touch nobody else. @default nobody
   */
  awaited?: readonly Duty[];
}
