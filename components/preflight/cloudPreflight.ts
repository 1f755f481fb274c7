import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { nodeCommand } from "../nodeCommand";
import type { ClusterPlan } from "../plan/cluster";
import { cloudDemand } from "./demand";

/** Settings of the provider in the stack's configuration, and the environment that says the same. */
const providerSettings = {
  region: "TENCENTCLOUD_REGION",
  protocol: "TENCENTCLOUD_PROTOCOL",
  domain: "TENCENTCLOUD_DOMAIN",
} as const;
const providerSecrets = {
  secretId: "TENCENTCLOUD_SECRET_ID",
  secretKey: "TENCENTCLOUD_SECRET_KEY",
  securityToken: "TENCENTCLOUD_SECURITY_TOKEN",
} as const;

/**
 * Asks the cloud whether what is still to be made can be had, before anything is: a local command that fails with one report of all
 * that is in the way. Runs once, and again only when the cluster takes something else.
 */
export function cloudPreflight(
  name: string,
  plan: ClusterPlan,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const kept = warnings(`${name}-warnings`);
  const program = nodeCommand("preflight/command");
  // It is there as well when it asks nothing: a stack that switches it on later is not new for that.
  const asks = plan.config.preflight.cloud;
  return new local.Command(
    name,
    {
      create: asks ? `${program} --new` : "true",
      update: asks ? program : "true",
      stdin: JSON.stringify(cloudDemand(plan)),
      environment: providerEnvironment(),
      addPreviousOutputInEnv: false,
      logging: local.Logging.Stderr,
    },
    pulumi.mergeOptions(opts, { hooks: { afterCreate: [kept], afterUpdate: [kept] } }),
  );
}

/**
 * The hook that warns of what a preflight let pass, its standard error. The plugin shows what a command prints only while it runs.
 * @param name Name of the hook, unique in the program.
 */
function warnings(name: string): pulumi.ResourceHook {
  return new pulumi.ResourceHook(name, async ({ newOutputs }) => {
    const { stderr } = newOutputs as { stderr?: string };
    if (stderr) await pulumi.log.warn(stderr);
  });
}

/** What the provider is configured with beside the environment, which the command inherits. */
function providerEnvironment(): Record<string, pulumi.Input<string>> {
  const config = new pulumi.Config("tencentcloud");
  const set = <T>(names: Record<string, string>, get: (key: string) => T | undefined) =>
    Object.entries(names).flatMap(([key, variable]) => {
      const value = get(key);
      return value === undefined ? [] : [[variable, value] as const];
    });
  return Object.fromEntries([
    ...set<pulumi.Input<string>>(providerSettings, (key) => config.get(key)),
    ...set<pulumi.Input<string>>(providerSecrets, (key) => config.getSecret(key)),
  ]);
}
