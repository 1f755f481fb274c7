/** `npm run preflight -- --stack prod`: the preflight alone, on a stack's configuration file. Needs no engine and no state. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { parse } from "yaml";
import { parseClusterConfig, planCluster } from "../plan";
import { cloudDemand } from "./demand";
import { preflight } from "./preflight";

async function main({ stack, config }: { stack: string; config?: string }): Promise<void> {
  const file = config ?? `Pulumi.${stack}.yaml`;
  const settings = (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> })
    .config;
  const plan = planCluster(parseClusterConfig(settings?.["tencentcloud-kubernetes-ha:cluster"]));
  const region = settings?.["tencentcloud:region"];
  const env = typeof region === "string" ? { TENCENTCLOUD_REGION: region } : {};
  const { report, passed } = await preflight(cloudDemand(plan), { ...process.env, ...env });
  process.stdout.write(report);
  process.exitCode = passed ? 0 : 1;
}

new Command("preflight")
  .description("asks the cloud whether a stack's cluster can be had; makes nothing")
  .requiredOption("--stack <name>", "whose Pulumi.<name>.yaml to read")
  .option("--config <file>", "another file")
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    process.exitCode = 1;
  });
