import { z } from "zod";
import { defaultVip } from "../addresses";
import { address, instanceType, members, systemDisk } from "../fields";
import { hostGroup } from "../hostGroup";
import { type Flow, type HostPlan } from "../model";
import { sharedName } from "../names";
import { type HostNeeds, mergeNeeds } from "../needs";
import { type Problem, problemAt } from "../problems";
import { balancersFault } from "../rules/quorum";
import { vipProblems } from "../rules/virtualAddress";
import { type NetworkConfig } from "../schema/network";
import { type Backend, type EntryBase, type EntryKind, type EntrySite } from "./kind";
import { ports } from "../ports";
import { proxyNeeds } from "./proxy";

const config = z.strictObject({
  /** `vip`: a HAVIP held by keepalived on a pair of balancers that run HAProxy. */
  kind: z.literal("vip").default("vip"),
  /** Hosts that carry the VIP and HAProxy. */
  balancers: z.strictObject({
    /** Two or more balancers, all in one zone, as a count or as keys. */
    members,
    /** Instance type of every balancer. */
    instanceType,
    /** System disk. */
    systemDisk,
  }),
  /** The virtual address, in the balancers' subnet. @default address 10 of that subnet */
  vip: address.optional(),
  /** VRRP router id, unique among the keepalived groups of the subnet. */
  virtualRouterId: z.int().min(1).max(255).default(51),
});

type VipConfig = z.output<typeof config>;

/** A virtual address before a pair of balancers. */
export interface VipPlan extends EntryBase {
  kind: "vip";
  vip: string;
  /** Name of the HAVIP. */
  vipName: string;
  /** Zone and subnet range of the HAVIP and all balancers. */
  zone: string;
  subnetCidr: string;
  virtualRouterId: number;
  networkInterface: string;
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

function flows({ port }: VipPlan): Flow[] {
  return [
    {
      name: "api-entry",
      why: "API entry",
      protocol: "TCP",
      port,
      from: ["worker", "controlPlane", "bastion"],
      to: ["balancer"],
      awaited: ["worker"],
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
  ];
}

function rules({ balancers, vip }: VipConfig, network: NetworkConfig | undefined): Problem[] {
  const zoneOf = (member: { zone?: string | undefined } | undefined) =>
    member?.zone ?? network?.zones[0]?.zone;
  const zones = [...new Set(balancers.members.map(zoneOf))];
  const subnet = network?.zones.find(({ zone }) => zone === zoneOf(balancers.members[0]));
  return [
    ...problemAt("entry.balancers.members", balancersFault(balancers.members.length)),
    ...(network === undefined || zones.length <= 1
      ? []
      : [
          {
            path: "entry.balancers.members",
            message: `the balancers are in ${zones.join(", ")}, but a HAVIP belongs to one subnet, so to one zone`,
            fix: "Put all balancers in one zone",
          },
        ]),
    ...(vip === undefined || subnet === undefined
      ? []
      : vipProblems("entry.vip", vip, subnet.subnetCidr)),
  ];
}

function plan({ vip, virtualRouterId }: VipConfig, site: EntrySite): VipPlan {
  const { cluster, apiName, network, networkInterface, own, masters } = site;
  const subnet = network.subnets.find(({ zone }) => zone === own[0]?.zone);
  if (subnet === undefined) throw new Error("the balancers have no subnet");
  return {
    kind: "vip",
    apiName,
    endpoint: `${apiName}:${ports.api}`,
    port: ports.api,
    vip: vip ?? defaultVip(subnet.cidr),
    vipName: sharedName(cluster, "api"),
    zone: subnet.zone,
    subnetCidr: subnet.cidr,
    virtualRouterId,
    networkInterface,
    balancers: own,
    masters,
  };
}

/** A HAVIP that keepalived holds on one of a pair of balancers, HAProxy on all of them. */
export const vip = {
  kind: "vip",
  config,
  rules,
  hosts: ({ balancers }) => [hostGroup("balancer", "entry.balancers", balancers)],
  onMasters: () => ({}),
  plan,
  flows,
  guarded: [vrrp],
  needs: (_, { duties }): HostNeeds =>
    duties.includes("balancer")
      ? mergeNeeds([proxyNeeds, { packages: ["curl", "keepalived"] }])
      : {},
  // A master is its own way in, and needs no balancer to work.
  alias: ({ vip }, { duties, address }) => (duties.includes("controlPlane") ? address : vip),
  names: ({ vip }) => [vip],
  makes: ({ vipName }) => [{ kind: "haVip", name: vipName }],
  tolerated: ({ balancers }) => Math.max(0, balancers.length - 1),
  failureModes: [
    {
      failure: "the balancer that holds the VIP, or its physical machine, is lost",
      effect:
        "its connections are lost; new ones fail until another balancer has the VIP: about 2 s until its peers notice, and 1 s more",
    },
    {
      failure: "HAProxy is dead on the balancer that holds the VIP",
      effect:
        "as if the balancer were lost: two failed checks 1 s apart, then it gives the VIP away",
    },
    {
      failure: "a master is lost or frozen",
      effect:
        "its connections are cut after 2 to 3 s; new ones go to another master, after 1 s at most where the dead one was tried",
    },
    { failure: "all balancers are lost", effect: "no worker reaches the API; masters still do" },
    {
      failure: "the zone of the balancers is lost",
      effect: "as if all balancers were lost: a HAVIP belongs to one subnet, so to one zone",
    },
  ],
} satisfies EntryKind<VipConfig, VipPlan>;
