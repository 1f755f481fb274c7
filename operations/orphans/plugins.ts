import { connect } from "node:net";
import { basename } from "node:path";
import {
  familyOf,
  netnsOf,
  runningProcesses,
  type RunningProcess,
} from "../../lab/runningProcesses";

/**
 * Ends the provider plugins of engines that are dead. A plugin outlives a killed engine and goes on trying, so what it was asked for
 * may be made long after somebody has looked. Nothing is found on a machine without /proc.
 *
 * @returns how many were ended.
 */
export async function endOrphanedPlugins(): Promise<number> {
  const processes = runningProcesses();
  // The addresses of engines in other network namespaces mean nothing here.
  const [ourUser, ourNetns] = [process.getuid?.(), netnsOf()];
  const own = processes.filter(({ user, netns }) => user === ourUser && netns === ourNetns);
  let ended = 0;
  for (const { pid, engine } of pluginsOf(own)) {
    if (await listens(engine)) continue;
    familyOf(pid, processes).forEach(kill);
    ended += 1;
  }
  return ended;
}

/** Provider plugins and the address of the engine each was started by, which is their first argument. Pure. */
export function pluginsOf(
  processes: readonly Pick<RunningProcess, "pid" | "argv">[],
): { pid: number; engine: { host: string; port: number } }[] {
  return processes.flatMap(({ pid, argv: [program = "", address = ""] }) => {
    const [, host, port] = /^([\d.]+):(\d+)$/.exec(address) ?? [];
    return basename(program).startsWith("pulumi-resource-") && host !== undefined
      ? [{ pid, engine: { host, port: Number(port) } }]
      : [];
  });
}

function listens(address: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: 1000 });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", done(true)).once("timeout", done(true)).once("error", done(false));
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone by itself.
  }
}
