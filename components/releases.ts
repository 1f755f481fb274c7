import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Versions } from "./plan/schema/versions";
import { upgradeFault } from "./plan/rules/upgrade";
import { componentTokens } from "./plan/tokens";

/** What a living cluster goes to other releases of one minor at a time, and never down. */
const inSteps = { kubernetes: "Kubernetes", etcd: "etcd" } as const;

/**
 * The releases that the cluster has been brought to: they stand here once all that runs them has succeeded. So a preview knows, before a host is asked, that
 * others cannot be reached from there, and an upgrade that was cut off may be finished, or taken back where hosts let it.
 */
export class Releases extends pulumi.ComponentResource {
  /** @param reached All that brings the cluster to them. */
  constructor(
    name: string,
    versions: Versions,
    reached: pulumi.Resource[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(componentTokens.releases, name, {}, opts);
    for (const [key, what] of Object.entries(inSteps) as [keyof typeof inSteps, string][]) {
      new local.Command(
        `${name}-${key}`,
        {
          // Does nothing, but another release is an update, of which the engine tells both.
          ...{ create: "true", update: "true", environment: { RELEASE: versions[key] } },
          ...{ addPreviousOutputInEnv: false, logging: local.Logging.None },
        },
        {
          parent: this,
          dependsOn: reached,
          hooks: { beforeUpdate: [refusal(`${name}-${key}-way`, what, `versions.${key}`)] },
        },
      );
    }
    this.registerOutputs({});
  }
}

/** Refuses a release that the one before is not taken to, in a preview too. */
function refusal(name: string, what: string, setting: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(
    name,
    ({ oldInputs, newInputs }) => {
      const [before, after] = [releaseIn(oldInputs), releaseIn(newInputs)];
      if (before === undefined || after === undefined) return;
      const fault = upgradeFault(what, before, after);
      if (fault !== undefined) throw new Error(`${setting}: ${fault.message}. ${fault.fix}`);
    },
    { onDryRun: true },
  );
}

function releaseIn(inputs: unknown): string | undefined {
  const { environment } = (inputs ?? {}) as { environment?: Record<string, unknown> };
  const release = environment?.["RELEASE"];
  return typeof release === "string" ? release : undefined;
}
