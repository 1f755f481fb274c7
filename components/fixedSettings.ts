import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { fixedSettings } from "./plan/changes";
import type { ClusterPlan } from "./plan/cluster";
import type { PoolSettings } from "./poolSettings";

/**
 * One protected resource for each setting that no living cluster takes up. It does nothing; but a changed value would replace it, which `pulumi up`
 * refuses in its preview, naming the setting, before a host has half of the new and half of the old.
 */
export class FixedSettings extends pulumi.ComponentResource {
  /** There once nothing is refused: what a changed setting would touch comes after it, in a run without a preview, too. */
  readonly kept: pulumi.Resource[];

  /** @param pools What else may be refused so. */
  constructor(
    name: string,
    { plan, pools }: { plan: ClusterPlan; pools: PoolSettings },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("kubernetes-ha:index:FixedSettings", name, {}, opts);
    const settings = fixedSettings(plan);
    const commands = (some: typeof settings, dependsOn: pulumi.Resource[] = []) =>
      some.map(
        ([setting, value]) =>
          new local.Command(
            `${name}-${setting}`,
            { create: "true", triggers: [value], logging: local.Logging.None },
            { parent: this, protect: true, dependsOn },
          ),
      );
    // The last one waits for all others: a cluster has hundreds of resources, and each of them names what it waits for.
    const others = [...pools.commands, ...commands(settings.slice(0, -1))];
    this.kept = commands(settings.slice(-1), others);
    this.registerOutputs({});
  }
}
