import { existsSync, readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { type ClusterPlan, parseClusterConfig, planCluster } from "../components/plan";

const clusterKey = "tencentcloud-kubernetes-ha:cluster";

/** Options of a command that reads a stack's configuration. */
export interface StackFileOptions {
  stack: string;
  configFile?: string;
}

/**
 * The plan of a stack's configuration file, and the environment with its region. Needs no engine and no state.
 * @throws when there is no such file, it has no cluster, or the cluster's configuration is wrong.
 */
export function readStackFile({ stack, configFile }: StackFileOptions): {
  plan: ClusterPlan;
  env: NodeJS.ProcessEnv;
} {
  const settings = settingsOf(configFile ?? `Pulumi.${stack}.yaml`);
  const region = settings["tencentcloud:region"];
  return {
    plan: planCluster(parseClusterConfig(settings[clusterKey])),
    env: {
      ...process.env,
      ...(typeof region === "string" ? { TENCENTCLOUD_REGION: region } : {}),
    },
  };
}

function settingsOf(file: string): Record<string, unknown> {
  if (!existsSync(file))
    throw new Error(
      `there is no ${file}; here are ${readdirSync(".")
        .filter((name) => /^Pulumi\..+\.yaml$/.test(name))
        .join(", ")}: name a stack, or its configuration with --config-file`,
    );
  const { config } = (parse(readFileSync(file, "utf8")) ?? {}) as {
    config?: Record<string, unknown>;
  };
  if (config?.[clusterKey] === undefined)
    throw new Error(
      `${file} has no ${clusterKey} below config: it has ${Object.keys(config ?? {}).join(", ") || "nothing"}`,
    );
  return config;
}
