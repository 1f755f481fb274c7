import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { stepHash, type StepName } from "./scriptArchive";
import { type StepHost, unpacked } from "./stepHost";

/** Value of a parameter; becomes a bash variable, a list becomes an array. */
export type ParamValue = string | number | boolean | string[];

/** A file a step places on its host, whole or not at all, owned by root. */
export interface PlacedFile {
  /** Absolute path. */
  path: pulumi.Input<string>;
  /** Content. */
  content: pulumi.Input<string>;
  /** Octal mode. @default "0644", or "0600" for a secret file */
  mode?: pulumi.Input<string>;
}

/** Arguments of {@link RemoteStep}. */
export interface RemoteStepArgs {
  /** Host the step runs on. */
  host: StepHost;
  /** Script of components/scripts. */
  step: StepName;
  /** Parameters, by upper snake case name. Reviewable, so never secret. @default none */
  params?: Record<string, pulumi.Input<ParamValue>>;
  /** Files with nothing secret in them. Reviewable. @default none */
  files?: PlacedFile[];
  /** Files whose content only the host and the state, encrypted, may hold. @default none */
  secretFiles?: PlacedFile[];
  /**
   * Parameters and files that came with the archive, because all hosts of a pool have the same: their hash.
   * @default none
   */
  shared?: string;
  /** Seconds the step may take, enforced on the host. */
  seconds: number;
}

/** What a step does to its host, as it stands in the triggers of its command, after the instance's id. Policies and the plan check read it. */
export interface StepTrigger {
  /** Name of the script. */
  step: StepName;
  /** Name of the host. */
  host: string;
  /** Hash over the script and what it uses. */
  script: string;
  /** See {@link RemoteStepArgs}. */
  shared?: string;
  params: Record<string, pulumi.Input<ParamValue>>;
  files: PlacedFile[];
  /** Without their contents. */
  secretFiles: Omit<PlacedFile, "content">[];
}

/** Seconds beyond a step's own for dialling a host that boots, and for a step before it that holds the host's lock. */
const graceSeconds = 600;

/**
 * Converges one host over SSH: places files, then runs a script that came with the archive of scripts.
 *
 * - Runs again when its own script, its parameters or a file changes, the host is a new one, or its last run failed, and never otherwise.
 * - No delete command: a host that leaves is taken out by others, and a dead one must not be waited for.
 * - What it does is in its triggers, in plain text ({@link StepTrigger}); what it sends is one secret on standard input.
 * - Standard output is empty: nothing reads facts from a step.
 */
export class RemoteStep extends remote.Command {
  constructor(name: string, args: RemoteStepArgs, opts: pulumi.CustomResourceOptions) {
    const { host, step, shared, seconds } = args;
    const params = args.params ?? {};
    const files = args.files ?? [];
    const secretFiles = (args.secretFiles ?? []).map((file) => ({
      path: file.path,
      mode: file.mode ?? "0600",
      content: pulumi.secret(file.content),
    }));
    const archived = shared === undefined ? {} : { shared };
    const trigger: StepTrigger = {
      ...{ step, host: host.plan.name, script: stepHash(step) },
      ...archived,
      ...{ params, files },
      secretFiles: secretFiles.map(({ path, mode }) => ({ path, mode })),
    };
    super(
      name,
      {
        connection: host.connection,
        create: commandLine(step, seconds),
        stdin: pulumi.secret(
          pulumi
            .output({ ...archived, params, files: [...files, ...secretFiles] })
            .apply((request) => JSON.stringify(request)),
        ),
        triggers: [host.instance.id, trigger],
        addPreviousOutputInEnv: false,
        logging: remote.Logging.None,
      },
      pulumi.mergeOptions(opts, {
        // The scripts have to be on the host.
        dependsOn: host.scripts,
        // A run that fails must not leave the one before it in the state: taking the change back would be no change, then, and no run.
        deleteBeforeReplace: true,
        deletedWith: host.instance,
        additionalSecretOutputs: ["stdout", "stderr"],
        customTimeouts: timeouts(seconds),
        hooks: { onError: [host.retry] },
      }),
    );
  }
}

/** Constant for a step, so that a change of another step's script changes nothing here. */
function commandLine(step: StepName, seconds: number): string {
  return unpacked(`sudo -n bash "$dir/run-step.sh" ${step} ${seconds}`);
}

function timeouts(seconds: number): pulumi.CustomTimeouts {
  const limit = `${seconds + graceSeconds}s`;
  return { create: limit, update: limit };
}
