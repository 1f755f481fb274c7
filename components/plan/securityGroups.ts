import { sharedName, sharedTags } from "./names";
import { type Flow, type HostGroup } from "./model";
import { type Duty, type Role, roles, share } from "./roles";

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
    ingress: flows
      .filter((flow) => share(flow.to, duties))
      .flatMap((flow) => rulesOf(flow, having)),
    egress,
    tags: sharedTags(cluster.name, role, cluster.tags),
  }));
}

/** Roles of a cluster and what their hosts do, in the order of {@link roles}. Workers are among them before there is a pool. */
export function roleDuties(groups: readonly HostGroup[]): RoleDuties[] {
  const all: RoleDuties[] = [...groups, { role: "worker", duties: ["worker"] }];
  return roles.flatMap((role) => {
    const having = all.filter((group) => group.role === role);
    if (having.length === 0) return [];
    return [{ role, duties: [...new Set(having.flatMap(({ duties }) => duties))] }];
  });
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
