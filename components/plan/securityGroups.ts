import { sharedName, sharedTags } from "./names";
import { type Flow, type HostGroup } from "./model";
import { type Duty, ownDuty, type Role, roles, share } from "./roles";

/** One rule, from a range or from the members of a role's group. `ALL` protocol includes VRRP. */
export interface SecurityRule {
  action: "ACCEPT" | "DROP";
  protocol: Flow["protocol"];
  /** `22`, `2379-2380` or `ALL`. */
  port: string;
  /** Who the other side is: exactly one of `role` and `cidr`. */
  role?: Role;
  cidr?: string;
  /** What the rule is for; shown in the console. */
  description: string;
}

/** Security group of a role. Groups are stateful, and what no rule allows is denied. */
export interface SecurityGroupPlan {
  role: Role;
  name: string;
  ingress: SecurityRule[];
  egress: SecurityRule[];
  tags: Record<string, string>;
}

/** A role that has hosts, and what they do. */
export interface RoleDuties {
  role: Role;
  duties: readonly Duty[];
}

const anywhere = "0.0.0.0/0";

/** Outbound is open: hosts fetch packages, images and time, and pods reach what their owners want. */
const egress: SecurityRule[] = [
  {
    action: "ACCEPT",
    protocol: "ALL",
    port: "ALL",
    cidr: anywhere,
    description: "outbound: packages, images, time, what pods call",
  },
];

/** The group of every role, with exactly the flows the cluster has. A test dials all hosts and compares with this. */
export function securityGroups(
  cluster: { name: string; tags: Readonly<Record<string, string>> },
  having: readonly RoleDuties[],
  flows: readonly Flow[],
): SecurityGroupPlan[] {
  return having.map(({ role, duties }) => ({
    role,
    name: sharedName(cluster.name, role),
    ingress: once(
      flows.filter((flow) => share(flow.to, duties)).flatMap((flow) => rulesOf(flow, having)),
    ),
    egress,
    tags: sharedTags(cluster.name, role, cluster.tags),
  }));
}

/** Roles that a cluster may come to have while it lives: workers by the first pool, the others by another kind of entry. */
const laterRoles = ["balancer", "director", "worker"] as const;

/**
 * Roles of a cluster and what their hosts do, in the order of {@link roles}. Those that it may come to have are among them from the beginning: a
 * group that is named by others' rules neither comes nor goes with its hosts.
 */
export function roleDuties(groups: readonly HostGroup[]): RoleDuties[] {
  const all: RoleDuties[] = [
    ...groups,
    ...laterRoles.map((role) => ({ role, duties: [ownDuty[role]] })),
  ];
  return roles.flatMap((role) => {
    const having = all.filter((group) => group.role === role);
    if (having.length === 0) return [];
    return [{ role, duties: [...new Set(having.flatMap(({ duties }) => duties))] }];
  });
}

/** Rules of which no two let the same in: the cloud refuses the second one. */
function once(rules: readonly SecurityRule[]): SecurityRule[] {
  const known = new Map<string, SecurityRule>();
  for (const rule of rules) {
    const { protocol, port, role, cidr } = rule;
    const key = JSON.stringify([protocol, port, role, cidr]);
    if (!known.has(key)) known.set(key, rule);
  }
  return [...known.values()];
}

/** A rule for every range and every role that a flow comes from. */
function rulesOf(flow: Flow, having: readonly RoleDuties[]): SecurityRule[] {
  const cidrs = flow.from.filter((from) => typeof from !== "string");
  const members = flow.from.flatMap((from) =>
    typeof from === "string" ? having.filter(({ duties }) => duties.includes(from)) : [],
  );
  const sources = [...[...new Set(members)].map(({ role }) => ({ role })), ...cidrs];
  return sources.map((source) => ({
    action: "ACCEPT",
    protocol: flow.protocol,
    port: String(flow.port ?? "ALL"),
    ...source,
    description: flow.why,
  }));
}
