import { z } from "zod";
import { contains, parseCidr } from "../cidr";
import { address } from "../fields";
import { type Flow, type HostPlan } from "../model";
import { type HostNeeds, type Sysctls } from "../needs";
import { ports } from "../ports";
import { type Problem } from "../problems";
import { clientDuties, share } from "../roles";
import { linkLocalRange, platformRange } from "../rules/networks";
import { type NetworkConfig } from "../schema/network";
import { extraFrontends } from "./frontends";
import {
  type Backend,
  type EntryBase,
  type EntryKind,
  type EntryProgram,
  type EntrySite,
} from "./kind";

/** What passes connections on. */
const proxies = ["haproxy", "nginx", "ipvs"] as const;

/** A proxy of the kind `nodeLocal`. */
export type NodeProxy = (typeof proxies)[number];

const defaultVirtualAddress = "10.103.97.2";

const config = z.strictObject({
  kind: z
    .literal("nodeLocal")
    .describe(
      "`nodeLocal`: a proxy on every node, before all masters; no balancer, no address that moves.",
    ),
  proxy: z
    .enum(proxies)
    .default("haproxy")
    .describe(
      "`haproxy`: asks masters whether they are ready. `nginx`: finds out from connections that fail, so a frozen apiserver keeps its share of them until the kubelet restarts it. `ipvs`: rules of the kernel, kept by keepalived's checkers; needs kernels with IPVS.",
    ),
  virtualAddress: address.optional().meta({
    description: "Address that IPVS forwards, in no range of the network. Only with `proxy: ipvs`.",
    defaultText: `\`${defaultVirtualAddress}\``,
  }),
  extraFrontends: extraFrontends.describe("Refused: its proxies serve their own node alone."),
});

type NodeLocalConfig = z.output<typeof config>;

/** Where proxies that are programs listen. An apiserver leaves it alone: it listens at its host's own address. */
const loopback = "127.0.0.1";

/** A proxy on every host that has something to ask the API. */
export interface NodeLocalPlan extends EntryBase {
  kind: "nodeLocal";
  proxy: NodeProxy;
  /** Where the proxy answers, the same on every host. */
  address: string;
  masters: readonly Backend[];
}

/** Whether a host has a proxy. */
export function hasNodeProxy({ duties }: Pick<HostPlan, "duties">): boolean {
  return share(duties, clientDuties);
}

function rules(entry: NodeLocalConfig, network: NetworkConfig | undefined): Problem[] {
  const { proxy, virtualAddress } = entry;
  const path = "entry.virtualAddress";
  if (proxy !== "ipvs") {
    if (virtualAddress === undefined) return [];
    const message = `got ${virtualAddress}, but proxy ${proxy} listens at ${loopback}`;
    return [{ path, message, fix: "Leave it out, or use proxy: ipvs" }];
  }
  const address = virtualAddressOf(entry);
  const ranges = [
    ["network.vpcCidr", network?.vpcCidr],
    ["network.podCidr", network?.podCidr],
    ["network.serviceCidr", network?.serviceCidr],
    ["the platform", platformRange],
    ["the link-local range", linkLocalRange],
  ] as const;
  return ranges.flatMap(([name, cidr]) =>
    cidr !== undefined && contains(parseCidr(cidr), parseCidr(`${address}/32`))
      ? [
          {
            path,
            message: `${virtualAddress === undefined ? "the default" : "got"} ${address}, which lies in ${cidr} of ${name}: somebody else may have it`,
            fix: "Use a private address outside of all these ranges",
          },
        ]
      : [],
  );
}

function virtualAddressOf({ virtualAddress }: NodeLocalConfig): string {
  return virtualAddress ?? defaultVirtualAddress;
}

function plan(entry: NodeLocalConfig, { apiName, masters }: EntrySite): NodeLocalPlan {
  return {
    kind: "nodeLocal",
    proxy: entry.proxy,
    apiName,
    endpoint: `${apiName}:${ports.api}`,
    port: ports.api,
    address: entry.proxy === "ipvs" ? virtualAddressOf(entry) : loopback,
    masters,
  };
}

const flows: readonly Flow[] = [
  {
    name: "api",
    why: "API, from the bastion",
    protocol: "TCP",
    port: ports.api,
    // All nodes reach the masters whatever the kind.
    from: ["bastion"],
    to: ["controlPlane"],
  },
];

const sysctls: Readonly<Record<NodeProxy, readonly Sysctls[]>> = {
  haproxy: [],
  nginx: [
    {
      why: "nginx leaves it to the kernel when a connection to a master that is gone is given up: a minute, not two hours.",
      settings: {
        "net.ipv4.tcp_keepalive_time": "30",
        "net.ipv4.tcp_keepalive_intvl": "10",
        "net.ipv4.tcp_keepalive_probes": "3",
      },
    },
  ],
  ipvs: [
    {
      why: "What comes for a master whose rule is gone is refused or led to another one, instead of being dropped until the client gives up.",
      settings: { "net.ipv4.vs.expire_nodest_conn": "1" },
    },
  ],
};

const programs: Readonly<Record<NodeProxy, EntryProgram>> = {
  haproxy: "haproxy",
  nginx: "nginx",
  ipvs: "keepalived",
};

const packages: Readonly<Record<NodeProxy, readonly string[]>> = {
  haproxy: ["haproxy"],
  nginx: ["libnginx-mod-stream", "nginx"],
  ipvs: ["ipvsadm", "keepalived"],
};

function needs({ proxy }: NodeLocalPlan, host: HostPlan): HostNeeds {
  if (!hasNodeProxy(host)) return {};
  return {
    packages: packages[proxy],
    sysctls: sysctls[proxy],
    ...(proxy === "ipvs" ? { modules: ["ip_vs"] } : {}),
  };
}

/** A proxy on every node and on the bastion, each before all masters; a master's prefers its own apiserver. */
export const nodeLocal = {
  kind: "nodeLocal",
  config,
  rules,
  fronting: () => ({
    message:
      "kind nodeLocal has a proxy on every node for that node alone: there is no HAProxy that others reach",
    fix: "Give the service a load balancer of its own, or use kind vip, or lvs with balancers",
  }),
  hosts: () => [],
  onMasters: () => ({}),
  plan,
  flows: () => flows,
  standing: flows,
  guarded: [],
  needs,
  runs: ({ proxy }) => ({ [programs[proxy]]: clientDuties }),
  alias: ({ address }, host) => (hasNodeProxy(host) ? address : undefined),
  names: ({ address }) => [address],
  makes: () => [],
  tolerated: () => undefined,
  kubeProxy: (entry) =>
    entry.proxy === "ipvs"
      ? { mode: "ipvs", excludeCidrs: [`${virtualAddressOf(entry)}/32`] }
      : undefined,
  failureModes: [
    {
      failure: "a master is lost",
      effect:
        "haproxy, nginx: a new connection that tries it goes to another one after 0.5 s. ipvs: it is lost, until the checks have found out, 3 to 4 s later. " +
        "Established ones: haproxy and ipvs cut them once the checks have found out; with nginx clients find out by their own pings, after 45 s",
    },
    {
      failure: "an apiserver is frozen",
      effect:
        "haproxy, ipvs: as if its host were lost. nginx: it still accepts connections, so its share of new ones hangs until the kubelet restarts it",
    },
    {
      failure: "an apiserver is dead or stops",
      effect: "its connections are cut; new ones go to another one at once, with ipvs after 3 s",
    },
    {
      failure: "the proxy of a node is dead",
      effect:
        "that node's connections are cut and new ones refused until systemd has started it again, after 1 s. ipvs: none, the rules are the kernel's; they are not kept true meanwhile",
    },
    {
      failure: "a node is lost",
      effect: "none for others: there is nothing that they share",
    },
  ],
} satisfies EntryKind<NodeLocalConfig, NodeLocalPlan>;
