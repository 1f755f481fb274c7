import { type Role } from "../../../components/plan/roles";
import { type GuardedFlow } from "../../../components/plan/rules/flows";
import { openFlows } from "../../facts/flows";
import { type Stack } from "../../facts/stack";
import { type Finding, type Parameter } from "../rule";

/** Parameters of a rule on guarded flows. */
export interface RangeParameters {
  /** Ranges that are let in all the same. */
  ranges: string[];
}

/** The same in JSON Schema. @param description Where the ranges are let in, and an example. */
export function rangeParameters(description: string): Record<keyof RangeParameters, Parameter> {
  return { ranges: { type: "array", items: { type: "string" }, default: [], description } };
}

/**
 * Judges the guarded flows of some kinds that are open in a stack; ranges may be allowed, groups are told by their roles.
 * @param also Roles that may have them beside those that always may. @default none
 */
export function judgeFlows(
  stack: Stack,
  kinds: readonly GuardedFlow["name"][],
  isAllowedRange: (cidr: string) => boolean,
  also: readonly Role[] = [],
): Finding[] {
  return openFlows(stack)
    .filter(({ flow }) => kinds.includes(flow.name))
    .flatMap((open): Finding[] => {
      const { flow, rule } = open;
      const { urn } = rule.resource;
      const allowed = `${flow.what} is for ${flow.from.join(" and ")} only`;
      if (rule.cidr !== undefined) {
        if (rule.unknown.length === 0 && isAllowedRange(rule.cidr)) return [];
        const message = `rule ${rule.index} lets ${rule.cidr} reach ${flow.what}`;
        if (rule.unknown.length === 0) return [{ message: `${message}; ${allowed}`, urn }];
        return [
          { message: `${message}, if ${rule.unknown.join(", ")} make it so`, urn, undecided: true },
        ];
      }
      const from = open.from ?? [];
      const wrong = from.filter((role) => ![...flow.from, ...also].includes(role));
      if (from.length > 0 && wrong.length === 0) return [];
      const who = from.length === 0 ? "a group of no known role" : wrong.join(" or ");
      const message = `rule ${rule.index} lets ${who} reach ${flow.what}; ${allowed}`;
      if (!open.oneOf || wrong.length === from.length) return [{ message, urn }];
      return [
        {
          message: `which of ${from.join(", ")} rule ${rule.index} lets reach ${flow.what} is known only after the update; ${allowed}`,
          fix: "Write one SecurityGroupRule a rule, from which the group can be told, or make the groups first",
          urn,
          undecided: true,
        },
      ];
    });
}
