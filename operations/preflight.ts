/** `npm run preflight -- --stack prod`: the preflight alone, on a stack's configuration file. Needs no engine and no state. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { Option } from "commander";
import { parse } from "yaml";
import { parseClusterConfig, planCluster } from "../components/plan";
import { cloudDemand } from "../components/preflight/demand";
import { preflight } from "../components/preflight/preflight";
import { commandLine, exitCodes, exitCodesHelp, perform } from "./command";

interface Options {
  stack: string;
  configFile?: string;
  /** What `configFile` was called. */
  config?: string;
  json?: true;
}

const clusterKey = "tencentcloud-kubernetes-ha:cluster";

async function ask({ stack, configFile, config, json }: Options): Promise<void> {
  const settings = settingsOf(configFile ?? config ?? `Pulumi.${stack}.yaml`);
  const plan = planCluster(parseClusterConfig(settings[clusterKey]));
  const region = settings["tencentcloud:region"];
  const env = typeof region === "string" ? { TENCENTCLOUD_REGION: region } : {};
  const { report, ...result } = await preflight(cloudDemand(plan), { ...process.env, ...env });
  process.stdout.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : report);
  process.exitCode = result.passed ? exitCodes.fine : exitCodes.found;
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

const program = commandLine(
  "npm run preflight --",
  "Asks the cloud whether a stack's cluster can be had; makes nothing.",
)
  .requiredOption("-s, --stack <name>", "the stack")
  .option("--config-file <file>", "its configuration, instead of Pulumi.<stack>.yaml")
  .addOption(new Option("--config <file>").hideHelp())
  .option("--json", "print what was found as JSON")
  .addHelpText("after", exitCodesHelp)
  .action(ask);

void perform(program);
