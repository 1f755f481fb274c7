import { isSpreadRole } from "../../../components/plan/roles";
import { groupOf } from "../../facts/groups";
import type { Change } from "../change";
import type { Resource } from "../../facts/stack";
import type { ChangeRule } from "../rule";

/** The placement group of a member that stays. */
export const groupKept: ChangeRule = {
  id: "change-group-kept",
  description: "A member that stays stays in its placement group, and the group stays.",
  why:
    "Machines are spread when they are placed: one that changes groups moves only when it is stopped, and is spread against nobody " +
    "until then",
  source: "Tencent Cloud CVM API, ModifyInstancesDisasterRecoverGroup",
  fix: "Put the group back. New members of the role belong in the same group",
  judge: (change) =>
    change.staying
      .filter(({ role }) => isSpreadRole(role))
      .flatMap((member) => {
        const next = change.next(member);
        if (next === undefined) return [];
        const before = groupOf(change.before.stack, member.resource);
        const after = groupOf(change.after.stack, next.resource);
        if (before === undefined || before === "foreign") return [];
        const what = lost(change, before, after);
        if (what === undefined) return [];
        return [
          { urn: member.urn, message: `placement group ${before.name} of ${member.name} ${what}` },
        ];
      }),
};

function lost(
  change: Change,
  before: Resource,
  after: Resource | "foreign" | undefined,
): string | undefined {
  if (after === undefined) return "is dropped";
  if (after === "foreign") return "is swapped for one that is not of this stack";
  if (after.urn !== before.urn) return `is swapped for ${after.name}`;
  return change.act(before.urn) === "replace" ? "is replaced by a new one" : undefined;
}
