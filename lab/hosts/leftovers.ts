import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../identity";
import { must, run } from "../process";
import { waitFor } from "../wait";
import { Cgroups, groupsBelow, pidsOf, removeTree } from "./cgroups";
import { loopDevices, releaseLoop } from "./disks";
import { holdsLimit, inotifyInstances, restoreLimit } from "./machineLimits";

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

export interface SweepOptions {
  /** The lab's directory. Default: where a lab of this id has it. */
  labDir?: string;
  /** Leave system and data disks in the lab's directory. Default false. */
  keepDisks?: boolean;
  /** Leave processes that are no hosts (mirror, daemon), and the namespaces they are in. Default false. */
  keepServices?: boolean;
}

const nspawnDirs = [
  "/run/systemd/nspawn/propagate",
  "/run/systemd/nspawn/locks",
  "/run/systemd/nspawn/unix-export",
];

/** @throws Error for anything that is no lab id: a sweep must never match what is not a lab's. */
function checked(labId: string): string {
  if (!/^kha[a-z0-9]{3,12}$/.test(labId))
    throw new Error(`"${labId}" is no lab id: "kha" and 3 to 12 of a-z, 0-9 are expected`);
  return labId;
}

const labDirOf = (labId: string, labDir?: string): string =>
  labDir ?? join(cacheRoot(), "labs", labId);
const list = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);

/** What exists of a lab now, running or dead. Empty lists all over = nothing is left but files in its directory. */
export function inventory(labId: string, labDir?: string): Inventory {
  const id = checked(labId);
  const dir = labDirOf(id, labDir);
  const cgroups = new Cgroups(id).labPaths().filter((path) => existsSync(path));
  const netns = list("/run/netns").filter((name) => name === `${id}-op` || name === `${id}-vpc`);
  return {
    processes: processesOf(cgroups, netns),
    mounts: readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .filter((path) => path.startsWith(`${dir}/`))
      .reverse(),
    netns,
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

/**
 * Ends and removes everything of a lab but its directory's other files: processes (the caller and its ancestors excepted), mounts, loop
 * devices, cgroups, namespaces, and its hosts' disks. Touches nothing that does not carry the lab's id. Twice is fine.
 *
 * @returns what it found, one line a thing; empty when there was nothing.
 * @throws Error naming what would not go away.
 */
export async function sweep(labId: string, options: SweepOptions = {}): Promise<string[]> {
  const id = checked(labId);
  const dir = labDirOf(id, options.labDir);
  const found = inventory(id, dir);
  // The lab's own services first, lest they start hosts again.
  const groups = new Cgroups(id);
  const hostPids = new Set(found.cgroups.flatMap((path) => groupPids(path)));
  const services = found.processes.map(({ pid }) => pid).filter((pid) => !hostPids.has(pid));
  if (options.keepServices !== true) await killAll(services);
  await endHosts(id, groups, found.netns);
  for (const path of inventory(id, dir).mounts) await must(["umount", path]);
  for (const { device, file } of inventory(id, dir).loops) await releaseLoop(device, file);
  for (const path of found.cgroups) await removeTree(path);
  if (options.keepServices !== true || services.length === 0)
    for (const name of found.netns) await must(["ip", "netns", "del", name]);
  for (const path of inventory(id, dir).nspawn) rmSync(path, { recursive: true, force: true });
  for (const path of ["/run/netns", ...nspawnDirs, "/run/systemd/nspawn"]) removeIfEmpty(path);
  restoreLimit(id);
  if (options.keepDisks !== true)
    for (const name of ["hosts", "disks"])
      rmSync(join(dir, name), { recursive: true, force: true });
  return describeInventory(found);
}

/** Directories that others share; one that is empty is nobody's. A mount point is somebody's. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // In use, a mount point, or not there.
  }
}

/** Hosts lose network and power; launchers are in their hosts' groups too. */
export async function endHosts(id: string, groups: Cgroups, netns: string[]): Promise<void> {
  const fabric = netns.find((name) => name === `${id}-vpc`);
  if (fabric !== undefined) await run(["ip", "-n", fabric, "link", "set", "op0", "down"]);
  const instances = new Set(
    groups.labPaths().flatMap((path) => list(path).filter((name) => name.startsWith("ins-"))),
  );
  await Promise.all([...instances].map((instanceId) => groups.kill(instanceId)));
}

const groupPids = (root: string): number[] => groupsBelow(root).flatMap(pidsOf);

function processesOf(cgroups: string[], netns: string[]): { pid: number; command: string }[] {
  const spared = ancestors(process.pid);
  const pids = new Set(cgroups.flatMap((path) => groupPids(path)));
  const inodes = new Set(netns.map((name) => `net:[${statSync(`/run/netns/${name}`).ino}]`));
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (inodes.has(readlinkSync(`/proc/${name}/ns/net`))) pids.add(Number(name));
    } catch {
      // Ended in between, or a kernel thread.
    }
  }
  return [...pids]
    .filter((pid) => !spared.has(pid))
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

function commandOf(pid: number): string {
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

/** SIGTERM, and SIGKILL for those that are still there after 5 s. */
async function killAll(pids: number[]): Promise<void> {
  const send = (signal: NodeJS.Signals): void => {
    for (const pid of pids)
      try {
        process.kill(pid, signal);
      } catch {
        // Gone already.
      }
  };
  const gone = (): Promise<true | undefined> =>
    Promise.resolve(pids.some((pid) => alive(pid)) ? undefined : true);
  send("SIGTERM");
  await waitFor({ what: "the lab's services to end", deadlineSeconds: 5, everyMs: 50 }, gone).catch(
    () => undefined,
  );
  send("SIGKILL");
  await waitFor(
    { what: `processes ${pids.join(", ")} to end after SIGKILL`, deadlineSeconds: 10, everyMs: 50 },
    gone,
  );
}

/** A zombie has let go of everything; its parent will collect it. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
