import { dnsServiceAddress, kubernetesServiceAddress } from "./addresses";
import { type EntryPlan, entryFlows, entryKindOf } from "./entry";
import { type EtcdPlan, planSnapshotStore, type SnapshotStorePlan, topologyOf } from "./etcd";
import { clusterFlows } from "./flows";
import { hostGroups, planHosts } from "./hosts";
import { imageOf } from "./images";
import { type KubeProxyPlan, planKubeProxy } from "./kubeProxy";
import { type MonitoringPlan, monitoringFlows, planMonitoring } from "./monitoring";
import { type Flow, type HostAlias, type HostPlan, type NetworkPlan } from "./model";
import { apiNameOf, sharedName, sharedTags } from "./names";
import { type PlacementGroupPlan, placementGroups } from "./placement";
import { podNetworkOf, type PodNetworkPlan } from "./podNetwork";
import { ports } from "./ports";
import { planRegistry, registryFrontends, registryKindOf, type RegistryPlan } from "./registry";
import { clientDuties, type Duty, isSpreadRole, share } from "./roles";
import { spreadFault } from "./rules/spread";
import { type ClusterConfig } from "./schema";
import { roleDuties, type SecurityGroupPlan, securityGroups } from "./securityGroups";
import { type FaultTolerance, faultTolerance } from "./topology/tolerance";

export type {
  DataDiskPlan,
  DiskPlan,
  Flow,
  HostAlias,
  HostPlan,
  NetworkPlan,
  Taint,
} from "./model";
export type { EntryPlan } from "./entry";
export type { EtcdPlan } from "./etcd";
export type { MonitoringPlan } from "./monitoring";
export type { PodNetworkPlan } from "./podNetwork";
export type { PlacementGroupPlan } from "./placement";
export type { DistributionPlan, HarborPlan, RegistryPlan } from "./registry";
export type { SecurityGroupPlan, SecurityRule } from "./securityGroups";
export type { FaultTolerance } from "./topology/tolerance";

/** Everything that is decided about a cluster, before anything is made. Plain data. */
export interface ClusterPlan {
  name: string;
  /** The configuration it was made from, with all defaults. */
  config: ClusterConfig;
  network: NetworkPlan;
  bastion: HostPlan;
  etcd: HostPlan[];
  masters: HostPlan[];
  /** Hosts that pass connections to the API on, whichever the kind of entry. */
  balancers: HostPlan[];
  /** Hosts that have a part in the API entry: those of its own, and the masters where it gives them a duty. */
  entryHosts: HostPlan[];
  /** The cluster's own registry, if it has one. */
  registry: RegistryPlan | undefined;
  /** Workers of all pools. */
  workers: HostPlan[];
  /** All hosts, the bastion first. */
  hosts: HostPlan[];
  placementGroups: PlacementGroupPlan[];
  /** Who may talk to whom. */
  flows: Flow[];
  securityGroups: SecurityGroupPlan[];
  /** Port that every apiserver listens on. Clients dial the entry's. */
  apiserverPort: number;
  entry: EntryPlan;
  /** Every name and address the API is reached by: what its certificate must hold. */
  apiCertificateNames: string[];
  etcdCluster: EtcdPlan;
  /** Where snapshots go beside the members' disks. */
  snapshotStore: SnapshotStorePlan | undefined;
  podNetwork: PodNetworkPlan;
  kubeProxy: KubeProxyPlan;
  /** How it is watched, if it is. */
  monitoring: MonitoringPlan | undefined;
  faultTolerance: FaultTolerance;
  /** Tags of what belongs to the whole cluster. */
  tags: Record<string, string>;
}

/** Decides everything about a cluster. Pure: the same configuration always gives the same plan. */
export function planCluster(config: ClusterConfig): ClusterPlan {
  const groups = hostGroups(config);
  const hosts = planHosts(config, groups);
  const having = (duty: Duty) => hosts.filter((host) => host.duties.includes(duty));
  const [bastion] = having("bastion");
  if (bastion === undefined) throw new Error("a cluster has a bastion");
  const [etcd, masters, balancers] = [having("etcd"), having("controlPlane"), having("balancer")];
  const network = planNetwork(config);
  const etcdCluster = topologyOf(config.etcd).plan(config.etcd, {
    cluster: config.name,
    members: etcd,
    versions: config.versions,
    apiserverPort: ports.api,
  });
  const kubeProxy = planKubeProxy(config);
  const podNetwork = podNetworkOf(config.podNetwork).plan(config.podNetwork, {
    podCidr: network.podCidr,
    networkInterface: config.networkInterface,
    imageOf: (name) => imageOf(config, name),
    rules: kubeProxy.mode === "nftables" ? "nftables" : "iptables",
  });
  const kind = entryKindOf(config.entry);
  const entryRoles = kind.hosts(config.entry).map(({ role }) => role);
  if (kind.onMasters(config.entry).duties !== undefined) entryRoles.push("master");
  const entryHosts = hosts.filter(({ role }) => entryRoles.includes(role));
  const registry = planRegistry(config, having("registry"));
  const entry = kind.plan(config.entry, {
    cluster: config.name,
    apiName: apiNameOf(config.name, config.network.apiName),
    network,
    networkInterface: config.networkInterface,
    own: entryHosts,
    masters: masters.map(({ name, address }) => ({ name, address, port: ports.api })),
    workers: having("worker"),
    fronted: registryFrontends(config, having("registry")),
  });
  const placement = placementGroups(
    config.name,
    groups.flatMap(({ role }) => (isSpreadRole(role) ? [role] : [])),
    (role) => hosts.filter((host) => host.role === role).map((host) => host.name),
    config.tags,
  );
  const watched = { hosts, haproxy: kind.runs(entry).haproxy ?? [] };
  const flows = clusterFlows({
    allowedCidrs: config.bastion.allowedCidrs,
    vpcCidr: network.vpcCidr,
    nodePortCidrs: config.network.nodePortCidrs,
    etcd: topologyOf(etcdCluster).flows,
    entry: entryFlows(entry),
    registry: registry === undefined ? [] : registryKindOf(registry).flows,
    podNetwork: podNetworkOf(podNetwork).flows,
    monitoring: monitoringFlows(config.monitoring, watched),
  });
  return {
    name: config.name,
    config,
    network,
    bastion,
    etcd,
    masters,
    balancers,
    entryHosts,
    registry,
    workers: having("worker"),
    hosts,
    placementGroups: placement,
    flows,
    securityGroups: securityGroups(config, roleDuties(groups), flows),
    apiserverPort: ports.api,
    entry,
    apiCertificateNames: apiCertificateNames(
      network,
      entry,
      [...masters, ...entryHosts],
      config.controlPlane.extraSans,
    ),
    etcdCluster,
    snapshotStore: planSnapshotStore(
      config.name,
      config.etcd.snapshots,
      config.network.zones[0]?.zone ?? "",
    ),
    podNetwork,
    kubeProxy,
    monitoring: planMonitoring(config.monitoring, watched),
    faultTolerance: faultTolerance({
      etcd: etcd.length,
      masters: masters.length,
      entry: kind.tolerated(entry),
      strictlySpread: placement.every((group) => spreadFault(group.role, group) === undefined),
    }),
    tags: sharedTags(config.name, undefined, config.tags),
  };
}

/** What a host of the cluster resolves by itself, so that no name server is needed to reach the API where its entry has an address. */
export function hostAliases({ entry }: ClusterPlan, host: HostPlan): HostAlias[] {
  const address = entryKindOf(entry).alias(entry, host);
  const asks = share(host.duties, clientDuties);
  return [
    ...(address === undefined ? [] : [{ address, names: [entry.apiName] }]),
    ...(asks ? frontendAliases(entry) : []),
    // A host's own line only: listing all of them would touch every host whenever one is added.
    { address: host.address, names: [host.name] },
  ];
}

/** Names of what is fronted beside the API. */
function frontendAliases({ extraFrontends = [] }: EntryPlan): HostAlias[] {
  return extraFrontends.flatMap(({ hostname, address }) =>
    hostname === undefined ? [] : [{ address, names: [hostname] }],
  );
}

function planNetwork(config: ClusterConfig): NetworkPlan {
  const { vpcCidr, existing, layer2, zones, podCidr, serviceCidr, clusterDomain } = config.network;
  const nat = config.network.nat ?? (config.sources.kind === "upstream" && existing === undefined);
  return {
    name: sharedName(config.name, "vpc"),
    vpcCidr,
    vpcId: existing?.vpcId,
    layer2,
    nat: nat ? sharedName(config.name, "nat") : undefined,
    subnets: zones.map(({ zone, subnetCidr }) => ({
      name: sharedName(config.name, zone),
      zone,
      cidr: subnetCidr,
      id: existing?.subnetIds[zone],
    })),
    podCidr,
    serviceCidr,
    clusterDomain,
    kubernetesServiceAddress: kubernetesServiceAddress(serviceCidr),
    dnsServiceAddress: dnsServiceAddress(serviceCidr),
  };
}

function apiCertificateNames(
  network: NetworkPlan,
  entry: EntryPlan,
  hosts: readonly HostPlan[],
  extra: readonly string[],
): string[] {
  const names = [
    entry.apiName,
    "localhost",
    "127.0.0.1",
    ...entryKindOf(entry).names(entry),
    ...hosts.flatMap((host) => [host.name, host.address]),
    network.kubernetesServiceAddress,
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${network.clusterDomain}`,
    ...extra,
  ];
  return [...new Set(names)];
}
