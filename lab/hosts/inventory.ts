import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../identity";
import { Cgroups, groupsBelow, pidsOf } from "./cgroups";
import { loopDevices } from "./disks";
import { holdsLimit, inotifyInstances } from "./machineLimits";
import { mounts } from "./mounts";
import { namespacesOf } from "./namespaces";

/** Everything of one lab that outlives a process, by the names that carry its id. */
export interface Inventory {
  /** Processes in the lab's cgroups or network namespaces. */
  processes: { pid: number; command: string }[];
  /** Mount points below the lab's directory, deepest first. */
  mounts: string[];
  /** Names of network namespaces. */
  netns: string[];
  /** Top cgroups, one a hierarchy. */
  cgroups: string[];
  /** Loop devices whose file is in the lab's directory. */
  loops: { device: string; file: string }[];
  /** Settings of the machine that are raised for the lab. */
  settings: string[];
  /** What systemd-nspawn keeps about machines in /run/systemd/nspawn. */
  nspawn: string[];
}

/** Directories of systemd-nspawn, shared by all machines. */
export const nspawnDirs = [
  "/run/systemd/nspawn/propagate",
  "/run/systemd/nspawn/locks",
  "/run/systemd/nspawn/unix-export",
];

/** @throws Error for anything that is no lab id: nothing must ever match what is not a lab's. */
export function checkedLabId(labId: string): string {
  if (!/^kha[a-z0-9]{3,12}$/.test(labId))
    throw new Error(`"${labId}" is no lab id: "kha" and 3 to 12 of a-z, 0-9 are expected`);
  return labId;
}

export const labDirOf = (labId: string, labDir?: string): string =>
  labDir ?? join(cacheRoot(), "labs", labId);

/** What exists of a lab now, running or dead. Empty lists all over = nothing is left but files in its directory. */
export function inventory(labId: string, labDir?: string): Inventory {
  const id = checkedLabId(labId);
  const dir = labDirOf(id, labDir);
  const cgroups = new Cgroups(id).labPaths().filter((path) => existsSync(path));
  const namespaces = namespacesOf(id);
  const list = (parent: string): string[] => (existsSync(parent) ? readdirSync(parent) : []);
  return {
    processes: processesOf(
      cgroups,
      namespaces.flatMap(({ ids }) => ids),
    ),
    mounts: mounts()
      .map(({ path }) => path)
      .filter((path) => path.startsWith(`${dir}/`))
      .reverse(),
    netns: namespaces.map(({ name }) => name),
    cgroups,
    loops: loopDevices().filter(({ file }) => file.startsWith(`${dir}/`)),
    settings: holdsLimit(id) ? [inotifyInstances.file] : [],
    nspawn: nspawnDirs.flatMap((parent) =>
      list(parent)
        .filter((name) => name.startsWith(`${id}-`))
        .map((name) => join(parent, name)),
    ),
  };
}

/** One line a thing. */
export function describeInventory(found: Inventory): string[] {
  return [
    ...found.processes.map(({ pid, command }) => `process ${pid} (${command})`),
    ...found.mounts.map((path) => `mount ${path}`),
    ...found.netns.map((name) => `network namespace ${name}`),
    ...found.cgroups.map((path) => `cgroup ${path}`),
    ...found.loops.map(({ device, file }) => `loop device ${device} on ${file}`),
    ...found.settings.map((file) => `raised limit ${file}`),
    ...found.nspawn.map((path) => `file ${path}`),
  ];
}

/** Processes in a cgroup and those below it. */
export const groupPids = (root: string): number[] => groupsBelow(root).flatMap(pidsOf);

function processesOf(cgroups: string[], netns: string[]): Inventory["processes"] {
  const spared = ancestors(process.pid);
  const pids = new Set(cgroups.flatMap((path) => groupPids(path)));
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (netns.includes(readlinkSync(`/proc/${name}/ns/net`))) pids.add(Number(name));
    } catch {
      // Ended in between, or a kernel thread.
    }
  }
  return [...pids]
    .filter((pid) => !spared.has(pid))
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

/** Name of a process. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "ended";
  }
}

function ancestors(pid: number): Set<number> {
  const found = new Set<number>();
  for (let each = pid; each > 0 && !found.has(each);) {
    found.add(each);
    try {
      each = Number(
        /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${each}/status`, "utf8"))?.[1] ?? 0,
      );
    } catch {
      break;
    }
  }
  return found;
}
