import { type PolicyResource, type StackValidationPolicy } from "@pulumi/policy";
import { isSpreadRole, roles, type SpreadRole, tagNames } from "../../../components/plan/roles";
import { type GroupFacts, spreadFault } from "../../../components/plan/rules/spread";
import { instancesOf, type TaggedInstance } from "../../facts/instances";
import { types } from "../../facts/types";

/** Configuration of the rule. */
interface Settings {
  /** Deny instances whose role cannot be told. @default true */
  requireRole?: boolean;
}

/** Inputs of an instance that name its group; the second replaces the first in later versions of the provider. */
const groupInputs = ["placementGroupId", "disasterRecoverGroupIds"] as const;

/**
 * Follows every etcd member, master and balancer to its placement group.
 *
 * The id of a group that is about to be made is not known in a preview; which resource it will come from is, and so are
 * that group's type and affinity. An id that comes from outside the stack tells nothing, and is denied.
 *
 * Why: members on one physical machine die with it. The platform spreads the members of one group only, so two groups
 * for one role may put two members on one machine.
 */
export const quorumRolesInStrictGroups: StackValidationPolicy = {
  name: "placement-quorum-roles-in-strict-groups",
  description:
    "All etcd members of a cluster are in one placement group of type HOST or stricter with affinity 1, and so are its masters and its balancers.",
  configSchema: {
    properties: { requireRole: { type: "boolean", default: true } },
  },
  enforcementLevel: "mandatory",
  validateStack: (args, reportViolation) => {
    const { requireRole = true } = args.getConfig<Settings>();
    const groupsOf = new Map<string, { urn: string; first: TaggedInstance }>();
    for (const instance of instancesOf(args.resources)) {
      const { resource, role, cluster } = instance;
      if (role === undefined) {
        if (requireRole || instance.unknownRole !== undefined) {
          reportViolation(roleMessage(instance.unknownRole), resource.urn);
        }
        continue;
      }
      if (!isSpreadRole(role)) continue;
      const group = groupOf(resource);
      const fault = group === "foreign" ? foreignGroup(role) : spreadFault(role, facts(group));
      if (fault !== undefined) reportViolation(`${fault.message}. ${fault.fix}.`, resource.urn);
      if (group === undefined || group === "foreign") continue;
      const key = `${cluster ?? ""}/${role}`;
      const other = groupsOf.get(key);
      if (other === undefined) groupsOf.set(key, { urn: group.urn, first: instance });
      else if (other.urn !== group.urn) {
        reportViolation(
          `hosts of role ${role} are in different placement groups, as ${other.first.resource.name} and ` +
            `${resource.name} are: one physical machine may carry one of each. Use one group for the role.`,
          resource.urn,
        );
      }
    }
  },
};

function groupOf(instance: PolicyResource): PolicyResource | "foreign" | undefined {
  const sources = groupInputs.flatMap((input) => instance.propertyDependencies[input] ?? []);
  const group = sources.find(({ type }) => type === types.placementGroup);
  if (group !== undefined) return group;
  // Not from a group of this stack: either there is none, or its id was written down or read from somewhere.
  return groupInputs.some((input) => isGiven(instance.props[input])) ? "foreign" : undefined;
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : typeof value === "string" && value !== "";
}

function facts(group: PolicyResource | undefined): GroupFacts | undefined {
  if (group === undefined) return undefined;
  const { type, affinity } = group.props as { type?: string; affinity?: number };
  return { type, affinity };
}

function foreignGroup(role: SpreadRole) {
  return {
    message: `the placement group of a host of role ${role} is not part of this stack, so its type cannot be told`,
    fix: "Make the group in the stack that makes its members",
  };
}

function roleMessage(unknown: string | undefined): string {
  const what =
    unknown === undefined
      ? `the instance has no tag ${tagNames.role}`
      : `tag ${tagNames.role} is "${unknown}"`;
  return `${what}, so what it may do to a quorum cannot be told. Set it to one of ${roles.join(", ")}.`;
}
