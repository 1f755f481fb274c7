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

export type CallerPolicy = z.infer<typeof callerPolicySchema>;

/** Whether a policy lets its caller do `operation` (`service:Action`): some statement allows it and none denies it. */
export function isAllowed(policy: CallerPolicy, operation: string): boolean {
  const effects = policy.statement
    .filter(({ action }) => [action].flat().some((pattern) => covers(pattern, operation)))
    .map(({ effect }) => effect);
  return effects.includes("allow") && !effects.includes("deny");
}

/**
 * @param policy The caller's; without one it may do everything.
 * @throws ApiError `AuthFailure.UnauthorizedOperation`
 */
export function authorize(policy: CallerPolicy | undefined, operation: string): void {
  if (policy && !isAllowed(policy, operation)) {
    throw new ApiError(
      "AuthFailure.UnauthorizedOperation",
      `You are not authorized to perform operation (${operation}): resource (*) has no permission.`,
    );
  }
}

function covers(pattern: string, operation: string): boolean {
  const parts = pattern.replace(/^name\//, "").split("*");
  const literal = parts.map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "i").test(operation);
}
