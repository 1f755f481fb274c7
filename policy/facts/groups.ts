import { type GroupFacts } from "../../components/plan/rules/spread";
import { type Resource, type Stack } from "./stack";
import { isUnknown, number, text } from "./values";

/** Inputs of an instance that name its group; the second replaces the first in later versions of the provider. */
const groupInputs = ["placementGroupId", "disasterRecoverGroupIds"] as const;

/**
 * Placement group of an instance: the resource its id comes from, `foreign` for an id from outside the stack, whose group
 * nothing is known of, undefined for no group.
 */
export function groupOf(stack: Stack, instance: Resource): Resource | "foreign" | undefined {
  const [group] = groupInputs.flatMap((input) => stack.sources(instance, input, "placementGroup"));
  if (group !== undefined) return group;
  return groupInputs.some((input) => isGiven(instance.props[input])) ? "foreign" : undefined;
}

/** What is known of how a group spreads its members. */
export function groupFacts({ props: { type, affinity, strategy } }: Resource): GroupFacts {
  return { type: text(type), affinity: number(affinity), strategy: text(strategy) };
}

function isGiven(value: unknown): boolean {
  if (isUnknown(value)) return true;
  return Array.isArray(value) ? value.length > 0 : typeof value === "string" && value !== "";
}
