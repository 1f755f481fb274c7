import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { nodeCommand } from "../nodeCommand";
import type { PkiRequest } from "./requests";

/** Runs pki/main.ts once; its answer stays until a trigger changes. */
export function makeOnce<T>(
  name: string,
  request: pulumi.Input<PkiRequest>,
  triggers: pulumi.Input<string>[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<T> {
  const command = new local.Command(
    name,
    {
      create: nodeCommand("pki/main"),
      // On standard input: neither the process list nor the command's text shows what it is given.
      stdin: pulumi.secret(pulumi.output(request).apply((value) => JSON.stringify(value))),
      triggers,
      addPreviousOutputInEnv: false,
      logging: local.Logging.None,
    },
    pulumi.mergeOptions(opts, {
      additionalSecretOutputs: ["stdout", "stderr"],
      // A changed input would make a new authority, and with it a cluster that no longer knows itself.
      ignoreChanges: ["create", "stdin", "logging", "addPreviousOutputInEnv"],
    }),
  );
  return pulumi.secret(command.stdout.apply((text) => JSON.parse(text) as T)) as pulumi.Output<T>;
}
