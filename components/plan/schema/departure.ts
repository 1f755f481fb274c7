import { z } from "zod";

/** Section `drain`. */
export const drain = z
  .strictObject({
    /** Seconds that the pods of a node which leaves, or goes to another release, may take to go, by eviction, as their PodDisruptionBudgets let them. */
    timeoutSeconds: z.int().min(0).max(86_400).default(300),
    /**
     * What is done when some have not: `fail` ends `up` with their names, and the node stays; with `force` they end with the machine that leaves, or run on under
     * another kubelet.
     */
    onTimeout: z.enum(["fail", "force"]).default("fail"),
  })
  .prefault({});

/** How the pods of a node leave it. */
export type Drain = z.output<typeof drain>;
