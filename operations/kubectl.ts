/** `npm run kubectl -- --stack prod get nodes`: kubectl on a stack's cluster, through its bastion. What it needs lies on disk for as long as it runs. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../lab/process";
import { Stack } from "./stack";
import { toolchain } from "../toolchain";
import { onPath } from "../toolchain/debian";
import { writeAccess } from "./access/files";
import { parseOutputs } from "./access/outputs";
import { closeProxy, freePort, openProxy } from "./access/proxy";
import { commandLine, perform } from "./command";

async function kubectl(args: string[], { stack }: { stack: string }): Promise<void> {
  const program = kubectlProgram();
  const outputs = parseOutputs(await new Stack(stack).outputs());
  const directory = mkdtempSync(join(tmpdir(), "kubernetes-ha-"));
  // kubectl gets a terminal's Ctrl-C too, and decides; we go on to clean up.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore).on("SIGTERM", ignore);
  try {
    writeAccess(outputs, { directory, socksPort: await freePort() });
    await openProxy(directory, run);
    const command = [program, "--kubeconfig", join(directory, "kubeconfig"), ...args];
    process.exitCode = (await run(command, { output: "inherit" })).code;
  } finally {
    await closeProxy(directory, run);
    rmSync(directory, { recursive: true, force: true });
    process.off("SIGINT", ignore).off("SIGTERM", ignore);
  }
}

/** The machine's kubectl, or the lab's if that is there. */
function kubectlProgram(): string {
  if (onPath("kubectl")) return "kubectl";
  try {
    return toolchain().binary("kubectl");
  } catch {
    throw new Error(
      "cannot run kubectl: it is not on PATH; install it (https://kubernetes.io/docs/tasks/tools/)",
    );
  }
}

const program = commandLine(
  "npm run kubectl --",
  "kubectl on a stack's cluster, through its bastion. Run it where `pulumi up` runs. Ends as kubectl does.",
)
  .requiredOption("-s, --stack <name>", "the stack; before kubectl's own arguments")
  .argument("<args...>", "kubectl's arguments")
  .allowUnknownOption()
  .passThroughOptions()
  .action(kubectl);

void perform(program);
