import { z } from "zod";
import { line } from "../values/text";

/** An absolute path in its shortest form: no `.`, no `..`, no empty part. */
const absolutePath = z
  .string()
  .regex(
    /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._-]+)+$/,
    "an absolute path such as /etc/audit-webhook, without . and ..",
  );

/** A directory or file of the host that a static pod has, in kubeadm's terms. */
const extraVolume = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      "lower-case letters, digits and hyphens, 63 at most",
    )
    .describe("Name of the volume in the pod."),
  hostPath: absolutePath.describe("Where it is on every master."),
  mountPath: absolutePath.optional().meta({
    description: "Where the component finds it.",
    defaultText: "where it is on the host",
  }),
  readOnly: z.boolean().default(true).describe("Whether the component only reads it."),
  pathType: z
    .enum(["Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"])
    .default("DirectoryOrCreate")
    .describe("What it has to be, or is made as when it is not there."),
});

/** Volumes of a component. */
export const extraVolumes = (component: string) =>
  z
    .array(extraVolume)
    .default([])
    .describe(
      `Directories and files of masters that ${component} has besides the cluster's own. What is in them is for whoever keeps the host, and a component reads most files only when it starts.`,
    );

/** Environment of a component. */
export const extraEnvs = (component: string) =>
  z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name such as GOGC"), line)
    .prefault({})
    .describe(
      `Environment variables of ${component}, and their values. No secrets: they stand in its manifest.`,
    );

/** Files that apiservers read by flags of people's own, by name. */
export const extraFiles = z
  .record(
    z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9.-]{0,62}\.(yaml|yml|json|pem|crt|conf)$/,
        "a file's name such as audit-webhook.yaml: lower-case letters, digits, dots and hyphens, ending in yaml, yml, json, pem, crt or conf",
      ),
    z.string().regex(/^[^\0]{1,65536}$/, "text, 64 KiB at most"),
  )
  .prefault({})
  .describe(
    "Files of every master below /etc/kubernetes/apiserver, for flags of `controlPlane.extraArgs.apiServer` to name, and their contents, 64 KiB each. An apiserver reads them when it starts, so another content restarts it. No secrets: they are shown in previews.",
  );

/** A volume as configured. */
export type ExtraVolume = z.output<typeof extraVolume>;
