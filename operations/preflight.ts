/** `npm run preflight -- --stack prod`: the preflight alone, on a stack's configuration file. Needs no engine and no state. */
import { Option } from "commander";
import { cloudDemand } from "../components/preflight/demand";
import { preflight } from "../components/preflight/preflight";
import { commandLine, exitCodes, exitCodesHelp, perform } from "./command";
import { readStackFile, type StackFileOptions } from "./stackFile";

interface Options extends StackFileOptions {
  /** What `configFile` was called. */
  config?: string;
  json?: true;
}

async function ask({ stack, config, configFile = config, json }: Options): Promise<void> {
  const { plan, env } = readStackFile({ stack, ...(configFile && { configFile }) });
  const { report, ...result } = await preflight(cloudDemand(plan), env);
  process.stdout.write(json ? `${JSON.stringify(result, undefined, 2)}\n` : report);
  process.exitCode = result.passed ? exitCodes.fine : exitCodes.found;
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
