import {
  internetAddress,
  linkOf,
  operatorAddress,
  operatorLink,
  nowhereLink,
  platformRange,
  resolvers,
} from "./addresses";
import { balancerRules } from "./balancerRules";
import { namedSet, nftChain, quoted, replacedTable, set } from "./nft";
import { securityGroupParts } from "./securityGroupParts";
import type { DesiredWorld, HostSpec } from "./types";

/** Owner of each HAVIP by its id; a HAVIP nobody announced yet is not in it. */
export type HaVipOwners = ReadonlyMap<string, string>;

/** The one nft table of a fabric. */
export const tableName = "lab";

/** Instance that carries an address: its own, or a HAVIP's while it owns it. */
export function carrierOf(
  desired: DesiredWorld,
  owners: HaVipOwners,
  address: string,
): HostSpec | undefined {
  const haVip = desired.haVips.find(({ vip }) => vip === address);
  const owner = haVip && owners.get(haVip.haVipId);
  return desired.hosts.find((host) =>
    haVip ? host.instanceId === owner : host.privateIp === address,
  );
}

/** Addresses an instance may send from: its own, HAVIPs it owns, ranges that are routed to it. */
export function sourcesOf(desired: DesiredWorld, owners: HaVipOwners, host: HostSpec): string[] {
  return [
    host.privateIp,
    ...desired.haVips
      .filter(({ haVipId }) => owners.get(haVipId) === host.instanceId)
      .map(({ vip }) => vip),
    ...desired.routes
      .filter((route) => carrierOf(desired, owners, route.nextHopIp) === host)
      .map(({ destinationCidr }) => destinationCidr),
  ];
}

/** Public address and the private one behind it. */
export function publicAddresses(desired: DesiredWorld): [string, string][] {
  return [
    ...desired.hosts.flatMap((host): [string, string][] =>
      host.publicIp === undefined ? [] : [[host.publicIp, host.privateIp]],
    ),
    ...desired.haVips.flatMap((haVip): [string, string][] =>
      haVip.publicIp === undefined ? [] : [[haVip.publicIp, haVip.vip]],
    ),
  ];
}

/** Addresses of those who reach the public internet: they have an address there, or a NAT gateway leads them out. */
export function outboundAddresses({ hosts }: DesiredWorld): string[] {
  return hosts
    .filter(({ publicIp, behindNat }) => publicIp !== undefined || behindNat === true)
    .map(({ privateIp }) => privateIp);
}

/**
 * Everything the fabric filters and translates, as one nft script that replaces the one before it in one transaction.
 *
 * Packets of a connection's first direction are judged by the rules each time, not only when it is new, so that a rule that is taken
 * away also ends what it let in, as in the cloud; answers pass because connection tracking knows them. What has no living host behind it
 * is dropped without a word, so a dead host is a black hole to its peers. Same input, same text.
 *
 * @param owners who holds each HAVIP now: only it may send from the address.
 */
export function renderRuleset(desired: DesiredWorld, owners: HaVipOwners): string {
  const hosts = [...desired.hosts].sort((a, b) => a.instanceId.localeCompare(b.instanceId));
  const links = hosts.map((host) => quoted(linkOf(host.instanceId)));
  const publics = publicAddresses({ ...desired, hosts });
  const { blocks, verdicts, ingressOf } = securityGroupParts({ ...desired, hosts });
  const balanced = balancerRules(hosts.length > 0 ? desired.loadBalancers : [], {
    egress: verdicts("egress"),
    ingress: verdicts("ingress"),
    ingressOf,
  });
  const vpcs = [...new Set(hosts.map((host) => host.vpcId))].sort();

  const lines: string[] = [];
  const named = (...parts: Parameters<typeof namedSet>): unknown =>
    lines.push(...namedSet(...parts));
  const chain = (name: string, content: string[]): unknown =>
    lines.push(...nftChain(name, content));

  named("links", "ifname", links);
  named(
    "cut",
    "ifname",
    hosts.flatMap((host) => (host.linkCut ? [quoted(linkOf(host.instanceId))] : [])),
  );
  named(
    "public",
    "ipv4_addr",
    publics.map(([, inside]) => inside),
  );
  named("outbound", "ipv4_addr", outboundAddresses({ ...desired, hosts }));
  named(
    "sources",
    "ifname . ipv4_addr",
    hosts.flatMap((host) =>
      sourcesOf(desired, owners, host).map(
        (source) => `${quoted(linkOf(host.instanceId))} . ${source}`,
      ),
    ),
    "interval",
  );
  for (const [name, addresses] of balanced.sets) named(name, "ipv4_addr", addresses);
  vpcs.forEach((vpcId, index) => {
    const members = hosts.filter((host) => host.vpcId === vpcId);
    named(
      `vpc_${index}`,
      "ifname",
      members.map((host) => quoted(linkOf(host.instanceId))),
    );
  });
  lines.push(...blocks);

  chain("spoof", [
    "type filter hook prerouting priority -300; policy accept;",
    "iifname @cut drop",
    'iifname "h-*" iifname . ip saddr != @sources drop',
    `iifname "${operatorLink}" ip saddr != ${operatorAddress} drop`,
  ]);
  chain("callers", [
    "type filter hook prerouting priority -110; policy accept;",
    ...balanced.callers,
  ]);
  chain("unreachable", [
    "type filter hook postrouting priority 300; policy accept;",
    "oifname @cut drop",
  ]);
  const translate = (pairs: [string, string][]): string =>
    set(pairs.map(([from, to]) => `${from} : ${to}`));
  chain("inward", [
    "type nat hook prerouting priority -100; policy accept;",
    ...(publics.length > 0 ? [`dnat to ip daddr map ${translate(publics)}`] : []),
  ]);
  chain("outward", [
    "type nat hook postrouting priority 100; policy accept;",
    ...(publics.length > 0
      ? [
          `oifname "${operatorLink}" snat to ip saddr map ${translate(publics.map(([outside, inside]) => [inside, outside]))}`,
        ]
      : []),
  ]);
  chain("input", [
    "type filter hook input priority 0; policy drop;",
    'iifname "lo" accept',
    "ct state established,related accept",
    'iifname "h-*" icmp type echo-request accept',
    `iifname "h-*" ip daddr ${platformRange} accept`,
    `iifname "h-*" ip daddr ${set(resolvers)} accept`,
    ...(hosts.length > 0
      ? [
          `ip daddr ${internetAddress} iifname vmap ${verdicts("egress")}`,
          `iifname "h-*" ip daddr ${internetAddress} ip saddr @outbound accept`,
        ]
      : []),
  ]);
  chain("output", [
    "type filter hook output priority 0; policy accept;",
    "icmp type destination-unreachable icmp code != { frag-needed, port-unreachable } drop",
    "icmp type redirect drop",
    ...balanced.output,
  ]);
  chain("balanced", balanced.balanced);
  chain("forward", [
    "type filter hook forward priority 0; policy drop;",
    `oifname "${nowhereLink}" drop`,
    'iifname "h-*" iifname != @links drop',
    'oifname "h-*" oifname != @links drop',
    ...(vpcs.length > 1
      ? vpcs.map((_, index) => `iifname @vpc_${index} oifname "h-*" oifname != @vpc_${index} drop`)
      : []),
    "ct state invalid drop",
    "ct state related accept",
    "ct direction reply ct state established accept",
    `iifname "${operatorLink}" ct status & dnat == 0 drop`,
    `oifname "${operatorLink}" ip saddr != @public drop`,
    ...balanced.forward,
    ...(hosts.length > 0
      ? [`iifname vmap ${verdicts("egress")}`, `oifname vmap ${verdicts("ingress")}`, "accept"]
      : []),
  ]);
  return replacedTable("ip", tableName, lines);
}
