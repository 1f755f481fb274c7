import { type SpreadRole } from "../roles";
import { type Fault } from "../fault";

/** Group types whose members are on different physical machines: themselves, their switches or their racks differ. */
export const strictGroupTypes = ["HOST", "SW", "RACK"] as const;

/** What is known of a placement group. */
export interface GroupFacts {
  type: string | undefined;
  /** Members one machine may carry. Absent is the API's default, 1. */
  affinity?: number;
  /** How its members are placed. Absent is the API's default, which spreads them. */
  strategy?: string | undefined;
}

/** Why a member of a role that must be spread may not be where it is; undefined when it may. */
export function spreadFault(role: SpreadRole, group: GroupFacts | undefined): Fault | undefined {
  if (group === undefined) {
    return {
      message: `a host of role ${role} is in no placement group: one physical machine may carry two of them`,
      fix: `Put it in the ${role} group, of type HOST`,
    };
  }
  if (!(strictGroupTypes as readonly (string | undefined)[]).includes(group.type)) {
    return {
      message: `the placement group of role ${role} has type ${group.type ?? "(none)"}, which spreads nothing`,
      fix: `Use one of ${strictGroupTypes.join(", ")}`,
    };
  }
  if (group.affinity !== undefined && group.affinity !== 1) {
    return {
      message: `the placement group of role ${role} has affinity ${group.affinity}: that many may share a machine`,
      fix: "Set affinity to 1, or leave it out",
    };
  }
  if (group.strategy === "PARTITION") {
    return {
      message: `the placement group of role ${role} has strategy PARTITION: members of one partition may share a machine`,
      fix: "Leave the strategy out, or set it to SPREAD",
    };
  }
  return undefined;
}
