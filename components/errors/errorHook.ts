import * as pulumi from "@pulumi/pulumi";
import { explainError } from "./cloudErrors";

/** How often an instance that came too soon after others is ordered again. */
const attempts = 10;

/** Orders that are made again a second: half of what RunInstances takes, as others are being made for the first time. */
const againASecond = 5;

/**
 * RunInstances takes 10 calls a second, and the provider, which waits and asks again elsewhere, does not here: a cluster of a
 * dozen hosts exceeds it. A refused call has made nothing, so it can be made again.
 */
export function tooSoon(type: string, operation: string, errors: readonly string[]): boolean {
  const create = type === "tencentcloud:index/instance:Instance" && operation === "create";
  return create && errors.every((error) => error.includes("Code=RequestLimitExceeded"));
}

/**
 * Hands out turns, the first after a second and no more than so many a second.
 * @returns milliseconds to wait from `now` (ms).
 */
export function turns(aSecond: number): (now: number) => number {
  let last = -Infinity;
  return (now) => {
    last = Math.max(now + 1000, last + 1000 / aSecond);
    return last - now;
  };
}

/**
 * The hook that says what to do about an error of the cloud: resource, code, meaning, fix, beside the provider's own text. It has
 * nothing tried again but an instance that came too soon after others; for the rest the provider has done so already where that helps.
 * @param name Name of the hook, unique in the program.
 */
export function cloudErrorHook(name: string): pulumi.ErrorHook {
  const turn = turns(againASecond);
  return new pulumi.ErrorHook(name, async ({ type, name: resource, failedOperation, errors }) => {
    if (tooSoon(type, failedOperation, errors) && errors.length <= attempts) {
      await new Promise((resolve) => setTimeout(resolve, turn(Date.now())));
      return true;
    }
    const kind = type.split(":").at(-1) ?? type;
    for (const line of explainError(errors[0] ?? ""))
      await pulumi.log.warn(`${failedOperation} ${kind} ${resource}: ${line}`);
    return false;
  });
}
