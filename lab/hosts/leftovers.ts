import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run, must } from "../process";
import { waitFor } from "../wait";
import { Cgroups, removeTree } from "./cgroups";
import { loopHolders, releaseLoop } from "./disks";
import {
  checkedLabId,
  describeInventory,
  groupPids,
  inventory,
  labDirOf,
  nspawnDirs,
} from "./inventory";
import { restoreLimit } from "./machineLimits";
import { removeNamespace } from "./namespaces";

export interface SweepOptions {
  /** The lab's directory. Default: where a lab of this id has it. */
  labDir?: string;
  /** Leave system and data disks in the lab's directory. Default false. */
  keepDisks?: boolean;
  /** Leave processes that are no hosts (mirror, daemon), and the namespaces they are in. Default false. */
  keepServices?: boolean;
}

/** Something of a lab that would not go away. */
export interface Remainder {
  /** `loop device /dev/loop3 on ...`. */
  what: string;
  reason: string;
  /** What a person can do about it. */
  fix: string;
  /** Whether a new lab of the same id would meet it: a process may hold its ports, a mount its directories. Another lab never does. */
  inTheWay: boolean;
}

/** A sweep that has removed all it could, and not all there was. */
export class LeftoversError extends Error {
  override name = "LeftoversError";

  constructor(
    readonly labId: string,
    /** What the sweep found, that which it removed included. */
    readonly found: string[],
    readonly remaining: Remainder[],
  ) {
    super(
      [
        `of the lab ${labId} ${remaining.length} of ${found.length} things could not be removed:`,
        ...remaining.map(({ what, reason, fix }) => `  ${what}: ${reason}; ${fix}`),
      ].join("\n"),
    );
  }
}

/**
 * Ends and removes everything of a lab but its directory's other files: processes (the caller and its ancestors excepted), mounts, loop
 * devices, cgroups, namespaces, and its hosts' disks. Touches nothing that does not carry the lab's id. Twice is fine.
 *
 * @returns what it found, one line a thing; empty when there was nothing.
 * @throws LeftoversError naming what would not go away; all else is gone then.
 */
export async function sweep(labId: string, options: SweepOptions = {}): Promise<string[]> {
  const id = checkedLabId(labId);
  const dir = labDirOf(id, options.labDir);
  const found = inventory(id, dir);
  const remaining: Remainder[] = [];
  const attempt = async (
    what: string,
    work: () => unknown,
    fix: string,
    inTheWay = false,
  ): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).replaceAll("\n", " ");
      remaining.push({ what, reason, fix, inTheWay });
    }
  };
  const restart = "if nothing else helps, restart the machine";

  // The lab's own services first, lest they start hosts again.
  const hostPids = new Set(found.cgroups.flatMap((path) => groupPids(path)));
  const services = found.processes.filter(({ pid }) => !hostPids.has(pid));
  if (options.keepServices !== true) {
    const living = await killAll(services.map(({ pid }) => pid));
    for (const { pid, command } of services.filter((each) => living.includes(each.pid)))
      await attempt(
        `process ${pid} (${command})`,
        () => {
          throw new Error("it outlives SIGKILL");
        },
        `see what it waits for: cat /proc/${pid}/stack; ${restart}`,
        true,
      );
  }
  const groups = new Cgroups(id);
  // Hosts lose network and power; launchers are in their hosts' groups too.
  if (found.netns.includes(`${id}-vpc`))
    await run(["ip", "-n", `${id}-vpc`, "link", "set", "op0", "down"]);
  await Promise.all(
    instancesOf(groups).map((instanceId) =>
      attempt(`processes of ${instanceId}`, () => groups.kill(instanceId), restart, true),
    ),
  );
  // Lazily if need be: whoever looks into it from outside keeps what he has open, and the name is free.
  for (const path of inventory(id, dir).mounts)
    await attempt(
      `mount ${path}`,
      async () => {
        if ((await run(["umount", path])).code !== 0) await must(["umount", "--lazy", path]);
      },
      `umount --lazy ${path}`,
      true,
    );
  // All at once: hosts' disks are written back as they go. One that a process has mounted now is a stranger's, who may keep it for hours.
  await Promise.all(
    inventory(id, dir).loops.map(({ device, file }) =>
      attempt(
        `loop device ${device} on ${file}`,
        () => releaseLoop(device, file, loopHolders(device).length > 0 ? 1 : 20),
        "it goes when it is unmounted everywhere",
      ),
    ),
  );
  for (const path of found.cgroups)
    await attempt(`cgroup ${path}`, () => removeTree(path), `end what is in it; ${restart}`);
  // Hosts are gone by now, so who is left is a service. What was looked at first may have been on its way out: a command in the namespace.
  if (options.keepServices !== true || inventory(id, dir).processes.length === 0)
    for (const name of found.netns)
      await attempt(
        `network namespace ${name}`,
        () => removeNamespace(name),
        `see what is mounted there: grep ${name} /proc/*/mountinfo; ${restart}`,
      );
  for (const path of inventory(id, dir).nspawn)
    await attempt(
      `file ${path}`,
      () => rmSync(path, { recursive: true, force: true }),
      `rm -r ${path}`,
    );
  for (const path of ["/run/netns", ...nspawnDirs, "/run/systemd/nspawn"]) removeIfEmpty(path);
  await attempt("raised limits", () => restoreLimit(id), "set them back by hand, or restart");
  const mounted = inventory(id, dir).mounts;
  for (const path of ["hosts", "disks"].map((name) => join(dir, name)))
    // What is mounted there is told already.
    if (options.keepDisks !== true && !mounted.some((each) => each.startsWith(`${path}/`)))
      await attempt(
        `directory ${path}`,
        () => rmSync(path, { recursive: true, force: true }),
        `rm -r ${path}`,
      );
  const lines = describeInventory(found);
  if (remaining.length > 0) throw new LeftoversError(id, lines, remaining);
  return lines;
}

/** Directories that others share; one that is empty is nobody's. A mount point is somebody's. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // In use, a mount point, or not there.
  }
}

function instancesOf(groups: Cgroups): string[] {
  const names = groups.labPaths().flatMap((path) => (existsSync(path) ? readdirSync(path) : []));
  return [...new Set(names)].filter((name) => name.startsWith("ins-"));
}

/** SIGTERM, and SIGKILL for those that are still there after 5 s. @returns those that are there 10 s later. */
async function killAll(pids: number[]): Promise<number[]> {
  const send = (signal: NodeJS.Signals): void => {
    for (const pid of pids)
      try {
        process.kill(pid, signal);
      } catch {
        // Gone already, or another's.
      }
  };
  const gone = (seconds: number): Promise<unknown> =>
    waitFor({ what: "processes to end", deadlineSeconds: seconds, everyMs: 50 }, () =>
      Promise.resolve(pids.some((pid) => alive(pid)) ? undefined : true),
    ).catch(() => undefined);
  send("SIGTERM");
  await gone(5);
  send("SIGKILL");
  await gone(10);
  return pids.filter((pid) => alive(pid));
}

/** A zombie has let go of everything; its parent will collect it. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
