import { z } from "zod";
import { defaultVip } from "../addresses";
import { address, instanceType, type MemberConfig, members, systemDisk } from "../fields";
import { hostGroup } from "../hostGroup";
import { type Flow, type HostPlan } from "../model";
import { sharedName } from "../names";
import { type HostNeeds, mergeNeeds } from "../needs";
import { type Problem, problemAt } from "../problems";
import { balancersFault } from "../rules/quorum";
import { vipProblems } from "../rules/virtualAddress";
import { clientDuties } from "../roles";
import { type NetworkConfig } from "../schema/network";
import { extraFrontends, frontendFlows, planFrontends } from "./frontends";
import { type Backend, type EntryBase, type EntryKind, type EntrySite } from "./kind";
import { ports } from "../ports";
import { proxyNeeds } from "./proxy";

const kind = z
  .literal("vip")
  .default("vip")
  .describe("`vip`: a HAVIP that keepalived holds on one of several hosts that run HAProxy.");

const common = {
  vip: address.optional().meta({
    description: "The virtual address, in the subnet of those hosts.",
    defaultText: "address 10 of that subnet",
  }),
  virtualRouterId: z
    .int()
    .min(1)
    .max(255)
    .meta({ unit: "VRRP router id" })
    .default(51)
    .describe("VRRP router id, unique among the keepalived groups of the subnet."),
  extraFrontends: extraFrontends.describe(
    "HTTP and TCP services that HAProxy fronts beside the API, each at a port of its own.",
  ),
};

const onBalancers = z.strictObject({
  kind,
  on: z.literal("balancers").default("balancers").describe("`balancers`: on hosts of their own."),
  balancers: z
    .strictObject({
      members: members.describe("Two or more balancers, all in one zone, as a count or as keys."),
      instanceType: instanceType.describe("Instance type of every balancer."),
      systemDisk: systemDisk.describe("System disk of every balancer."),
    })
    .describe("Hosts that carry the VIP and HAProxy."),
  ...common,
});

const onMasters = z.strictObject({
  kind,
  on: z
    .literal("masters")
    .describe(
      "`masters`: on the masters, all in one zone. HAProxy listens on port 8443 there, as the apiserver has its own.",
    ),
  ...common,
});

const config = z.discriminatedUnion("on", [onBalancers, onMasters]);

type VipConfig = z.output<typeof config>;

/** A virtual address before a pair of balancers, or before HAProxy on the masters. */
export interface VipPlan extends EntryBase {
  kind: "vip";
  on: VipConfig["on"];
  vip: string;
  /** Name of the HAVIP. */
  vipName: string;
  /** Zone and subnet range of the HAVIP and all balancers. */
  zone: string;
  subnetCidr: string;
  virtualRouterId: number;
  networkInterface: string;
  /** Hosts that run keepalived and HAProxy. */
  balancers: readonly HostPlan[];
  masters: readonly Backend[];
}

/** keepalived of each balancer to that of the others. */
const vrrp: Flow = {
  name: "vrrp",
  why: "VRRP between balancers",
  // Groups know no protocol 112.
  protocol: "ALL",
  from: ["balancer"],
  to: ["balancer"],
  guarded: { what: "VRRP" },
  awaited: ["balancer"],
};

function flows({
  on,
  port,
  extraFrontends = [],
}: Pick<VipPlan, "on" | "port" | "extraFrontends">): Flow[] {
  return [
    {
      name: "api-entry",
      why: "API entry",
      protocol: "TCP",
      port,
      from: clientDuties,
      to: ["balancer"],
      awaited: on === "masters" ? [] : ["worker"],
    },
    vrrp,
    {
      name: "api",
      why: "API",
      protocol: "TCP",
      port: ports.api,
      from: ["balancer"],
      to: ["controlPlane"],
      awaited: ["balancer"],
    },
    ...frontendFlows(extraFrontends, ["balancer"]),
  ];
}

function rules(
  config: VipConfig,
  network: NetworkConfig | undefined,
  masters: readonly MemberConfig[] | undefined,
): Problem[] {
  const { path, what, hosts } =
    config.on === "masters"
      ? { path: "masters.members", what: "masters, which carry the VIP,", hosts: masters ?? [] }
      : { path: "entry.balancers.members", what: "balancers", hosts: config.balancers.members };
  const zoneOf = (member: MemberConfig | undefined) => member?.zone ?? network?.zones[0]?.zone;
  const zones = [...new Set(hosts.map(zoneOf))];
  const subnet = network?.zones.find(({ zone }) => zone === zoneOf(hosts[0]));
  const elsewhere = config.on === "masters" ? ", or use entry.on balancers" : "";
  return [
    // Of masters too few are refused anyway.
    ...(config.on === "masters" ? [] : problemAt(path, balancersFault(hosts.length))),
    ...(network === undefined || zones.length <= 1
      ? []
      : [
          {
            path,
            message: `the ${what} are in ${zones.join(", ")}, but a HAVIP belongs to one subnet, so to one zone`,
            fix: `Put all ${config.on} in one zone${elsewhere}`,
          },
        ]),
    ...(config.vip === undefined || subnet === undefined
      ? []
      : vipProblems("entry.vip", config.vip, subnet.subnetCidr)),
  ];
}

const vipIn = (subnetCidr: string): string => defaultVip(subnetCidr, "vip");

function plan(config: VipConfig, site: EntrySite): VipPlan {
  const { on, virtualRouterId } = config;
  const { cluster, apiName, network, networkInterface, own, masters } = site;
  const subnet = network.subnets.find(({ zone }) => zone === own[0]?.zone);
  if (subnet === undefined) throw new Error("the balancers have no subnet");
  // HAProxy listens on all addresses of its host, so an apiserver there has another port.
  const port = on === "masters" ? ports.balancedApi : ports.api;
  const vip = config.vip ?? vipIn(subnet.cidr);
  return {
    kind: "vip",
    on,
    apiName,
    endpoint: `${apiName}:${port}`,
    port,
    vip,
    vipName: sharedName(cluster, "api"),
    zone: subnet.zone,
    subnetCidr: subnet.cidr,
    virtualRouterId,
    networkInterface,
    balancers: own,
    masters,
    ...planFrontends(config.extraFrontends, site, vip),
  };
}

/** A HAVIP that keepalived holds on one of several hosts, HAProxy on all of them: balancers, or the masters themselves. */
export const vip = {
  kind: "vip",
  config,
  rules,
  fronting: () => undefined,
  hosts: (entry) =>
    entry.on === "balancers" ? [hostGroup("balancer", "entry.balancers", entry.balancers)] : [],
  onMasters: ({ on }) => (on === "masters" ? { duties: ["balancer"] } : {}),
  plan,
  defaultVip: vipIn,
  flows,
  standing: flows({ on: "balancers", port: ports.api }),
  guarded: [vrrp],
  needs: (_, { duties }): HostNeeds =>
    duties.includes("balancer") ? mergeNeeds([proxyNeeds, { packages: ["keepalived"] }]) : {},
  runs: () => ({ haproxy: ["balancer"], keepalived: ["balancer"] }),
  // A master is its own way in, and needs no other host to work.
  alias: ({ vip }, { duties, address }) => (duties.includes("controlPlane") ? address : vip),
  names: ({ vip }) => [vip],
  makes: ({ vipName }) => [{ kind: "haVip", name: vipName }],
  tolerated: ({ balancers }) => Math.max(0, balancers.length - 1),
  failureModes: [
    {
      failure:
        "the host that holds the VIP, a balancer or a master, or its physical machine, is lost",
      effect:
        "its connections are lost; new ones fail until another host has the VIP: about 2 s until its peers notice, and 1 s more",
    },
    {
      failure: "HAProxy is dead on the host that holds the VIP",
      effect: "as if the host were lost: two failed checks 1 s apart, then it gives the VIP away",
    },
    {
      failure: "a master is lost or frozen",
      effect:
        "its connections are cut after 2 to 3 s; new ones go to another master, after 1 s at most where the dead one was tried",
    },
    {
      failure: "all balancers are lost",
      effect: "no worker reaches the API; masters still do, unless they were the balancers",
    },
    {
      failure: "the zone of the balancers is lost",
      effect: "as if all balancers were lost: a HAVIP belongs to one subnet, so to one zone",
    },
  ],
} satisfies EntryKind<VipConfig, VipPlan>;
