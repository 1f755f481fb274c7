import * as pulumi from "@pulumi/pulumi";
import { explainError } from "./cloudErrors";
import { busy, tooSoon, type Turns, wait } from "./turns";

/** How often an instance that came too soon after others is ordered again. */
const attempts = 10;

/** How often a change of a load balancer is made again that is busy, and milliseconds between: several masters may come at once. */
const changes = 30;
const changePauseMs = 2000;

/**
 * The hook that says what to do about an error of the cloud: resource, code, meaning, fix, beside the provider's own text. It has
 * nothing tried again but an instance that came too soon after others and what a busy load balancer refused; for the rest the provider has done so already where that helps.
 * @param name Name of the hook, unique in the program.
 * @param turns What the orders of instances take turns by.
 */
export function cloudErrorHook(name: string, turns: Turns): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, async ({ type, name: resource, failedOperation, errors }) => {
    if (tooSoon(type, failedOperation, errors) && errors.length <= attempts) {
      await turns.again();
      return true;
    }
    if (busy(type, errors) && errors.length <= changes) {
      await wait(changePauseMs);
      return true;
    }
    const kind = type.split(":").at(-1) ?? type;
    for (const line of explainError(errors[0] ?? ""))
      await pulumi.log.warn(`${failedOperation} ${kind} ${resource}: ${line}`);
    return false;
  });
}
