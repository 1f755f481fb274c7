import { z } from "zod";

import { ApiError } from "./errors";

const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/**
 * A CAM policy, as far as the lab carries it out for its own callers: which actions. Resources and conditions are not judged,
 * so a statement for less than everything (`"*"`) is refused instead of taken for more than it says.
 */
export const callerPolicySchema = z.strictObject({
  version: z.literal("2.0"),
  statement: z.array(
    z.strictObject({
      effect: z.enum(["allow", "deny"]),
      /** `service:Action`, `*` for any text: `cvm:Describe*`, `vpc:*`, `*`. A prefix `name/` changes nothing. */
      action: oneOrMore,
      resource: z.union([z.literal("*"), z.tuple([z.literal("*")])]),
    }),
  ),
});

/** The policy of a caller that the lab's settings name. */
export type ConfiguredPolicy = z.infer<typeof callerPolicySchema>;

/** What a caller may do: its own policy, or all that are attached to its role. */
export interface CallerPolicy {
  statement: {
    effect: "allow" | "deny";
    action: string | string[];
    /** `*` for any text. What is asked of the API has no name but `*`; objects of COS have theirs. */
    resource: string | string[];
  }[];
}

/** Whether a policy lets its caller do `operation` (`service:Action`) to a resource: some statement allows it and none denies it. */
export function isAllowed(policy: CallerPolicy, operation: string, resource = "*"): boolean {
  const effects = policy.statement
    .filter((each) => [each.action].flat().some((pattern) => covers(pattern, operation)))
    .filter((each) => [each.resource].flat().some((pattern) => matches(pattern, resource)))
    .map(({ effect }) => effect);
  return effects.includes("allow") && !effects.includes("deny");
}

/**
 * @param policy The caller's; without one it may do everything.
 * @param resource What it is done to, `qcs::...`. @default what cannot be told: only who may do it to everything may
 * @throws ApiError `AuthFailure.UnauthorizedOperation`
 */
export function authorize(
  policy: CallerPolicy | undefined,
  operation: string,
  resource = "*",
): void {
  if (policy && !isAllowed(policy, operation, resource)) {
    throw new ApiError(
      "AuthFailure.UnauthorizedOperation",
      `You are not authorized to perform operation (${operation}): resource (${resource}) has no permission.`,
    );
  }
}

function covers(pattern: string, operation: string): boolean {
  return matches(pattern.replace(/^name\//, "").toLowerCase(), operation.toLowerCase());
}

function matches(pattern: string, text: string): boolean {
  const literal = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "s").test(text);
}
