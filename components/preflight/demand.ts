import type { ClusterPlan, DiskPlan, HostPlan } from "../plan/cluster";
import { entryKindOf } from "../plan/entry";
import type { SubnetPlan } from "../plan/model";
import { keyPairName } from "../plan/names";

/** Hosts that are ordered alike, so that one question to the cloud answers for all of them. */
export interface HostDemand {
  zone: string;
  instanceType: string;
  systemDisk: DiskPlan;
  imageId: string;
  architecture: HostPlan["architecture"];
  charge: HostPlan["charge"];
  /** Name of the placement group they are in. */
  placementGroup?: string;
  names: string[];
}

/** Data disks that are ordered alike. */
export interface DiskDemand extends DiskPlan {
  zone: string;
  names: string[];
}

/** Everything a cluster takes from an account: what the preflight asks the cloud about. Plain data. */
export interface CloudDemand {
  cluster: string;
  /** Zones that have a subnet. */
  zones: string[];
  vpc: { name: string; cidr: string };
  /** The VPC that is there already, if the cluster is to live in one, and its subnets in it: those with an id are there, too. */
  existingVpc?: { id: string; subnets: SubnetPlan[] };
  /** Addresses that hosts will have in subnets that are there already; without a host it is the entry's. */
  addressesThere: { subnetId: string; host?: string; address: string }[];
  hosts: HostDemand[];
  dataDisks: DiskDemand[];
  securityGroups: string[];
  /** Most rules that one group has in one direction. */
  securityGroupRules: number;
  placementGroups: { name: string; members: number }[];
  keyPair: string;
  /** The stack has made nothing yet, so whatever has the cluster's name is another's. @default false */
  isNew?: boolean;
  /** Names of public addresses. */
  addresses: string[];
  haVips: number;
  /** Names of internal load balancers. */
  loadBalancers: string[];
}

function addressesThere({ network, hosts, entry }: ClusterPlan): CloudDemand["addressesThere"] {
  const own = hosts.map(({ zone, name, address }) => ({ zone, host: name, address }));
  const vip = "vip" in entry ? [{ zone: entry.zone, address: entry.vip }] : [];
  return [...own, ...vip].flatMap(({ zone, ...wanted }) => {
    const subnetId = network.subnets.find((each) => each.zone === zone)?.id;
    return subnetId === undefined ? [] : [{ subnetId, ...wanted }];
  });
}

/** What a cluster takes from an account. Pure: the same plan gives the same demand, so that it is asked about only once. */
export function cloudDemand(plan: ClusterPlan): CloudDemand {
  const entry = entryKindOf(plan.entry).makes(plan.entry);
  const made = (wanted: string) => entry.filter(({ kind }) => kind === wanted);
  const groupNames = new Map(plan.placementGroups.map(({ role, name }) => [role, name]));
  return {
    cluster: plan.name,
    zones: plan.network.subnets.map(({ zone }) => zone),
    vpc: { name: plan.network.name, cidr: plan.network.vpcCidr },
    ...(plan.network.vpcId === undefined
      ? {}
      : { existingVpc: { id: plan.network.vpcId, subnets: plan.network.subnets } }),
    addressesThere: addressesThere(plan),
    hosts: alike(plan.hosts, ({ placementGroup: group, ...host }) => ({
      zone: host.zone,
      instanceType: host.instanceType,
      systemDisk: host.systemDisk,
      imageId: host.imageId,
      architecture: host.architecture,
      charge: host.charge,
      ...(group === undefined ? {} : { placementGroup: groupNames.get(group) }),
    })),
    dataDisks: alike(
      plan.hosts.flatMap(({ zone, dataDisk }) => (dataDisk ? [{ zone, ...dataDisk }] : [])),
      ({ zone, type, sizeGiB }) => ({ zone, type, sizeGiB }),
    ),
    securityGroups: plan.securityGroups.map(({ name }) => name),
    securityGroupRules: Math.max(
      ...plan.securityGroups.flatMap(({ ingress, egress }) => [ingress.length, egress.length]),
    ),
    placementGroups: plan.placementGroups.map(({ name, members }) => ({
      name,
      members: members.length,
    })),
    keyPair: keyPairName(plan.name),
    addresses: [
      ...(plan.config.bastion.publicAddress ? [plan.bastion.name] : []),
      ...(plan.network.nat === undefined ? [] : [plan.network.nat]),
    ],
    haVips: made("haVip").length,
    loadBalancers: made("loadBalancer").map(({ name }) => name),
  };
}

/** Puts things together that `shape` gives the same for. */
function alike<T extends Pick<HostPlan, "name">, S extends object>(
  things: readonly T[],
  shape: (thing: T) => S,
): (S & { names: string[] })[] {
  const kinds = new Map<string, S & { names: string[] }>();
  for (const thing of things) {
    const key = JSON.stringify(shape(thing));
    const kind = kinds.get(key) ?? { ...shape(thing), names: [] };
    kind.names.push(thing.name);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}
