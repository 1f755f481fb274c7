import type { ClusterPlan } from "../../components/plan/cluster";
import { entryKindOf } from "../../components/plan/entry";
import { actions, type PermissionPart } from "./actions";

/** A CAM policy. */
export interface CamPolicy {
  version: "2.0";
  statement: { effect: "allow"; action: string[]; resource: ["*"] }[];
}

/** What of a stack takes actions of its own. */
export function partsOf({
  network,
  entry,
  snapshotStore,
  hosts,
}: Pick<ClusterPlan, "network" | "entry" | "snapshotStore" | "hosts">): PermissionPart[] {
  const kinds = entryKindOf(entry)
    .makes(entry)
    .map(({ kind }) => (kind === "targetGroup" ? "loadBalancer" : kind));
  return [
    "cluster",
    ...(network.nat === undefined ? [] : (["natGateway"] as const)),
    ...new Set(kinds),
    ...(snapshotStore === undefined ? [] : (["snapshotRole"] as const)),
    ...(hosts.some(({ charge }) => charge.kind === "prepaid") ? (["prepaid"] as const) : []),
  ];
}

/** Actions that some parts take, as `service:Action`, sorted. */
export function actionsOf(parts: readonly PermissionPart[]): string[] {
  return parts
    .flatMap((part) => Object.entries(actions[part] as Record<string, readonly string[]>))
    .flatMap(([service, names]) => names.map((name) => `${service}:${name}`))
    .sort();
}

/**
 * The policy that lets credentials make, change and destroy a stack, and nothing else. Resources are not narrowed: most actions that make
 * something have none to name yet.
 */
export function camPolicy(parts: readonly PermissionPart[]): CamPolicy {
  return {
    version: "2.0",
    statement: [{ effect: "allow", action: actionsOf(parts), resource: ["*"] }],
  };
}
