import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** A running process, as /proc tells. */
export interface RunningProcess {
  pid: number;
  parent: number;
  user: number;
  argv: string[];
  /** Its network namespace, `net:[4026531840]`; undefined where it is not ours to look at. */
  netns: string | undefined;
}

/** All processes that can be seen; none on a machine without /proc. */
export function runningProcesses(): RunningProcess[] {
  return pids().flatMap((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const field = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
      const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
      const [parent, user] = [field("PPid"), field("Uid")];
      return [{ pid, parent, user, argv, netns: netnsOf(pid) }];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

/** Ids of a process and of all that descend from it, whatever process group these are in. */
export function familyOf(pid: number, processes = runningProcesses()): number[] {
  const family = [pid];
  for (const member of family)
    family.push(...processes.filter(({ parent }) => parent === member).map((child) => child.pid));
  return family;
}

/** The network namespace of a process; ours by default. */
export function netnsOf(pid: number | "self" = "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function pids(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}
