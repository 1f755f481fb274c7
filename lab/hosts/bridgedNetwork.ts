import { must } from "../process";
import { bridgeOf, gatewayMac, gatewayOf, inCidr, macOf, prefixOf } from "./addresses";
import { renderBridgedRuleset } from "./bridgedRuleset";
import type { Network } from "./network";
import type { DesiredWorld } from "./types";

/**
 * `l2`: what a data centre is like. Hosts of a subnet are ports of one switch, frames go by MAC: LVS-DR, VRRP's multicast and gratuitous ARP do what
 * they do there, and no source is checked. Subnets are joined by a router that has their first address. Security groups are enforced all the same.
 */
export const bridgedNetwork: Network = {
  prepare: makeBridges,
  bridgeOf: ({ subnetId }) => bridgeOf(subnetId),
  ruleset: (desired) => renderBridgedRuleset(desired),
  routes: bridgedRoutes,
  announcer: ({ hosts }, { link, mac }) =>
    hosts.find(
      ({ subnetId, privateIp }) => bridgeOf(subnetId) === link && macOf(privateIp) === mac,
    ),
  forgetsNeighbours: false,
};

/** Routes of the VPC through instances; where an address is, ARP tells. */
export function bridgedRoutes({ hosts, routes }: DesiredWorld): Map<string, string> {
  return new Map(
    routes.flatMap(({ destinationCidr, nextHopIp, vpcId }): [string, string][] => {
      const peer = hosts.find((host) => host.vpcId === vpcId && inCidr(nextHopIp, host.subnetCidr));
      return peer
        ? [[destinationCidr, `via ${nextHopIp} dev ${bridgeOf(peer.subnetId)} onlink`]]
        : [];
    }),
  );
}

async function makeBridges(netns: string, { hosts }: DesiredWorld): Promise<void> {
  const subnets = new Map(
    hosts.map(({ subnetId, subnetCidr }) => [bridgeOf(subnetId), subnetCidr]),
  );
  const { stdout } = await must(["ip", "-n", netns, "-json", "link", "show", "type", "bridge"]);
  const present = (JSON.parse(stdout || "[]") as { ifname?: string }[]).flatMap(({ ifname }) =>
    ifname?.startsWith("s-") ? [ifname] : [],
  );
  for (const bridge of present.filter((name) => !subnets.has(name)))
    await must(["ip", "-n", netns, "link", "del", bridge]);
  for (const [bridge, cidr] of subnets)
    if (!present.includes(bridge)) await makeBridge(netns, bridge, cidr);
}

/** A switch, and the router's port of it. `nf_call_iptables`: bridged packets pass connection tracking, which the bridge's own filters cannot see. */
async function makeBridge(netns: string, bridge: string, cidr: string): Promise<void> {
  const ip = (...args: string[]): Promise<unknown> => must(["ip", "-n", netns, ...args]);
  const switchSettings = ["stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"];
  await ip(
    ...["link", "add", bridge, "address", gatewayMac, "type", "bridge", "nf_call_iptables", "1"],
    ...switchSettings,
  );
  await ip("addr", "add", `${gatewayOf(cidr)}/${prefixOf(cidr)}`, "dev", bridge);
  const settings = {
    // An announcement makes a neighbour known, and one that comes at once after another counts too.
    [`conf/${bridge}/arp_accept`]: 1,
    [`neigh/${bridge}/locktime`]: 0,
    [`conf/${bridge}/rp_filter`]: 0,
    [`conf/${bridge}/send_redirects`]: 0,
  };
  for (const [name, value] of Object.entries(settings))
    await must(["sh", "-c", `echo "$1" >"/proc/sys/net/ipv4/$2"`, "sh", String(value), name], {
      netns,
    });
  await ip("link", "set", bridge, "up");
}
