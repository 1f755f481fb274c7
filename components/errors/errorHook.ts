import * as pulumi from "@pulumi/pulumi";
import { explainError } from "./cloudErrors";

/** How often an instance that came too soon after others is ordered again. */
const attempts = 5;

/**
 * RunInstances takes 10 calls a second, and the provider, which waits and asks again elsewhere, does not here: a cluster of a
 * dozen hosts exceeds it. A refused call has made nothing, so it can be made again.
 */
export function tooSoon(type: string, operation: string, errors: readonly string[]): boolean {
  const create = type === "tencentcloud:index/instance:Instance" && operation === "create";
  return create && errors.every((error) => error.includes("Code=RequestLimitExceeded"));
}

/**
 * The hook that says what to do about an error of the cloud: resource, code, meaning, fix, beside the provider's own text. It has
 * nothing tried again but an instance that came too soon after others; for the rest the provider has done so already where that helps.
 * @param name Name of the hook, unique in the program.
 */
export function cloudErrorHook(name: string): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, async ({ type, name: resource, failedOperation, errors }) => {
    if (tooSoon(type, failedOperation, errors) && errors.length <= attempts) {
      await new Promise((resolve) => setTimeout(resolve, 1000 * errors.length));
      return true;
    }
    const kind = type.split(":").at(-1) ?? type;
    for (const line of explainError(errors[0] ?? ""))
      await pulumi.log.warn(`${failedOperation} ${kind} ${resource}: ${line}`);
    return false;
  });
}
