import { isSpreadRole } from "../../../components/plan/roles";
import { groupOf } from "../../facts/groups";
import { groupBy, instancesOf, type TaggedInstance } from "../../facts/instances";
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
    const placed = instancesOf(stack).flatMap((instance) => {
      if (instance.role === undefined || !isSpreadRole(instance.role)) return [];
      const group = groupOf(stack, instance.resource);
      return group === undefined || group === "foreign" ? [] : [{ instance, group }];
    });
    const roles = groupBy(placed, ({ instance }) => `${instance.cluster}/${instance.role ?? ""}`);
    return [...roles.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : others.flatMap((other) => compare(first, other)),
    );
  },
};

interface Placed {
  instance: TaggedInstance;
  group: Resource;
}

function compare(first: Placed, other: Placed): Finding[] {
  if (other.group.urn === first.group.urn) return [];
  const { role, resource } = other.instance;
  return [
    {
      message:
        `hosts of role ${role ?? ""} are in different placement groups, as ${first.instance.resource.name} and ` +
        `${resource.name} are: one physical machine may carry one of each`,
      urn: resource.urn,
    },
  ];
}
