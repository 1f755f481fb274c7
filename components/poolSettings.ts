import * as pulumi from "@pulumi/pulumi";
import { poolSettings } from "./plan/changes";
import type { ClusterPlan } from "./plan/cluster";
import { standing, type Values } from "./standing";

/**
 * One resource for each worker pool, which stands for those of its settings that no living worker takes up. It does nothing; but a changed value would update
 * it, which is refused in a preview, naming the setting. It goes with its pool, so it is not protected.
 */
export class PoolSettings extends pulumi.ComponentResource {
  /** One a pool. */
  readonly commands: pulumi.Resource[] = [];

  constructor(name: string, plan: ClusterPlan, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:PoolSettings", name, {}, opts);
    for (const [pool, values] of poolSettings(plan)) {
      const command = standing(
        `${name}-${pool}`,
        {
          values: { SETTINGS: JSON.stringify(values) },
          hook: `${name}-${pool}-kept`,
          fault: (before, after) => poolFault(pool, settingsOf(before), settingsOf(after)),
        },
        { parent: this },
      );
      this.commands.push(command);
    }
    this.registerOutputs({});
  }
}

/** Why a living pool does not take up other values; undefined where they are what they were, or are of settings that it was made without. */
export function poolFault(pool: string, before: Values, after: Values): string | undefined {
  const changed = Object.keys(after).filter(
    (setting) => setting in before && before[setting] !== after[setting],
  );
  if (changed.length === 0) return undefined;
  const said = changed.map((setting) => {
    const [was, is] = [before[setting], after[setting]].map((value) => value || "nothing");
    return `${setting.replace("[]", `[${pool}]`)}: got ${is}, but workers of the pool that lives have ${was}.`;
  });
  return `${said.join(" ")} Put it back, or make another pool and take this one out: docs/runbooks/scale.md`;
}

function settingsOf({ SETTINGS }: Values): Values {
  return SETTINGS === undefined ? {} : (JSON.parse(SETTINGS) as Values);
}
