import { z } from "zod";

/** Rules of Kubernetes for what nodes carry (k8s.io/apimachinery, util/validation): the API server and the kubelet refuse anything else. */

/** Up to 63 letters, digits, `-`, `_` and `.`, a letter or digit first and last. */
const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

const allowedName =
  "1 to 63 letters, digits, hyphens, underscores and dots, a letter or digit first and last";

/** Lower-case labels of letters, digits and hyphens, separated by dots. */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function isQualifiedName(text: string): boolean {
  const parts = text.split("/");
  const own = parts.pop() ?? "";
  if (parts.length > 1 || !name.test(own)) return false;
  const [prefix] = parts;
  return prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix));
}

/** Key of a label or of a taint: a name, or a DNS name and one. */
export const qualifiedName = z
  .string()
  .refine(isQualifiedName, {
    error: `${allowedName}; before it, if need be, a DNS name of your own and a slash, such as example.com/gpu`,
  })
  .meta({ pattern: /^([a-z0-9.-]+\/)?[-A-Za-z0-9_.]{1,63}$/.source });

/** Value of a label or of a taint; may be empty. */
export const labelValue = z
  .string()
  .refine((text) => text === "" || name.test(text), { error: `nothing, or ${allowedName}` })
  .meta({ pattern: /^[-A-Za-z0-9_.]{0,63}$/.source });

/** Labels of a node. */
export const labels = z.record(qualifiedName, labelValue);

/** What a taint does to pods that do not tolerate it. */
export const taintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

const taint = z.strictObject({
  key: qualifiedName.describe("Key of the taint, as of a label."),
  value: labelValue.optional().meta({ description: "Value of the taint.", defaultText: "none" }),
  effect: z.enum(taintEffects).describe("What becomes of pods that do not tolerate it."),
});

/** Taints of a node: each key once with each effect, or the API server refuses the node. */
export const taints = z.array(taint).superRefine((all, context) => {
  all.forEach(({ key, effect }, index) => {
    if (all.findIndex((other) => other.key === key && other.effect === effect) === index) return;
    context.addIssue({
      code: "custom",
      path: [index],
      input: all[index],
      message: `each key once with each effect; ${key} with ${effect} is there already`,
    });
  });
});
