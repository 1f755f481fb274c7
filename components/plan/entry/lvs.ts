import { z } from "zod";
import { defaultVip } from "../addresses";
import { address, instanceType, type MemberConfig, members, systemDisk } from "../fields";
import { hostGroup } from "../hostGroup";
import { type HostPlan } from "../model";
import { sharedName } from "../names";
import { type HostNeeds, mergeNeeds } from "../needs";
import { ports } from "../ports";
import { type Problem, problemAt } from "../problems";
import { layersTolerated } from "../topology/tolerance";
import { balancersFault, directorsFault } from "../rules/quorum";
import { vipProblems } from "../rules/virtualAddress";
import { type NetworkConfig } from "../schema/network";
import { extraFrontends, planFrontends } from "./frontends";
import { type Backend, type EntryBase, type EntryKind, type EntrySite } from "./kind";
import { lvsFlows, realDuty, vrrp } from "./lvsFlows";
import { proxyNeeds } from "./proxy";

const hosts = z.strictObject({
  members: members.describe("Two or more hosts, as a count or as keys."),
  instanceType: instanceType.describe("Instance type of every one of them."),
  systemDisk: systemDisk.describe("System disk of every one of them."),
});

const config = z.strictObject({
  kind: z.literal("lvs").describe("`lvs`: a virtual address on a pair of directors that run LVS."),
  forwarding: z
    .enum(["dr", "nat"])
    .describe(
      "How directors send connections on. `dr`: by the MAC of the one chosen, who answers the client directly; takes a network that forwards by MAC (`network.layer2`). `nat`: by address, there and back through the director; works on a VPC.",
    ),
  directors: hosts.describe(
    "Hosts that carry the virtual address and LVS, all in one zone. Nothing else runs on them.",
  ),
  balancers: hosts.optional().meta({
    description: "Hosts that run HAProxy between directors and masters.",
    defaultText: "none: directors send straight to the masters",
  }),
  scheduler: z
    .enum(["lc", "rr", "sh"])
    .default("lc")
    .describe(
      "How a new connection finds its server: `lc` to the one with the fewest, `rr` to each in turn, `sh` by the client's address.",
    ),
  vip: address.optional().meta({
    description: "The virtual address, in the directors' subnet.",
    defaultText: "address 12 of that subnet",
  }),
  virtualRouterId: z
    .int()
    .min(1)
    .max(255)
    .meta({ unit: "VRRP router id" })
    .default(52)
    .describe(
      "VRRP router id, unique among the keepalived groups of the subnet; also tells the directors whose connections they copy.",
    ),
  extraFrontends: extraFrontends.describe(
    "HTTP and TCP services that HAProxy of the balancers fronts beside the API, each at a port of its own.",
  ),
});

type LvsConfig = z.output<typeof config>;

/** A virtual address before a pair of LVS directors. */
export interface LvsPlan extends EntryBase {
  kind: "lvs";
  forwarding: "dr" | "nat";
  scheduler: LvsConfig["scheduler"];
  vip: string;
  /** Name of the HAVIP; undefined on a layer-2 network, where the address belongs to whoever announces it. */
  vipName: string | undefined;
  /** Zone and subnet range of the directors. */
  zone: string;
  subnetCidr: string;
  virtualRouterId: number;
  networkInterface: string;
  directors: readonly HostPlan[];
  /** Hosts that run HAProxy; none where directors send straight to the masters. */
  balancers: readonly HostPlan[];
  masters: readonly Backend[];
  /** Whom the directors send connections to: the balancers if there are any, or else the masters. */
  realServers: readonly Backend[];
}

/** Balancers, whichever. */
const someBalancers: readonly unknown[] = [{}];

function rules(
  { forwarding, directors, balancers, vip }: LvsConfig,
  network: NetworkConfig | undefined,
  masters: readonly MemberConfig[] | undefined,
): Problem[] {
  const zonesOf = (list: readonly MemberConfig[]) => [
    ...new Set(list.map(({ zone }) => zone ?? network?.zones[0]?.zone)),
  ];
  const zones = zonesOf(directors.members);
  const subnet = network?.zones.find(({ zone }) => zone === zones[0]);
  const real = balancers === undefined ? masters : balancers.members;
  const realPath = balancers === undefined ? "masters.members" : "entry.balancers.members";
  const apart = zonesOf(real ?? []).filter((zone) => !zones.includes(zone));
  return [
    ...problemAt("entry.directors.members", directorsFault(directors.members.length)),
    ...problemAt(
      "entry.balancers.members",
      balancers && balancersFault(balancers.members.length, "directors have nowhere to send to"),
    ),
    ...(network === undefined || zones.length <= 1 ? [] : [directorsApart(zones)]),
    ...(network === undefined || forwarding === "nat" || network.layer2 ? [] : [directOnVpc]),
    ...(network === undefined || forwarding === "nat" || apart.length === 0
      ? []
      : [
          {
            path: realPath,
            message: `there are some in ${apart.join(", ")}, but \`dr\` sends frames, which stay in the directors' subnet, in ${zones.join(", ")}`,
            fix: "Put them into the directors' zone, or use `entry.forwarding: nat`",
          },
        ]),
    ...(vip === undefined || subnet === undefined
      ? []
      : vipProblems("entry.vip", vip, subnet.subnetCidr)),
  ];
}

function directorsApart(zones: readonly (string | undefined)[]): Problem {
  return {
    path: "entry.directors.members",
    message: `the directors are in ${zones.join(", ")}, but their virtual address belongs to one subnet, so to one zone`,
    fix: "Put all directors in one zone",
  };
}

const directOnVpc: Problem = {
  path: "entry.forwarding",
  message:
    "got dr, but a VPC forwards by address: what a director sends to another MAC comes back to it, and what a server answers from the virtual address is dropped",
  fix: "Use nat, or kind vip; where these hosts are on a real layer-2 network, say so by network.layer2: true",
};

const vipIn = (subnetCidr: string): string => defaultVip(subnetCidr, "lvsVip");

function plan(config: LvsConfig, site: EntrySite) {
  const { virtualRouterId, forwarding, scheduler } = config;
  const { cluster, apiName, network, networkInterface, own, masters } = site;
  const directors = own.filter(({ role }) => role === "director");
  const balancers = own.filter(({ role }) => role === "balancer");
  const subnet = network.subnets.find(({ zone }) => zone === directors[0]?.zone);
  if (subnet === undefined) throw new Error("the directors have no subnet");
  const port = ports.api;
  const vip = config.vip ?? vipIn(subnet.cidr);
  return {
    kind: "lvs" as const,
    ...{ apiName, endpoint: `${apiName}:${port}`, port, forwarding, scheduler },
    vip,
    vipName: network.layer2 ? undefined : sharedName(cluster, "lvs"),
    zone: subnet.zone,
    subnetCidr: subnet.cidr,
    ...{ virtualRouterId, networkInterface, directors, balancers, masters },
    realServers:
      balancers.length === 0
        ? masters
        : balancers.map(({ name, address }) => ({ name, address, port })),
    ...planFrontends(config.extraFrontends, site, vip),
  };
}

function needs(plan: LvsPlan, { duties }: HostPlan): HostNeeds {
  const real = duties.includes(realDuty(plan));
  return mergeNeeds([
    duties.includes("balancer") ? proxyNeeds : {},
    duties.includes("director") ? directorNeeds(plan) : {},
    real && plan.forwarding === "dr" ? { silentAddresses: [plan.vip] } : {},
  ]);
}

/** A host that lets packets through from one neighbour to another tells neither of a shorter way, or they take it. */
const noRedirects = (device: string) => ({
  why: "Clients are not told of a way past the director.",
  settings: Object.fromEntries(
    ["all", device].map((name) => [`net.ipv4.conf.${name}.send_redirects`, "0"]),
  ),
});

function directorNeeds({
  forwarding,
  scheduler,
  networkInterface,
  vip,
  realServers,
}: LvsPlan): HostNeeds {
  const direct = forwarding === "dr";
  const cut = {
    why: "Connections to a server that was taken out end at once, not when clients give up.",
    settings: { "net.ipv4.vs.expire_nodest_conn": "1" },
  };
  const back = {
    why: "Answers come back through the director, which translates them.",
    settings: { "net.ipv4.ip_forward": "1", "net.ipv4.vs.conntrack": "1" },
  };
  return {
    packages: [...(direct ? [] : ["iptables"]), "ipvsadm", "keepalived"],
    modules: ["ip_vs", `ip_vs_${scheduler}`, ...(direct ? [] : ["nf_conntrack"])],
    sysctls: [cut, noRedirects(networkInterface), ...(direct ? [] : [back])],
    directRouting: direct ? [{ vip, realServers: realServers.map(({ address }) => address) }] : [],
  };
}

/** LVS on a pair of directors, before HAProxy on a pool of balancers or before the masters. */
export const lvs = {
  kind: "lvs",
  config,
  rules,
  fronting: ({ balancers }) =>
    balancers === undefined
      ? {
          message:
            "directors send straight to the masters: there is no HAProxy that the service could share",
          fix: "Set entry.balancers, which run HAProxy, or give the service a load balancer of its own",
        }
      : undefined,
  hosts: ({ directors, balancers }) => [
    hostGroup("director", "entry.directors", directors),
    ...(balancers === undefined ? [] : [hostGroup("balancer", "entry.balancers", balancers)]),
  ],
  onMasters: () => ({}),
  plan,
  defaultVip: vipIn,
  flows: lvsFlows,
  standing: [
    ...lvsFlows({ forwarding: "nat", balancers: [] }),
    ...lvsFlows({ forwarding: "nat", balancers: someBalancers }),
  ],
  guarded: [vrrp],
  needs,
  runs: ({ balancers }) => ({
    ...(balancers.length > 0 && { haproxy: ["balancer"] }),
    keepalived: ["director"],
  }),
  // A master is its own way in. With `dr` it could not take another: what it sends to the virtual address it gets itself.
  alias: ({ vip }, { duties, address }) => (duties.includes("controlPlane") ? address : vip),
  names: ({ vip }) => [vip],
  makes: ({ vipName }) => (vipName === undefined ? [] : [{ kind: "haVip", name: vipName }]),
  tolerated: ({ directors, balancers }) => layersTolerated([directors.length, balancers.length]),
  failureModes: [
    {
      failure: "the director that holds the VIP, or its physical machine, is lost",
      effect:
        "new connections fail until another director has the VIP: about 2 s until its peers notice, and 1 s more. With `dr` connections go on, as directors copy them to each other; with `nat` they are reset",
    },
    {
      failure: "HAProxy of a balancer is dead, or its physical machine is lost",
      effect:
        "its connections end, and new ones that are sent to it fail, until two checks have failed: 1 to 3 s",
    },
    {
      failure: "a master is lost or frozen",
      effect:
        "behind HAProxy as with `vip`: cut after 2 to 3 s, no new connection fails; without it as a balancer here",
    },
    { failure: "all directors are lost", effect: "no worker reaches the API; masters still do" },
    {
      failure: "the zone of the directors is lost",
      effect: "as if all directors were lost: the VIP belongs to one subnet, so to one zone",
    },
  ],
} satisfies EntryKind<LvsConfig, LvsPlan>;
