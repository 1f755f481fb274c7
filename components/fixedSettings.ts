import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { fixedSettings } from "./plan/changes";
import type { ClusterPlan } from "./plan/cluster";

/**
 * One protected resource for each setting that no living cluster takes up. It does nothing; but a changed value would replace it, which `pulumi up`
 * refuses in its preview, naming the setting, before a host has half of the new and half of the old.
 */
export class FixedSettings extends pulumi.ComponentResource {
  constructor(name: string, plan: ClusterPlan, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:FixedSettings", name, {}, opts);
    for (const [setting, value] of fixedSettings(plan)) {
      new local.Command(
        `${name}-${setting}`,
        { create: "true", triggers: [value], logging: local.Logging.None },
        { parent: this, protect: true },
      );
    }
    this.registerOutputs({});
  }
}
