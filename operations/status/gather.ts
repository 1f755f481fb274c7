import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ports } from "../../components/plan/ports";
import { parallel } from "../../toolchain/progress";
import type { StackOutputs } from "../access/outputs";
import { openProxy, type Run, sshBehind, sshToBastion } from "../access/proxy";
import { type Asked, etcdHosts, type Facts, type HostLook } from "./facts";

/** Hosts asked at a time. */
const width = 24;

/** Seconds that looking may take there, and the whole of it, from the login on. */
const [lookSeconds, wholeSeconds] = [30, 50];

/** Roles whose hosts have something to ask the API. */
const clients = ["bastion", "master", "worker"];

/**
 * Asks every host what it is like, all at the same time, through the bastion.
 *
 * @param directory Files that give access, as `npm run access` writes them.
 * @param seen Told of each host that has answered, or will not.
 * @throws Error when there is no way to the bastion: nothing can be told then.
 */
export async function gather(
  outputs: StackOutputs,
  { directory, run }: { directory: string; run: Run },
  seen: (host: string) => void = () => undefined,
): Promise<Facts> {
  await openProxy(directory, run);
  const script = readFileSync(join(__dirname, "look.py"), "utf8");
  const hosts = new Map<string, Asked>();
  await parallel(outputs.nodes, width, async ({ name }) => {
    const look = lookAt(outputs, name);
    const command =
      name === outputs.bastion.name
        ? sshToBastion(directory, ...look)
        : sshBehind(directory, name, ...look);
    const { code, stdout, stderr } = await run(command, {
      input: script,
      timeoutSeconds: wholeSeconds,
    });
    hosts.set(name, code === 0 ? heard(stdout) : { silent: why(stderr) });
    seen(name);
  });
  return { outputs, hosts, at: new Date() };
}

/** The command that looks; nothing of it is secret. */
function lookAt({ nodes, entry }: StackOutputs, name: string): string[] {
  const host = nodes.find((each) => each.name === name);
  const duties = [
    ...(etcdHosts(nodes).some((each) => each.name === name) ? [`etcd=${ports.etcdClient}`] : []),
    ...(host?.role === "master" ? [`master=${ports.api}`] : []),
  ];
  const way = clients.includes(host?.role ?? "") ? `${entry.name}:${entry.port}` : "-";
  const limited = ["sudo", "-n", "timeout", String(lookSeconds), "python3", "-"];
  return [...limited, host?.privateIp ?? "", way, ...duties];
}

/** A host may print more than it is asked for, as some images do at each login. */
function heard(stdout: string): Asked {
  try {
    return { look: JSON.parse(stdout) as HostLook };
  } catch {
    return { silent: `it answered what was not asked: ${stdout.slice(0, 200)}` };
  }
}

/** ssh's own words, in a line. */
function why(stderr: string): string {
  const lines = stderr.trim().split("\n").filter(Boolean);
  return lines.slice(-2).join("; ") || "it said nothing";
}
