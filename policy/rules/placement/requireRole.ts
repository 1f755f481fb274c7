import { roles, tagNames } from "../../../components/plan/roles";
import { instancesOf } from "../../facts/instances";
import { type Rule } from "../rule";

interface Parameters {
  /** Deny instances without the tag. */
  requireRole: boolean;
}

/** Looks for the role tag of every instance. All rules about roles pass over an instance that has none. */
export const requireRole: Rule<Parameters> = {
  id: "placement-require-role",
  description: "Every instance says by its tag kubernetes-ha/role what it is for.",
  level: "mandatory",
  why: "An instance whose role cannot be told may be a voter that no other rule counts.",
  source: "docs/architecture.md, Names and addresses derive from keys",
  fix: `Set it to one of ${roles.join(", ")}`,
  scope: "stack",
  parameters: {
    requireRole: {
      type: "boolean",
      default: true,
      description:
        "Deny instances without the tag. False for stacks that also hold instances of other systems; a tag that is there must name a role all the same.",
    },
  },
  judge: (stack, parameters) =>
    instancesOf(stack).flatMap(({ resource: { urn }, role, unknownRole, undecided }) => {
      if (role !== undefined) return [];
      if (undecided) {
        const message = `role or cluster of the instance are known only after the update, so what it may do to a quorum cannot be told`;
        return [{ message, fix: "Write its tags down in the program", urn, undecided: true }];
      }
      if (unknownRole === undefined && !parameters.requireRole) return [];
      const what =
        unknownRole === undefined
          ? `the instance has no tag ${tagNames.role}`
          : `tag ${tagNames.role} is "${unknownRole}"`;
      return [{ message: `${what}, so what it may do to a quorum cannot be told`, urn }];
    }),
};
