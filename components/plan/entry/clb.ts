import { z } from "zod";
import { defaultVip } from "../addresses";
import { address, zone } from "../fields";
import { type Flow } from "../model";
import { sharedName } from "../names";
import { type Problem } from "../problems";
import { type NetworkConfig } from "../schema/network";
import { type HealthCheck } from "../rules/detection";
import { vipProblems } from "../rules/virtualAddress";
import { extraFrontends } from "./frontends";
import { type Backend, type EntryBase, type EntryKind, type EntrySite } from "./kind";
import { ports } from "../ports";

const config = z.strictObject({
  kind: z
    .literal("clb")
    .describe(
      "`clb`: an internal load balancer of the cloud, with the masters themselves behind it.",
    ),
  zone: zone.optional().meta({
    description: "Zone of the subnet that its address is of; it goes on without that zone.",
    defaultText: "the first zone of the network",
  }),
  vip: address.optional().meta({
    description: "Address of the load balancer, in the subnet of its zone.",
    defaultText: "address 11 of that subnet, so that it is known before it is made",
  }),
  extraFrontends: extraFrontends.describe("Refused: nothing but the API is behind it."),
});

type ClbConfig = z.output<typeof config>;

/** A CLB with the masters behind it, and on every master a way to its own apiserver. */
export interface ClbPlan extends EntryBase {
  kind: "clb";
  /** Address of the CLB. */
  vip: string;
  /** Zone of the subnet that it is of. */
  zone: string;
  loadBalancerName: string;
  targetGroupName: string;
  /** How the CLB finds out whether a master is ready, over HTTP at `readinessPort`. */
  healthCheck: HealthCheck & { successes: number };
  /** Port of every master where HAProxy passes on, in plain HTTP, what its apiserver says of itself. */
  readinessPort: number;
  /** Port of every master where HAProxy leads to its own apiserver, or to the others while that is not ready. */
  localPort: number;
  masters: readonly Backend[];
}

/** The shortest that a CLB takes (2 s each, but a probe must end before the next begins): at worst 8 s. */
const healthCheck = { interval: 3, failures: 2, timeout: 2, successes: 2 } as const;

function rules({ zone, vip }: ClbConfig, network: NetworkConfig | undefined): Problem[] {
  if (network === undefined) return [];
  const known = network.zones.map((each) => each.zone);
  const subnet = network.zones.find((each) => each.zone === (zone ?? known[0]));
  if (subnet === undefined) {
    const message = `got ${zone}, but the network has ${known.join(", ")}`;
    return [{ path: "entry.zone", message, fix: "Use one of those, or leave it out" }];
  }
  return vip === undefined ? [] : vipProblems("entry.vip", vip, subnet.subnetCidr);
}

const vipIn = (subnetCidr: string): string => defaultVip(subnetCidr, "loadBalancer");

function plan({ zone, vip }: ClbConfig, site: EntrySite): ClbPlan {
  const { cluster, apiName, network, masters } = site;
  const subnet = network.subnets.find((each) => zone === undefined || each.zone === zone);
  if (subnet === undefined) throw new Error(`zone ${zone} is not in network.zones`);
  return {
    kind: "clb",
    apiName,
    endpoint: `${apiName}:${ports.api}`,
    port: ports.api,
    vip: vip ?? vipIn(subnet.cidr),
    zone: subnet.zone,
    loadBalancerName: sharedName(cluster, "api"),
    targetGroupName: sharedName(cluster, "masters"),
    healthCheck,
    readinessPort: ports.apiReadiness,
    localPort: ports.localApi,
    masters,
  };
}

/** A CLB keeps its clients' addresses, so the masters' own group decides who may come. Its probes pass every group. */
const flows: readonly Flow[] = [
  {
    name: "api-entry",
    why: "API, from the bastion",
    protocol: "TCP",
    port: ports.api,
    from: ["bastion"],
    to: ["controlPlane"],
  },
];

/** An internal CLB; HAProxy on every master answers its probes, and leads the master's own connections past it. */
export const clb = {
  kind: "clb",
  config,
  rules,
  fronting: () => ({
    message:
      "kind clb sends straight to the masters: there is no HAProxy that the service could share",
    fix: "Give the service a load balancer of its own, or use kind vip, or lvs with balancers",
  }),
  hosts: () => [],
  onMasters: () => ({}),
  plan,
  defaultVip: vipIn,
  flows: () => flows,
  // The same as nodeLocal's.
  standing: [],
  guarded: [],
  needs: (_, { duties }) =>
    duties.includes("controlPlane")
      ? {
          packages: ["haproxy", "nftables"],
          laterServices: ["haproxy", "kubernetes-ha-api-redirect"],
        }
      : {},
  runs: () => ({ haproxy: ["controlPlane"] }),
  // On a master, connections to it are led to the master's own HAProxy.
  alias: ({ vip }) => vip,
  names: ({ vip }) => [vip],
  makes: ({ loadBalancerName, targetGroupName, apiName }) => [
    { kind: "loadBalancer", name: loadBalancerName },
    { kind: "targetGroup", name: targetGroupName },
    { kind: "privateZone", name: apiName },
  ],
  // Its own redundancy is the platform's.
  tolerated: () => undefined,
  failureModes: [
    {
      failure: "a master, its physical machine or its zone is lost, or its apiserver is frozen",
      effect:
        "new connections that are led to it wait or fail until two checks have: 8 s at most; its established ones last until their clients' own limit, 45 s for kubelets and controllers, unless the provider can have the CLB reset them",
    },
    {
      failure: "the apiserver of a master is dead, HAProxy of a master is dead",
      effect:
        "new connections that are led to it are refused, or served, until two checks have failed: 6 s at most; the master itself goes to the other ones in between 1 and 3 s",
    },
    {
      failure: "no master passes its check",
      effect:
        "the CLB sends connections to all of them: an API that is down refuses, and one that has come back is found at once",
    },
    {
      failure: "a machine of the CLB is lost",
      effect:
        "the platform's own matter: it documents a change-over within 10 s that keeps sessions older than 5 s",
    },
    {
      failure: "private DNS does not answer",
      effect: "pods do not find the API by its name; hosts, which have it in /etc/hosts, do",
    },
  ],
} satisfies EntryKind<ClbConfig, ClbPlan>;
