import { type MemberConfig } from "./fields";
import { type DiskPlan, type HostGroup } from "./model";
import { ownDuty, type Role } from "./roles";

/** How hosts of a role are configured. */
export interface Machines {
  members: readonly MemberConfig[];
  instanceType: string;
  systemDisk: DiskPlan;
}

/** The hosts of a role that has one pool, which is named like it. `path` is where they are configured. */
export function hostGroup(role: Role, path: string, machines: Machines): HostGroup {
  const { members, instanceType, systemDisk } = machines;
  return { path, role, duties: [ownDuty[role]], pool: role, members, instanceType, systemDisk };
}
