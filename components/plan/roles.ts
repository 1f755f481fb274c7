/** What a host is known by: its addresses, groups and the tag `kubernetes-ha/role` follow from it. What it does are its {@link Duty}s. */
export const roles = ["bastion", "etcd", "master", "balancer", "director", "worker"] as const;
export type Role = (typeof roles)[number];

/** What a host does. One host may have several: a master that also holds a member of etcd has two. */
export const duties = [
  "bastion",
  "etcd",
  "controlPlane",
  "balancer",
  "director",
  "worker",
] as const;
export type Duty = (typeof duties)[number];

/** What the hosts of a role do, unless the configuration gives them more. */
export const ownDuty: Readonly<Record<Role, Duty>> = {
  bastion: "bastion",
  etcd: "etcd",
  master: "controlPlane",
  balancer: "balancer",
  director: "director",
  worker: "worker",
};

/** Duties of a host by its tags: those that the duties' tag lists, or else its role's own. */
export function dutiesByTags(role: Role, listed: string | undefined): readonly Duty[] {
  const known = duties.filter((duty) => listed?.split(" ").includes(duty));
  return known.length === 0 ? [ownDuty[role]] : known;
}

/** Duties whose hosts are nodes of the cluster. */
export const nodeDuties: readonly Duty[] = ["controlPlane", "worker"];

/** Duties whose hosts ask the API for something: etcd does not, and who passes connections on asks masters. */
export const clientDuties: readonly Duty[] = ["worker", "controlPlane", "bastion"];

/** Roles whose members must never share a physical machine. */
export const spreadRoles = ["etcd", "master", "balancer", "director"] as const;
export type SpreadRole = (typeof spreadRoles)[number];

export function isRole(text: unknown): text is Role {
  return typeof text === "string" && (roles as readonly string[]).includes(text);
}

export function isSpreadRole(role: Role | undefined): role is SpreadRole {
  return (spreadRoles as readonly unknown[]).includes(role);
}

/** Whether two lists of duties have one in common. */
export function share(some: readonly Duty[], others: readonly Duty[]): boolean {
  return some.some((duty) => others.includes(duty));
}

/** Roles whose members hold data or the cluster's identity: no edit may replace or remove one of them. */
export const keptRoles: readonly Role[] = ["etcd", "master"];

/** Whether a host holds data or identity and is to stay: its machine and its data disk are protected. */
export function isKept({ role, leaving }: { role: Role; leaving?: true }): boolean {
  return keptRoles.includes(role) && leaving !== true;
}

/** Names of the tags that every resource of a cluster carries, where it can carry tags. */
export const tagNames = {
  cluster: "kubernetes-ha/cluster",
  role: "kubernetes-ha/role",
  /** What a host does when that is more than its role says, separated by spaces. */
  duties: "kubernetes-ha/duties",
  pool: "kubernetes-ha/pool",
} as const;
