import { isSpreadRole, type SpreadRole } from "../../../components/plan/roles";
import { spreadFault } from "../../../components/plan/rules/spread";
import { groupFacts, groupOf } from "../../facts/groups";
import { groupBy, instancesOf } from "../../facts/instances";
import { type Resource, type Stack } from "../../facts/stack";
import { isUnknown, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";

/** Follows every etcd member, master, balancer, director and host of a registry to its placement group. */
export const quorumRolesInStrictGroups: Rule = {
  id: "placement-quorum-roles-in-strict-groups",
  description:
    "Every etcd member, master, balancer, director and host of a registry is in a placement group of type HOST or stricter with affinity 1, and no two of a role are on one dedicated host.",
  level: "mandatory",
  why:
    "Members on one physical machine die with it. Nothing but a placement group keeps them apart, and no API says afterwards " +
    "where an instance runs.",
  source: "Tencent Cloud CVM, product document 213/15486; API CreateDisasterRecoverGroup",
  fix: "Put all members of the role in one group of type HOST with affinity 1",
  scope: "stack",
  judge: (stack) => [
    ...instancesOf(stack).flatMap(({ resource, role }) => {
      if (!isSpreadRole(role)) return [];
      const group = groupOf(stack, resource);
      return (group === "foreign" ? foreign(role) : judgeGroup(role, group)).map((finding) => ({
        ...finding,
        urn: resource.urn,
      }));
    }),
    ...onOneDedicatedHost(stack),
  ],
};

/** Members of a role whose program names the physical machine, and the same one. */
function onOneDedicatedHost(stack: Stack): Finding[] {
  const placed = instancesOf(stack).flatMap(({ resource, role, cluster }) => {
    const host = text(resource.props.cdhHostId);
    return host === undefined || !isSpreadRole(role) ? [] : [{ resource, role, cluster, host }];
  });
  const together = groupBy(placed, ({ cluster, role, host }) => `${cluster}/${role}/${host}`);
  return [...together.values()].flatMap(([first, second]): Finding[] => {
    if (first === undefined || second === undefined) return [];
    const { role, host } = first;
    const message = `hosts ${first.resource.name} and ${second.resource.name} of role ${role} are both on the dedicated host ${host}`;
    return [{ message, fix: "Give each a dedicated host of its own", urn: second.resource.urn }];
  });
}

function judgeGroup(role: SpreadRole, group: Resource | undefined): Finding[] {
  const open = ["type", "affinity", "strategy"].filter((input) => isUnknown(group?.props[input]));
  if (open.length > 0) {
    const message = `the ${open.join(" and ")} of the placement group of role ${role} is known only after the update`;
    return [{ message, fix: "Write it down in the program", undecided: true }];
  }
  const fault = spreadFault(role, group && groupFacts(group));
  return fault === undefined ? [] : [fault];
}

function foreign(role: SpreadRole): Finding[] {
  return [
    {
      message: `the placement group of a host of role ${role} is not part of this stack, so its type cannot be told`,
      fix: "Make the group in the stack that makes its members",
      undecided: true,
    },
  ];
}
