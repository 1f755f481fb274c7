import { sharedName, sharedTags } from "./names";
import { type SpreadRole } from "./roles";

/** A placement group: its members run on different physical machines, or are refused. */
export interface PlacementGroupPlan {
  /** Role whose members are in it, all of them and nobody else. */
  role: SpreadRole;
  name: string;
  /** `HOST`: different physical machines. */
  type: "HOST";
  /** Members one machine may carry. */
  affinity: 1;
  /** Names of the hosts in it. */
  members: string[];
  tags: Record<string, string>;
}

/** Members a group of a type holds by default quota (API document 213/33264); the account's own figure may differ. */
export const groupQuotas = { HOST: 50, SW: 20, RACK: 30 } as const;
/** Members a HOST group holds. */
export const hostGroupQuota = groupQuotas.HOST;

/**
 * One strict group a role. Two groups may share a machine (a master and an etcd member of one cluster may sit together),
 * which costs at most one of each when it dies; one group for all would ask for as many machines as there are members.
 */
export function placementGroups(
  cluster: string,
  having: readonly SpreadRole[],
  membersOf: (role: SpreadRole) => string[],
  tags: Readonly<Record<string, string>> = {},
): PlacementGroupPlan[] {
  return [...new Set(having)].map((role) => ({
    role,
    name: sharedName(cluster, role),
    type: "HOST",
    affinity: 1,
    members: membersOf(role),
    tags: sharedTags(cluster, role, tags),
  }));
}
