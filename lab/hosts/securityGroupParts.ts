import { linkOf } from "./addresses";
import { namedSet, nftChain, quoted, set } from "./nft";
import type { DesiredWorld, SecurityGroupRule, SecurityGroupSpec } from "./types";

const groupSet = (securityGroupId: string): string =>
  `members_${securityGroupId.replaceAll("-", "_")}`;

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

/** Security groups as parts of an nft table, of whichever family: sets of their members, and a chain a direction for each list of groups. */
export function securityGroupParts(desired: DesiredWorld): {
  blocks: string[];
  /** Map from a host's link to the verdict on what it sends (`egress`) or gets (`ingress`): returns when it may. */
  verdicts: (direction: "egress" | "ingress") => string;
  /** The chain that judges what something with these groups gets. */
  ingressOf: (judged: { securityGroupIds: string[] }) => string;
} {
  const { hosts, loadBalancers } = desired;
  const groups = new Map(desired.securityGroups.map((group) => [group.securityGroupId, group]));
  const listOf = ({ securityGroupIds }: { securityGroupIds: string[] }): string =>
    securityGroupIds.join(" ");
  const lists = [...new Set([...hosts, ...loadBalancers].map(listOf))];
  const members = (id: string): string[] =>
    hosts.flatMap((host) => (host.securityGroupIds.includes(id) ? [host.privateIp] : []));
  return {
    blocks: [
      ...[...groups.keys()].flatMap((id) => namedSet(groupSet(id), "ipv4_addr", members(id))),
      ...lists.flatMap((list, index) => {
        const ids = list === "" ? [] : list.split(" ");
        return [
          ...nftChain(`egress_${index}`, chainBody("egress", ids, groups)),
          ...nftChain(`ingress_${index}`, chainBody("ingress", ids, groups)),
        ];
      }),
    ],
    verdicts: (direction) =>
      set(
        hosts.map(
          (host) =>
            `${quoted(linkOf(host.instanceId))} : jump ${direction}_${lists.indexOf(listOf(host))}`,
        ),
      ),
    ingressOf: (judged) => `ingress_${lists.indexOf(listOf(judged))}`,
  };
}
