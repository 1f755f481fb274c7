import { z } from "zod";
import { firstRotation, type Rotation, rotationPhases } from "../rotation";
import { secondsOf } from "./times";

const shortest = secondsOf("20m");
const longest = secondsOf("8760h");

/** How far the replacement of a key is. */
const rotation = {
  generation: z
    .int()
    .min(1)
    .max(1000)
    .meta({ unit: "generations" })
    .default(firstRotation.generation)
    .describe(
      "Which generation of the key the cluster has, or is on the way to. Counts from 1, the key that it was made with; each generation is made once and kept in the state.",
    ),
  phase: z
    .enum(rotationPhases)
    .default(firstRotation.phase)
    .describe(
      "How far that generation has come, one phase an `up`: `trust`, it is accepted beside the one before; `use`, it is used, and the one before accepted; `retire`, the one before is accepted no more ([runbook](runbooks/certificates.md#replace-a-key)).",
    ),
};
const afterTheFirst = ({ generation, phase }: Rotation) => generation > 1 || phase === "retire";
const onlyRetire = { path: ["phase"], error: "retire with generation 1, which has none before it" };
/** How far the replacement of one is that needs nothing else to be said of. */
const rotated = (what: string) =>
  z.strictObject(rotation).refine(afterTheFirst, onlyRetire).prefault({}).describe(what);

/** The same of one whose phases last a while, for what others have of it to be replaced. */
const slowlyRotated = (what: string, overlap: string) =>
  z
    .strictObject({
      ...rotation,
      overlap: z
        .string()
        .regex(/^(0|[1-9]\d{0,3})[hm]$/, "hours or minutes such as 25h or 0m")
        .default("25h")
        .describe(overlap),
    })
    .refine(afterTheFirst, onlyRetire)
    .prefault({})
    .describe(what);

/** Section `pki`. */
export const pki = z
  .strictObject({
    certificateValidity: z
      .string()
      .regex(/^[1-9]\d*[hm]$/, "hours or minutes such as 8760h or 20m")
      .refine((time) => secondsOf(time) >= shortest && secondsOf(time) <= longest, {
        error: "20m to 8760h, a year",
      })
      .default("8760h")
      .describe(
        "How long a certificate is valid that hosts issue, in hours or minutes: `20m` to `8760h`, a year. Each host issues its own anew once half of that is over. A changed value reaches living hosts: what was issued for longer is issued anew.",
      ),
    rotation: z
      .strictObject({
        kubernetesCa: slowlyRotated(
          "The authority of Kubernetes, by which the API and its clients know one another, kubelets and people among them. With `use` apiservers show certificates by it, and each kubelet asks for another one. Needs Kubernetes v1.36.",
          "Time between `trust` and `use`, and between `use` and `retire`, in hours or minutes, for kubeconfigs to be handed out, and for pods to begin anew whose programs read the authority once. Shorter where that is done.",
        ),
        encryptionKey: rotated(
          "The key that Secrets are encrypted with in etcd. With `use` and `retire` every Secret is written anew with it before the one before goes.",
        ),
        serviceAccountKey: slowlyRotated(
          "The key that tokens of service accounts are signed with.",
          "Time between `use` and `retire`, in hours or minutes, for tokens that the former key has signed to be replaced. Kubelets replace those of pods after a day at the latest. Shorter where all pods have been made anew since.",
        ),
        etcdCa: rotated(
          "The authority of etcd, by which members, their peers and apiservers know one another. With `use` each host issues its certificates anew by it; with `trust` and `retire` members restart one after another.",
        ),
        frontProxyCa: rotated(
          "The authority of the front proxy, by which extension apiservers (metrics-server, say) know an apiserver that asks in somebody's name. No apiserver restarts for it.",
        ),
        operatorKey: rotated(
          "The SSH key that steps and people log in to all hosts with. With `use` every step logs in with the new one, and runs once more for it; with `retire` no host takes the former.",
        ),
      })
      .prefault({})
      .describe("Keys that are replaced while the cluster lives, old and new side by side."),
  })
  .prefault({})
  .describe("Certificates that hosts issue, and keys that they are given.");
