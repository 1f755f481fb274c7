import {
  gatewayMac,
  gatewayOf,
  internetAddress,
  linkOf,
  operatorAddress,
  operatorLink,
  platformRange,
  resolvers,
} from "./addresses";
import { namedSet, nftChain, quoted, replacedTable, set } from "./nft";
import { outboundAddresses, publicAddresses, tableName } from "./ruleset";
import { securityGroupParts } from "./securityGroupParts";
import type { DesiredWorld } from "./types";

/** Marks a frame that goes from host to host, past the router. */
const bridged = 2;
/** Marks what belongs to a connection that was let in. */
const answer = 1;

/**
 * What the fabric of an `l2` network filters and translates, as one nft script that replaces the one before it in one transaction.
 *
 * Two tables share the work. The bridge's knows by which port a frame comes and goes, and judges by the hosts' security groups, as the ruleset of a
 * routed network does. But a bridge has no connection tracking of its own on every kernel, so the other table, through which bridged packets pass
 * first (`nf_call_iptables`), marks answers for it. Bridged and routed packets are tracked apart, by zone: with LVS-DR a packet from outside is seen
 * twice with the same addresses, once routed and translated, once from director to real server. Since the bridge then misses half of a connection
 * whose answers are routed, nothing is dropped for being out of state: it is judged by the rules like the first packet.
 *
 * Sources are not checked, as on a switch; only the router's MAC is nobody else's. Same input, same text.
 */
export function renderBridgedRuleset(desired: DesiredWorld): string {
  const hosts = [...desired.hosts].sort((a, b) => a.instanceId.localeCompare(b.instanceId));
  return bridgeTable({ ...desired, hosts }) + routerTable({ ...desired, hosts });
}

function bridgeTable(desired: DesiredWorld): string {
  const { hosts } = desired;
  const link = (host: (typeof hosts)[number]): string => quoted(linkOf(host.instanceId));
  const { blocks, verdicts } = securityGroupParts(desired);
  const judge = (...directions: ["iifname" | "oifname", "egress" | "ingress"][]): string[] =>
    hosts.length === 0
      ? ["drop"]
      : [...directions.map(([port, direction]) => `${port} vmap ${verdicts(direction)}`), "accept"];
  const passing = ["ether type arp accept", `meta mark ${answer} accept`];
  return replacedTable("bridge", tableName, [
    ...namedSet("links", "ifname", hosts.map(link)),
    ...namedSet("cut", "ifname", hosts.filter(({ linkCut }) => linkCut).map(link)),
    ...blocks,
    ...nftChain("arriving", [
      "type filter hook prerouting priority -300; policy accept;",
      "iifname @cut drop",
      `ether saddr ${gatewayMac} drop`,
      "ether type != { ip, arp } drop",
      `ether daddr != ${gatewayMac} meta mark set ${bridged}`,
    ]),
    ...nftChain("across", [
      "type filter hook forward priority 0; policy drop;",
      "iifname != @links drop",
      "oifname != @links drop",
      ...passing,
      ...judge(["iifname", "egress"], ["oifname", "ingress"]),
    ]),
    ...nftChain("to_router", [
      "type filter hook input priority 0; policy drop;",
      ...passing,
      `ip daddr ${platformRange} accept`,
      `ip daddr ${set(resolvers)} accept`,
      ...gateways(desired).map((address) => `ip daddr ${address} accept`),
      ...judge(["iifname", "egress"]),
    ]),
    ...nftChain("from_router", [
      "type filter hook output priority 0; policy drop;",
      ...passing,
      ...judge(["oifname", "ingress"]),
    ]),
    ...nftChain("leaving", [
      "type filter hook postrouting priority 300; policy accept;",
      "oifname @cut drop",
    ]),
  ]);
}

function routerTable(desired: DesiredWorld): string {
  const { hosts } = desired;
  const publics = publicAddresses(desired);
  const inside = publics.map(([, address]) => address);
  const translate = (pairs: [string, string][]): string =>
    set(pairs.map(([from, to]) => `${from} : ${to}`));
  const outward = publics.map(([outside, address]): [string, string] => [address, outside]);
  const vpcs = [...new Set(hosts.map(({ vpcId }) => vpcId))].sort().map((vpcId) => {
    const subnets = hosts.filter((host) => host.vpcId === vpcId);
    return subnets.map(({ subnetCidr }) => subnetCidr);
  });
  return replacedTable("ip", tableName, [
    ...namedSet("public", "ipv4_addr", inside),
    ...namedSet("outbound", "ipv4_addr", outboundAddresses(desired)),
    ...vpcs.flatMap((subnets, index) => namedSet(`vpc_${index}`, "ipv4_addr", subnets, "interval")),
    ...nftChain("zones", [
      "type filter hook prerouting priority -300; policy accept;",
      `iifname "${operatorLink}" ip saddr != ${operatorAddress} drop`,
      `meta mark ${bridged} ct zone set ${bridged}`,
    ]),
    ...nftChain("answers", [
      "type filter hook prerouting priority -150; policy accept;",
      `ct state related meta mark set ${answer}`,
      `ct direction reply ct state established meta mark set ${answer}`,
    ]),
    ...nftChain("inward", [
      "type nat hook prerouting priority -100; policy accept;",
      ...(publics.length > 0 ? [`dnat to ip daddr map ${translate(publics)}`] : []),
    ]),
    ...nftChain("outward", [
      "type nat hook postrouting priority 100; policy accept;",
      ...(publics.length > 0
        ? [`oifname "${operatorLink}" snat to ip saddr map ${translate(outward)}`]
        : []),
    ]),
    ...nftChain("input", [
      "type filter hook input priority 0; policy drop;",
      'iifname "lo" accept',
      "ct state established,related accept",
      'iifname "s-*" icmp type echo-request accept',
      `iifname "s-*" ip daddr ${platformRange} accept`,
      `iifname "s-*" ip daddr ${set(resolvers)} accept`,
      `iifname "s-*" ip daddr ${internetAddress} ip saddr @outbound accept`,
    ]),
    // What the router itself sends: the platform's answers.
    ...nftChain("output", [
      "type filter hook output priority 0; policy accept;",
      `meta mark set ${answer}`,
    ]),
    ...nftChain("forward", [
      "type filter hook forward priority 0; policy accept;",
      `meta mark ${answer} accept`,
      `oifname "${operatorLink}" ct state invalid drop`,
      `iifname "${operatorLink}" ct status & dnat == 0 drop`,
      `oifname "${operatorLink}" ip saddr != @public drop`,
      ...(vpcs.length > 1
        ? vpcs.map(
            (_, index) =>
              `ip saddr @vpc_${index} oifname "s-*" ip daddr != @vpc_${index} meta mark != ${bridged} drop`,
          )
        : []),
    ]),
  ]);
}

/** Addresses of the router in the subnets. */
const gateways = ({ hosts }: DesiredWorld): string[] => [
  ...new Set(hosts.map(({ subnetCidr }) => gatewayOf(subnetCidr))),
];
