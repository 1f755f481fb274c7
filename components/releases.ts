import * as pulumi from "@pulumi/pulumi";
import type { Versions } from "./plan/schema/versions";
import { upgradeFault } from "./plan/rules/upgrade";
import { componentTokens } from "./plan/tokens";
import { standing } from "./standing";

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
      standing(
        `${name}-${key}`,
        {
          values: { RELEASE: versions[key] },
          hook: `${name}-${key}-way`,
          fault: ({ RELEASE: before }, { RELEASE: after }) => {
            const found = before && after ? upgradeFault(what, before, after) : undefined;
            return found && `versions.${key}: ${found.message}. ${found.fix}`;
          },
        },
        { parent: this, dependsOn: reached },
      );
    }
    this.registerOutputs({});
  }
}
