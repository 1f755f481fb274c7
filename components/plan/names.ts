import { createHash } from "node:crypto";
import type { ClusterPlan } from "./cluster";
import { type Duty, type Role, roles, tagNames } from "./roles";

/** Pool of a role that has exactly one: its own name. Worker pools are named by the configuration. */
export const reservedPools: readonly Role[] = roles.filter((role) => role !== "worker");

/** Name of a host, and of everything that belongs to it alone: `<cluster>-<pool>-<key>`. */
export function hostName(cluster: string, pool: string, key: string): string {
  return `${cluster}-${hostKey(pool, key)}`;
}

/** Name of a host inside its cluster: `<pool>-<key>`. */
export function hostKey(pool: string, key: string): string {
  return `${pool}-${key}`;
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

/** Most characters of a key pair's name: letters, digits and underscores. */
const keyPairNameLength = 25;

/**
 * Name of the cluster's key pair. What does not fit is shortened to its beginning and a hash, with two underscores between, which no
 * name of a cluster has: so no two clusters have one key pair.
 * @param generation Of the operator's key. @default 1
 */
export function keyPairName(cluster: string, generation = 1): string {
  const suffix = generation === 1 ? "_operator" : `_operator_${generation}`;
  const room = keyPairNameLength - suffix.length;
  const whole = cluster.replaceAll("-", "_");
  if (whole.length <= room) return `${whole}${suffix}`;
  const hash = createHash("sha256").update(cluster).digest("hex").slice(0, 7);
  return `${whole.slice(0, room - hash.length - 2)}__${hash}${suffix}`;
}

/** Names of the key pairs that a cluster has, one for each generation of the operator's key, from the first. */
export function keyPairNames({ name, config }: Pick<ClusterPlan, "name" | "config">): string[] {
  const { generation } = config.pki.rotation.operatorKey;
  return Array.from({ length: generation }, (_, index) => keyPairName(name, index + 1));
}
