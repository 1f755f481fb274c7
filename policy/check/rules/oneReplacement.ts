import { isSpreadRole } from "../../../components/plan/roles";
import type { Finding } from "../../rules/rule";
import type { ChangeRule } from "../rule";
import type { Member } from "../world";

/** Replacing two members of a role in one plan, in whatever order. */
export const oneReplacement: ChangeRule = {
  id: "change-one-replacement",
  description:
    "A plan replaces at most one etcd member, one master, one balancer, one director and one host of the registry of a cluster.",
  why:
    "The engine makes all new machines first and deletes all old ones at the end or, where the old one must go first, everything " +
    "that depends on it with it: no dependency makes it finish with one member before it begins with the next",
  source: 'Pulumi, "deleteBeforeReplace"; etcd, "Runtime reconfiguration"',
  fix: "Replace one, `up`, then the next: `pulumi up --target-replace <urn>`",
  judge: (change) => {
    const replaced = new Map<string, Member[]>();
    for (const member of change.staying) {
      if (!isSpreadRole(member.role) || change.act(member.urn) !== "replace") continue;
      const key = `${member.cluster}/${member.role}`;
      replaced.set(key, [...(replaced.get(key) ?? []), member]);
    }
    return [...replaced.values()].flatMap((members): Finding[] => {
      const [first, second] = members;
      if (first === undefined || second === undefined) return [];
      const names = members.map(({ name }) => name).join(", ");
      const message = `${members.length} of role ${first.role} are replaced at once: ${names}`;
      return [{ urn: second.urn, message }];
    });
  },
};
