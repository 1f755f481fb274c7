/** What a host is for. It is in the tag `kubernetes-ha/role` of every instance. */
export const roles = ["bastion", "etcd", "master", "balancer", "worker"] as const;
export type Role = (typeof roles)[number];

/** Roles whose members must never share a physical machine. */
export const spreadRoles = ["etcd", "master", "balancer"] as const;
export type SpreadRole = (typeof spreadRoles)[number];

export function isRole(text: unknown): text is Role {
  return typeof text === "string" && (roles as readonly string[]).includes(text);
}

export function isSpreadRole(role: Role | undefined): role is SpreadRole {
  return (spreadRoles as readonly unknown[]).includes(role);
}

/** Roles whose members hold data or the cluster's identity: no edit may replace or remove one of them. */
export const keptRoles: readonly Role[] = ["etcd", "master"];

/** Names of the tags that every resource of a cluster carries, where it can carry tags. */
export const tagNames = {
  cluster: "kubernetes-ha/cluster",
  role: "kubernetes-ha/role",
  pool: "kubernetes-ha/pool",
} as const;
