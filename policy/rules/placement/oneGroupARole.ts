import { isSpreadRole } from "../../../components/plan/roles";
import { groupOf } from "../../facts/groups";
import { instancesOf } from "../../facts/instances";
import { type Resource } from "../../facts/stack";
import { type Finding, type Rule } from "../rule";

/** Compares the groups of a role's members, cluster by cluster. */
export const oneGroupARole: Rule = {
  id: "placement-one-group-a-role",
  description: "All members of a role that must be spread are in one placement group.",
  level: "mandatory",
  why: "The platform spreads the members of one group only: two groups may put a member of each on one machine.",
  source: "Tencent Cloud CVM, product document 213/15486",
  fix: "Use one group for the role",
  scope: "stack",
  judge: (stack) => {
    const placed = instancesOf(stack).flatMap(({ resource, role, cluster }) => {
      if (!isSpreadRole(role)) return [];
      const group = groupOf(stack, resource);
      return group === undefined || group === "foreign" ? [] : [{ resource, role, cluster, group }];
    });
    const firsts = new Map<string, Placed>();
    return placed.flatMap((member): Finding[] => {
      const key = `${member.cluster}/${member.role}`;
      const first = firsts.get(key) ?? member;
      firsts.set(key, first);
      if (member.group === first.group) return [];
      const message =
        `hosts of role ${member.role} are in different placement groups, as ${first.resource.name} and ` +
        `${member.resource.name} are: one physical machine may carry one of each`;
      return [{ message, urn: member.resource.urn }];
    });
  },
};

interface Placed {
  resource: Resource;
  group: Resource;
}
