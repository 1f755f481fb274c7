import { defaultVip, dnsServiceAddress, kubernetesServiceAddress } from "./addresses";
import { type HostPlan, planHosts } from "./hosts";
import { sharedName, sharedTags } from "./names";
import { type PlacementGroupPlan, placementGroups } from "./placement";
import { spreadFault } from "./rules/spread";
import { type ClusterConfig } from "./schema";
import { ports } from "./ports";
import { type SecurityGroupPlan, securityGroups } from "./securityGroups";
import { type FaultTolerance, faultTolerance } from "./topology/tolerance";

export type { DataDiskPlan, DiskPlan, HostPlan, Taint } from "./hosts";
export type { PlacementGroupPlan } from "./placement";
export type { SecurityGroupPlan, SecurityRule } from "./securityGroups";
export type { FaultTolerance } from "./topology/tolerance";

/** The network of a cluster. */
export interface NetworkPlan {
  /** Name of the VPC. */
  name: string;
  vpcCidr: string;
  /** One subnet a zone. */
  subnets: { name: string; zone: string; cidr: string }[];
  podCidr: string;
  serviceCidr: string;
  clusterDomain: string;
  /** Address of the `kubernetes` Service. */
  kubernetesServiceAddress: string;
  /** Address of the cluster's DNS server. */
  dnsServiceAddress: string;
}

/** The way to the API. */
export interface EntryPlan {
  kind: "vip";
  /** The API's one name; see {@link hostAliases} for what it resolves to where. */
  apiName: string;
  /** `<apiName>:6443`, kubeadm's controlPlaneEndpoint. */
  endpoint: string;
  port: number;
  vip: string;
  /** Name of the HAVIP. */
  vipName: string;
  /** Zone and subnet range of the HAVIP and all balancers. */
  zone: string;
  subnetCidr: string;
  virtualRouterId: number;
}

/** Everything that is decided about a cluster, before anything is made. Plain data. */
export interface ClusterPlan {
  name: string;
  /** The configuration it was made from, with all defaults. */
  config: ClusterConfig;
  network: NetworkPlan;
  bastion: HostPlan;
  etcd: HostPlan[];
  masters: HostPlan[];
  balancers: HostPlan[];
  /** Workers of all pools. */
  workers: HostPlan[];
  /** All hosts, the bastion first. */
  hosts: HostPlan[];
  placementGroups: PlacementGroupPlan[];
  securityGroups: SecurityGroupPlan[];
  entry: EntryPlan;
  /** Every name and address the API is reached by: what its certificate must hold. */
  apiCertificateNames: string[];
  /** `https://<address>:2379` of every etcd member. */
  etcdEndpoints: string[];
  faultTolerance: FaultTolerance;
  /** Tags of what belongs to the whole cluster. */
  tags: Record<string, string>;
}

/** Decides everything about a cluster. Pure: the same configuration always gives the same plan. */
export function planCluster(config: ClusterConfig): ClusterPlan {
  const hosts = planHosts(config);
  const [bastion] = hosts.bastion;
  if (bastion === undefined) throw new Error("a cluster has a bastion");
  const entry = planEntry(config, hosts.balancer);
  const groups = placementGroups(
    config.name,
    (role) => hosts[role].map((host) => host.name),
    config.tags,
  );
  const network = planNetwork(config);
  return {
    name: config.name,
    config,
    network,
    bastion,
    etcd: hosts.etcd,
    masters: hosts.master,
    balancers: hosts.balancer,
    workers: hosts.worker,
    hosts: [bastion, ...hosts.etcd, ...hosts.master, ...hosts.balancer, ...hosts.worker],
    placementGroups: groups,
    securityGroups: securityGroups(config),
    entry,
    apiCertificateNames: apiCertificateNames(network, entry, hosts.master, hosts.balancer),
    etcdEndpoints: hosts.etcd.map((host) => `https://${host.address}:${ports.etcdClient}`),
    faultTolerance: faultTolerance({
      etcd: hosts.etcd.length,
      masters: hosts.master.length,
      balancers: hosts.balancer.length,
      strictlySpread: groups.every((group) => spreadFault(group.role, group) === undefined),
    }),
    tags: sharedTags(config.name, undefined, config.tags),
  };
}

/** Lines of /etc/hosts: an address and its names. */
export interface HostAlias {
  address: string;
  names: string[];
}

/**
 * What a host of the cluster resolves by itself, so that no name server is needed to reach the API. The API's name is a
 * master's own address on a master, which therefore needs no balancer to work, and the VIP everywhere else.
 */
export function hostAliases(plan: ClusterPlan, host: HostPlan): HostAlias[] {
  return [
    {
      address: host.role === "master" ? host.address : plan.entry.vip,
      names: [plan.entry.apiName],
    },
    // A host's own line only: listing all of them would touch every host whenever one is added.
    { address: host.address, names: [host.name] },
  ];
}

function planNetwork(config: ClusterConfig): NetworkPlan {
  const { vpcCidr, zones, podCidr, serviceCidr, clusterDomain } = config.network;
  return {
    name: sharedName(config.name, "vpc"),
    vpcCidr,
    subnets: zones.map(({ zone, subnetCidr }) => ({
      name: sharedName(config.name, zone),
      zone,
      cidr: subnetCidr,
    })),
    podCidr,
    serviceCidr,
    clusterDomain,
    kubernetesServiceAddress: kubernetesServiceAddress(serviceCidr),
    dnsServiceAddress: dnsServiceAddress(serviceCidr),
  };
}

function planEntry(config: ClusterConfig, balancers: readonly HostPlan[]): EntryPlan {
  const zone = balancers[0]?.zone;
  const subnet = config.network.zones.find((candidate) => candidate.zone === zone);
  if (subnet === undefined) throw new Error("the balancers have no subnet");
  const apiName = config.network.apiName ?? `api.${config.name}.internal`;
  return {
    kind: config.entry.kind,
    apiName,
    endpoint: `${apiName}:${ports.api}`,
    port: ports.api,
    vip: config.entry.vip ?? defaultVip(subnet.subnetCidr),
    vipName: sharedName(config.name, "api"),
    zone: subnet.zone,
    subnetCidr: subnet.subnetCidr,
    virtualRouterId: config.entry.virtualRouterId,
  };
}

function apiCertificateNames(
  network: NetworkPlan,
  entry: EntryPlan,
  masters: readonly HostPlan[],
  balancers: readonly HostPlan[],
): string[] {
  const names = [
    entry.apiName,
    "localhost",
    "127.0.0.1",
    entry.vip,
    ...[...masters, ...balancers].flatMap((host) => [host.name, host.address]),
    network.kubernetesServiceAddress,
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${network.clusterDomain}`,
  ];
  return [...new Set(names)];
}
