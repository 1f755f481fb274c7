import { z } from "zod";
import { distributionConfig } from "./distribution";
import { harborConfig } from "./harbor";

/** Section `registry`: a branch a kind. */
export const registry = z
  .discriminatedUnion("kind", [distributionConfig, harborConfig])
  .optional()
  .meta({
    description:
      "A registry of the cluster's own, behind HAProxy of the entry: kind `vip`, or `lvs` with balancers.",
    defaultText: "none",
  });

/** A registry as configured. */
export type RegistryConfig = NonNullable<z.output<typeof registry>>;
