import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** Environment of what stands for something, by which a preview tells one state from another. */
export type Values = Readonly<Record<string, string>>;

/** Arguments of {@link standing}. */
export interface StandingArgs {
  values: Values;
  /** Shell command whose output is kept with the values. @default one that does nothing */
  command?: string;
  /** Name of the hook that refuses, unique in the program. */
  hook: string;
  /**
   * Why the living cluster is not taken from the values before to these; undefined where it is.
   * @param told What the command has printed for those before.
   */
  fault: (before: Values, after: Values, told: unknown) => string | undefined;
}

/**
 * A resource that stands for what a cluster was brought to. It does nothing; but other values are an update, of which the engine tells both, so that one that
 * cannot be is refused in a preview, before a host is asked.
 */
export function standing(
  name: string,
  { values, command = "true", hook, fault }: StandingArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const refusal = new pulumi.ResourceHook(
    hook,
    ({ oldInputs, newInputs, oldOutputs }) => {
      const { stdout } = (oldOutputs ?? {}) as { stdout?: unknown };
      const found = fault(valuesIn(oldInputs), valuesIn(newInputs), stdout);
      if (found !== undefined) throw new Error(found);
    },
    { onDryRun: true },
  );
  return new local.Command(
    name,
    {
      ...{ create: command, update: command, environment: values },
      ...{ addPreviousOutputInEnv: false, logging: local.Logging.None },
    },
    pulumi.mergeOptions(opts, { hooks: { beforeUpdate: [refusal] } }),
  );
}

function valuesIn(inputs: unknown): Values {
  return ((inputs ?? {}) as { environment?: Values }).environment ?? {};
}
