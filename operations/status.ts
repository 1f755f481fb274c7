/** `npm run status -- --stack prod`: whether a stack's cluster is healthy, what is not and why, and what may still be lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { run } from "../lab/process";
import { writeAccess } from "./access/files";
import { parseOutputs } from "./access/outputs";
import { closeProxy, freePort } from "./access/proxy";
import { commandLine, exitCodes, exitCodesHelp, perform } from "./command";
import { Stack } from "./stack";
import { renderStatus } from "./status/report";
import { watchStatus } from "./status/watch";

interface Options {
  stack: string;
  json?: true;
  wait?: true;
  timeout: number;
}

async function status({ stack, json, wait, timeout }: Options): Promise<void> {
  const outputs = parseOutputs(await new Stack(stack).outputs());
  const directory = mkdtempSync(join(tmpdir(), "kubernetes-ha-"));
  try {
    // Asking goes by ssh alone: of the kubeconfig nothing is used.
    writeAccess(outputs, { directory, socksPort: await freePort() });
    const found = await watchStatus(outputs, { directory, run }, wait ? timeout : 0);
    process.stdout.write(json ? `${JSON.stringify(found, undefined, 2)}\n` : renderStatus(found));
    process.exitCode = found.healthy ? exitCodes.fine : exitCodes.found;
  } finally {
    await closeProxy(directory, run);
    rmSync(directory, { recursive: true, force: true });
  }
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new InvalidArgumentError("It must be a whole number of seconds, 1 or more.");
}

const program = commandLine(
  "npm run status --",
  "Whether a stack's cluster is healthy: its hosts, etcd, masters, nodes and pods of Kubernetes itself, the way to the API, versions, certificates, " +
    "snapshots, and what may still be lost. Asks every host by ssh through the bastion and changes nothing. Run it where `pulumi up` runs.",
)
  .requiredOption("-s, --stack <name>", "the stack")
  .option("--json", "print it as JSON")
  .option("--wait", "ask again until it is healthy")
  .option("--timeout <seconds>", "how long to wait", parseSeconds, 600)
  .addHelpText("after", exitCodesHelp)
  .action(status);

void perform(program);
