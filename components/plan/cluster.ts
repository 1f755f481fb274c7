import { defaultVip, dnsServiceAddress, kubernetesServiceAddress } from "./addresses";
import { vipFlows } from "./entry/vip";
import { externalFlows } from "./etcd/external";
import { clusterFlows } from "./flows";
import { hostGroups, planHosts } from "./hosts";
import { type Flow, type HostAlias, type HostPlan, type NetworkPlan } from "./model";
import { sharedName, sharedTags } from "./names";
import { type PlacementGroupPlan, placementGroups } from "./placement";
import { flannelFlows } from "./podNetwork/flannel";
import { ports } from "./ports";
import { type Duty, isSpreadRole } from "./roles";
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
export type { PlacementGroupPlan } from "./placement";
export type { SecurityGroupPlan, SecurityRule } from "./securityGroups";
export type { FaultTolerance } from "./topology/tolerance";

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
  /** Who may talk to whom. */
  flows: Flow[];
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
  const groups = hostGroups(config);
  const hosts = planHosts(config, groups);
  const having = (duty: Duty) => hosts.filter((host) => host.duties.includes(duty));
  const [bastion] = having("bastion");
  if (bastion === undefined) throw new Error("a cluster has a bastion");
  const [etcd, masters, balancers] = [having("etcd"), having("controlPlane"), having("balancer")];
  const entry = planEntry(config, balancers);
  const placement = placementGroups(
    config.name,
    groups.flatMap(({ role }) => (isSpreadRole(role) ? [role] : [])),
    (role) => hosts.filter((host) => host.role === role).map((host) => host.name),
    config.tags,
  );
  const network = planNetwork(config);
  const flows = clusterFlows({
    allowedCidrs: config.bastion.allowedCidrs,
    vpcCidr: network.vpcCidr,
    nodePortCidrs: config.network.nodePortCidrs,
    etcd: externalFlows,
    entry: vipFlows,
    podNetwork: flannelFlows,
  });
  return {
    name: config.name,
    config,
    network,
    bastion,
    etcd,
    masters,
    balancers,
    workers: having("worker"),
    hosts,
    placementGroups: placement,
    flows,
    securityGroups: securityGroups(config, roleDuties(groups), flows),
    entry,
    apiCertificateNames: apiCertificateNames(network, entry, masters, balancers),
    etcdEndpoints: etcd.map((host) => `https://${host.address}:${ports.etcdClient}`),
    faultTolerance: faultTolerance({
      etcd: etcd.length,
      masters: masters.length,
      balancers: balancers.length,
      strictlySpread: placement.every((group) => spreadFault(group.role, group) === undefined),
    }),
    tags: sharedTags(config.name, undefined, config.tags),
  };
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
