import { type Duty, type Role, roles, tagNames } from "./roles";

/** Pool of a role that has exactly one: its own name. Worker pools are named by the configuration. */
export const reservedPools: readonly Role[] = roles.filter((role) => role !== "worker");

/** Name of a host, and of everything that belongs to it alone: `<cluster>-<pool>-<key>`. */
export function hostName(cluster: string, pool: string, key: string): string {
  return `${cluster}-${pool}-${key}`;
}

/** Name of a resource the cluster has one of for each `noun`: `<cluster>-<noun>`. */
export function sharedName(cluster: string, noun: string): string {
  return `${cluster}-${noun}`;
}

/** Tags of a host. What people add never hides what the policies read. */
export function hostTags(
  cluster: string,
  host: { role: Role; duties: readonly Duty[]; pool: string },
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const { role, duties, pool } = host;
  const others = Object.entries(extra).filter(([name]) => name !== tagNames.duties);
  return {
    ...Object.fromEntries(others),
    [tagNames.cluster]: cluster,
    [tagNames.role]: role,
    ...(duties.length > 1 ? { [tagNames.duties]: duties.join(" ") } : {}),
    [tagNames.pool]: pool,
  };
}

/** Tags of what belongs to the cluster as a whole, or to one role of it. */
export function sharedTags(
  cluster: string,
  role?: Role,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    ...extra,
    [tagNames.cluster]: cluster,
    ...(role === undefined ? {} : { [tagNames.role]: role }),
  };
}

/** The API's one name. */
export function apiNameOf(cluster: string, configured: string | undefined): string {
  return configured ?? `api.${cluster}.internal`;
}

/** Region of a zone: `ap-guangzhou` of `ap-guangzhou-3`. */
export function regionOf(zone: string): string {
  return zone.replace(/-\d+$/, "");
}

/** Name of the cluster's key pair: letters, digits and underscores, 25 at most. */
export function keyPairName(cluster: string): string {
  return `${cluster.replaceAll("-", "_").slice(0, 16)}_operator`;
}
