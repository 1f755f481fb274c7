import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { basename } from "node:path";

/** A running process, as /proc tells. */
export interface RunningProcess {
  pid: number;
  parent: number;
  argv: string[];
}

/**
 * Ends the provider plugins of engines that are dead. A plugin outlives a killed engine and goes on trying, so what it was asked for
 * may be made long after somebody has looked. Nothing is found on a machine without /proc.
 *
 * @returns how many were ended.
 */
export async function endOrphanedPlugins(): Promise<number> {
  const processes = ownProcesses();
  let ended = 0;
  for (const { pid, engine } of pluginsOf(processes)) {
    if (await listens(engine)) continue;
    const children = processes.filter(({ parent }) => parent === pid);
    for (const doomed of [pid, ...children.map((child) => child.pid)]) kill(doomed);
    ended += 1;
  }
  return ended;
}

/** Provider plugins and the address of the engine each was started by, which is their first argument. Pure. */
export function pluginsOf(
  processes: readonly RunningProcess[],
): { pid: number; engine: { host: string; port: number } }[] {
  return processes.flatMap(({ pid, argv: [program = "", address = ""] }) => {
    const [, host, port] = /^([\d.]+):(\d+)$/.exec(address) ?? [];
    return basename(program).startsWith("pulumi-resource-") && host !== undefined
      ? [{ pid, engine: { host, port: Number(port) } }]
      : [];
  });
}

/** Processes of our user in our network namespace: the addresses of others mean nothing here. */
function ownProcesses(): RunningProcess[] {
  const user = process.getuid?.();
  return readPids().flatMap((pid) => {
    try {
      if (readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync("/proc/self/ns/net")) return [];
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const field = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
      if (field("Uid") !== user) return [];
      const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return [{ pid, parent: field("PPid"), argv }];
    } catch {
      // It has ended meanwhile, or is not ours to look at.
      return [];
    }
  });
}

function readPids(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return [];
  }
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
