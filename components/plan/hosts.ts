import { memberAddress } from "./addresses";
import { entryKindOf } from "./entry";
import { topologyOf } from "./etcd";
import { type MemberConfig } from "./fields";
import { machineSize } from "./instanceTypes";
import { hostGroup } from "./hostGroup";
import {
  type DataDiskConfig,
  type DataDiskPlan,
  type HostGroup,
  type HostPlan,
  type MasterExtras,
} from "./model";
import { hostKey, hostName, hostTags } from "./names";
import { type ReadSections } from "./parse";
import { isSpreadRole } from "./roles";
import { type ClusterConfig } from "./schema";

/** etcd's data directory on its hosts; their data disk is mounted here. */
export const etcdDataDir = "/var/lib/etcd";

const only: MemberConfig = { key: "1" };

/** The groups of hosts that a configuration asks for, as far as it could be read, in the order hosts are listed everywhere. */
export function hostGroups({ bastion, etcd, masters, entry, workers }: ReadSections): HostGroup[] {
  return [
    ...(bastion ? [hostGroup("bastion", "bastion", { ...bastion, members: [only] })] : []),
    ...(etcd ? topologyOf(etcd).hosts(etcd) : []),
    ...(masters
      ? [
          withExtras(hostGroup("master", "masters", masters), [
            ...(etcd ? [topologyOf(etcd).onMasters(etcd)] : []),
            ...(entry ? [entryKindOf(entry).onMasters(entry)] : []),
          ]),
        ]
      : []),
    ...(entry ? entryKindOf(entry).hosts(entry) : []),
    ...(workers ?? []).map((pool, index) => ({
      ...hostGroup("worker", `workers.${index}`, pool),
      ...pool,
    })),
  ];
}

function withExtras(group: HostGroup, extras: readonly MasterExtras[]): HostGroup {
  const dataDisk = extras.find((each) => each.dataDisk !== undefined)?.dataDisk;
  const duties = [...group.duties, ...extras.flatMap((each) => each.duties ?? [])];
  return { ...group, duties, ...(dataDisk && { dataDisk }) };
}

/** Every host of some groups, members in the order of the configuration. */
export function planHosts(config: ClusterConfig, groups: readonly HostGroup[]): HostPlan[] {
  return groups.flatMap((group) => group.members.map((member) => planHost(config, member, group)));
}

function planHost(config: ClusterConfig, member: MemberConfig, group: HostGroup): HostPlan {
  const zones = config.network.zones;
  const zone = member.zone ?? group.zone ?? zones[0]?.zone;
  const subnet = zones.find((candidate) => candidate.zone === zone);
  if (subnet === undefined) throw new Error(`zone ${zone} is not in network.zones`);
  const name = hostName(config.name, group.pool, member.key);
  const instanceType = member.instanceType ?? group.instanceType;
  const known = hostKey(group.pool, member.key);
  return {
    name,
    role: group.role,
    duties: group.duties,
    pool: group.pool,
    key: member.key,
    zone: subnet.zone,
    address: memberAddress(subnet.subnetCidr, group.role, member.key, group.addressBlock),
    instanceType,
    size: machineSize(instanceType),
    imageId: group.imageId ?? config.imageId,
    architecture: group.architecture ?? config.architecture,
    charge: group.charge ?? { kind: "hourly" },
    systemDisk: group.systemDisk,
    ...(group.dataDisk === undefined ? {} : { dataDisk: planDataDisk(name, group.dataDisk) }),
    ...(isSpreadRole(group.role) ? { placementGroup: group.role } : {}),
    securityGroup: group.role,
    tags: hostTags(config.name, group, config.tags),
    labels: group.labels ?? {},
    taints: group.taints ?? [],
    ...(group.firstBootScript === undefined ? {} : { firstBootScript: group.firstBootScript }),
    generation: config.generations[known] ?? 1,
    ...(config.leaving.includes(known) ? { leaving: true } : {}),
  };
}

function planDataDisk(
  host: string,
  { mountPath = etcdDataDir, ...disk }: DataDiskConfig,
): DataDiskPlan {
  return { ...disk, name: `${host}-data`, mountPoint: mountPath };
}
