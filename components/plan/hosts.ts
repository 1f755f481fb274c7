import { memberAddress } from "./addresses";
import { type MachineSize, machineSize } from "./instanceTypes";
import { hostName, hostTags } from "./names";
import { type DiskType, type MemberConfig } from "./fields";
import { isSpreadRole, type Role, type SpreadRole } from "./roles";
import { type ClusterConfig } from "./schema";

/** A disk to make. */
export interface DiskPlan {
  type: DiskType;
  sizeGiB: number;
}

/** A disk of its own beside the system disk, and where the host mounts it. */
export interface DataDiskPlan extends DiskPlan {
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

/** One CVM. */
export interface HostPlan {
  /** `<cluster>-<pool>-<key>`: instance name, host name and node name. */
  name: string;
  role: Role;
  pool: string;
  /** Stable key of the member in its pool. */
  key: string;
  zone: string;
  /** Private address. */
  address: string;
  instanceType: string;
  size: MachineSize;
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
}

interface HostShape {
  role: Role;
  pool: string;
  zone: string | undefined;
  instanceType: string;
  systemDisk: DiskPlan;
  addressBlock?: number;
  dataDisk?: DiskPlan;
  labels?: Record<string, string>;
  taints?: Taint[];
}

/** etcd's data directory on its hosts; the data disk is mounted here. */
export const etcdDataDir = "/var/lib/etcd";

/** Every host of a cluster, role by role, members in the order of the configuration. */
export function planHosts(config: ClusterConfig): Record<Role, HostPlan[]> {
  const plan = (members: readonly MemberConfig[], shape: HostShape) =>
    members.map((member) => planHost(config, member, shape));
  const { etcd, masters, entry, bastion } = config;
  return {
    bastion: plan([{ key: "1", zone: undefined }], shapeOf("bastion", bastion)),
    etcd: plan(etcd.members, { ...shapeOf("etcd", etcd), dataDisk: etcd.disk }),
    master: plan(masters.members, shapeOf("master", masters)),
    balancer: plan(entry.balancers.members, shapeOf("balancer", entry.balancers)),
    worker: config.workers.flatMap((pool) =>
      plan(pool.members, {
        ...shapeOf("worker", pool),
        pool: pool.pool,
        zone: pool.zone,
        addressBlock: pool.addressBlock,
        labels: pool.labels,
        taints: pool.taints,
      }),
    ),
  };
}

function shapeOf(role: Role, hosts: { instanceType: string; systemDisk: DiskPlan }): HostShape {
  const { instanceType, systemDisk } = hosts;
  return { role, pool: role, zone: undefined, instanceType, systemDisk };
}

function planHost(config: ClusterConfig, member: MemberConfig, shape: HostShape): HostPlan {
  const zones = config.network.zones;
  const zone = member.zone ?? shape.zone ?? zones[0]?.zone;
  const subnet = zones.find((candidate) => candidate.zone === zone);
  if (subnet === undefined) throw new Error(`zone ${zone} is not in network.zones`);
  const name = hostName(config.name, shape.pool, member.key);
  return {
    name,
    role: shape.role,
    pool: shape.pool,
    key: member.key,
    zone: subnet.zone,
    address: memberAddress(subnet.subnetCidr, shape.role, member.key, shape.addressBlock),
    instanceType: shape.instanceType,
    size: machineSize(shape.instanceType),
    systemDisk: shape.systemDisk,
    ...(shape.dataDisk === undefined
      ? {}
      : { dataDisk: { ...shape.dataDisk, name: `${name}-data`, mountPoint: etcdDataDir } }),
    ...(isSpreadRole(shape.role) ? { placementGroup: shape.role } : {}),
    securityGroup: shape.role,
    tags: hostTags(config.name, shape.role, shape.pool, config.tags),
    labels: shape.labels ?? {},
    taints: shape.taints ?? [],
  };
}
