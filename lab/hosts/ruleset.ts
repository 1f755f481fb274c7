import {
  linkOf,
  operatorAddress,
  operatorLink,
  nowhereLink,
  platformRange,
  resolvers,
} from "./addresses";
import type { DesiredWorld, HostSpec, SecurityGroupRule, SecurityGroupSpec } from "./types";

/** Owner of each HAVIP by its id; a HAVIP nobody announced yet is not in it. */
export type HaVipOwners = ReadonlyMap<string, string>;

/** The one nft table of a fabric. */
export const tableName = "lab";

const set = (elements: string[]): string => `{ ${[...new Set(elements)].join(", ")} }`;
const quoted = (name: string): string => `"${name}"`;
const groupSet = (securityGroupId: string): string =>
  `members_${securityGroupId.replaceAll("-", "_")}`;

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

/** nft match of a rule, without its verdict; undefined when nothing can match it. */
function matchOf(
  rule: SecurityGroupRule,
  peer: "saddr" | "daddr",
  groups: ReadonlySet<string>,
): string | undefined {
  const parts: string[] = [];
  if (rule.securityGroupId !== undefined) {
    if (!groups.has(rule.securityGroupId)) return undefined;
    parts.push(`ip ${peer} @${groupSet(rule.securityGroupId)}`);
  } else if (rule.cidr !== undefined && rule.cidr !== "0.0.0.0/0") {
    parts.push(`ip ${peer} ${rule.cidr}`);
  }
  const anyPort = rule.ports.toUpperCase() === "ALL" || rule.ports === "";
  switch (rule.protocol) {
    case "TCP":
    case "UDP": {
      const protocol = rule.protocol.toLowerCase();
      parts.push(
        anyPort
          ? `meta l4proto ${protocol}`
          : `${protocol} dport ${set(rule.ports.split(",").map((port) => port.trim()))}`,
      );
      break;
    }
    case "ICMP":
      parts.push("meta l4proto icmp");
      break;
    case "ALL":
      break;
  }
  return parts.join(" ");
}

/** Body of the chain for one list of groups: the first rule that matches decides, none means closed. */
function chainBody(
  direction: "ingress" | "egress",
  ids: string[],
  groups: ReadonlyMap<string, SecurityGroupSpec>,
): string[] {
  const known = new Set(groups.keys());
  const lines = ids.flatMap((id) =>
    (groups.get(id)?.[direction] ?? []).flatMap((rule) => {
      const match = matchOf(rule, direction === "ingress" ? "saddr" : "daddr", known);
      return match === undefined
        ? []
        : [`${match} ${rule.action === "ACCEPT" ? "return" : "drop"}`.trim()];
    }),
  );
  return [...lines, "drop"];
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
function publicAddresses(desired: DesiredWorld): [string, string][] {
  return [
    ...desired.hosts.flatMap((host): [string, string][] =>
      host.publicIp === undefined ? [] : [[host.publicIp, host.privateIp]],
    ),
    ...desired.haVips.flatMap((haVip): [string, string][] =>
      haVip.publicIp === undefined ? [] : [[haVip.publicIp, haVip.vip]],
    ),
  ];
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
  const groups = new Map(desired.securityGroups.map((group) => [group.securityGroupId, group]));
  const hosts = [...desired.hosts].sort((a, b) => a.instanceId.localeCompare(b.instanceId));
  const links = hosts.map((host) => quoted(linkOf(host.instanceId)));
  const publics = publicAddresses({ ...desired, hosts });
  const combinations = [...new Set(hosts.map((host) => host.securityGroupIds.join(" ")))];
  const chainOf = (host: HostSpec): number => combinations.indexOf(host.securityGroupIds.join(" "));
  const vpcs = [...new Set(hosts.map((host) => host.vpcId))].sort();

  const lines: string[] = [
    `table ip ${tableName}`,
    `delete table ip ${tableName}`,
    `table ip ${tableName} {`,
  ];
  const named = (name: string, type: string, elements: string[], flags?: string): void => {
    lines.push(`  set ${name} {`, `    type ${type}`);
    if (flags) lines.push(`    flags ${flags}`);
    if (elements.length > 0) lines.push(`    elements = ${set(elements)}`);
    lines.push("  }");
  };
  const chain = (name: string, body: string[]): void => {
    lines.push(`  chain ${name} {`, ...body.map((line) => `    ${line}`), "  }");
  };

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
  for (const id of groups.keys()) {
    const members = hosts.filter((host) => host.securityGroupIds.includes(id));
    named(
      groupSet(id),
      "ipv4_addr",
      members.map((host) => host.privateIp),
    );
  }
  vpcs.forEach((vpcId, index) => {
    const members = hosts.filter((host) => host.vpcId === vpcId);
    named(
      `vpc_${index}`,
      "ifname",
      members.map((host) => quoted(linkOf(host.instanceId))),
    );
  });
  combinations.forEach((combination, index) => {
    const ids = combination === "" ? [] : combination.split(" ");
    chain(`egress_${index}`, chainBody("egress", ids, groups));
    chain(`ingress_${index}`, chainBody("ingress", ids, groups));
  });

  chain("spoof", [
    "type filter hook prerouting priority -300; policy accept;",
    "iifname @cut drop",
    'iifname "h-*" iifname . ip saddr != @sources drop',
    `iifname "${operatorLink}" ip saddr != ${operatorAddress} drop`,
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
  ]);
  chain("output", [
    "type filter hook output priority 0; policy accept;",
    "icmp type destination-unreachable icmp code != { frag-needed, port-unreachable } drop",
    "icmp type redirect drop",
  ]);
  const verdicts = (direction: string): string =>
    set(
      hosts.map(
        (host) => `${quoted(linkOf(host.instanceId))} : jump ${direction}_${chainOf(host)}`,
      ),
    );
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
    ...(hosts.length > 0
      ? [`iifname vmap ${verdicts("egress")}`, `oifname vmap ${verdicts("ingress")}`, "accept"]
      : []),
  ]);
  lines.push("}");
  return `${lines.join("\n")}\n`;
}
