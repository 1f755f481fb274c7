import * as pulumi from "@pulumi/pulumi";
import { explainError } from "./cloudErrors";

/**
 * The hook that says what to do about an error of the cloud: resource, code, meaning, fix, beside the provider's own text. It has
 * nothing tried again, as the provider has done so already where that helps.
 * @param name Name of the hook, unique in the program.
 */
export function cloudErrorHook(name: string): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, async ({ type, name: resource, failedOperation, errors }) => {
    const kind = type.split(":").at(-1) ?? type;
    for (const line of explainError(errors[0] ?? ""))
      await pulumi.log.warn(`${failedOperation} ${kind} ${resource}: ${line}`);
    return false;
  });
}
