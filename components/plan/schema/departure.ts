import { z } from "zod";

/** Section `drain`. */
export const drain = z
  .strictObject({
    timeoutSeconds: z
      .int()
      .min(0)
      .max(86_400)
      .meta({ unit: "seconds" })
      .default(300)
      .describe(
        "Seconds that the pods of a node which leaves, or goes to another release, may take to go, by eviction, as their PodDisruptionBudgets let them.",
      ),
    onTimeout: z
      .enum(["fail", "force"])
      .default("fail")
      .describe(
        "What is done when some have not: `fail` ends `up` with their names, and the node stays (one that leaves cordoned); with `force` they end with the machine that leaves, or run on under another kubelet.",
      ),
  })
  .prefault({})
  .describe("How the pods of a node leave it.");

/** How the pods of a node leave it. */
export type Drain = z.output<typeof drain>;

const hostOf = z
  .string()
  .regex(/^[a-z][a-z0-9-]*-[a-z0-9]+$/, "the pool and the key of a host, such as etcd-4");

/** Section `generations`. */
export const generations = z
  .record(hostOf, z.int().min(1).meta({ unit: "generation" }))
  .default({})
  .describe(
    "Hosts by pool and key, and which machine of that name they are: the first, with 1, where it is not said. A host that gets another number is made anew, with the same name, address and data disk; of etcd and masters one that is `leaving` only. A number stays where it is: taken out it is another one, too.",
  );

/** Section `leaving`. */
export const leaving = z
  .array(hostOf)
  .default([])
  .describe(
    "Hosts that hold data or identity and may go all the same, by pool and key. Named here their machine and disk are not protected, and the next change may remove or replace them.",
  );
