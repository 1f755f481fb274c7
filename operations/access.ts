/** `npm run access -- --stack prod --out ~/.kube/prod`: files with which plain ssh and kubectl reach a stack's cluster. */
import { InvalidArgumentError } from "commander";
import { Stack } from "./stack";
import { defaultSocksPort, writeAccess } from "./access/files";
import { parseOutputs } from "./access/outputs";
import { commandLine, perform } from "./command";

interface Options {
  stack: string;
  out: string;
  socksPort: number;
}

async function access({ stack, out, socksPort }: Options): Promise<void> {
  const outputs = parseOutputs(await new Stack(stack).outputs());
  const { directory } = writeAccess(outputs, { directory: out, socksPort });
  console.log(`written to ${directory}; the kubeconfig and id_ed25519 are secret. Next:
  ssh -F ${directory}/ssh_config -fN bastion-socks      # the way in, until that ssh ends
  kubectl --kubeconfig ${directory}/kubeconfig get nodes
  ssh -F ${directory}/ssh_config ${outputs.nodes.at(-1)?.name ?? outputs.bastion.name}`);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  throw new InvalidArgumentError("It must be a port, 1 to 65535.");
}

const program = commandLine(
  "npm run access --",
  "Writes what plain ssh and kubectl need to reach a stack's cluster: a key, pinned host keys, ssh_config and kubeconfig. Run it where " +
    "`pulumi up` runs, and again after hosts were added or replaced.",
)
  .requiredOption("-s, --stack <name>", "the stack")
  .requiredOption("-o, --out <directory>", "directory for the files alone; made if it is not there")
  .option(
    "--socks-port <port>",
    "port on this machine for the proxy to the API; another one for each cluster",
    parsePort,
    defaultSocksPort,
  )
  .action(access);

void perform(program);
