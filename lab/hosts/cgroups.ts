import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { waitFor } from "../wait";
import { parseLayout, type CgroupLayout, type Hierarchy } from "./cgroupLayout";

const read = (path: string): string => readFileSync(path, "utf8").trim();

/** Processes, limits and freezing of the hosts of one lab. Every group of the lab is below `<hierarchy>/<lab id>`. */
export class Cgroups {
  constructor(
    private readonly labGroup: string,
    readonly layout: CgroupLayout = parseLayout(readFileSync("/proc/self/mountinfo", "utf8")),
  ) {}

  /** The host's directory in each hierarchy. */
  paths(instanceId: string): string[] {
    return this.layout.hierarchies.map(({ path }) => join(path, this.labGroup, instanceId));
  }

  /**
   * Groups that the host's launcher joins, and those that each boot of it joins then. A group of version 2 that has controllers below it may have
   * no process itself, so there launcher and machine are apart; with version 1 the machine inherits its launcher's groups.
   */
  joins(instanceId: string): { launcher: string[]; machine: string[] } {
    const own = this.paths(instanceId);
    if (this.layout.version === 1) return { launcher: own, machine: [] };
    return {
      launcher: own.map((path) => join(path, "launcher")),
      machine: own.map((path) => join(path, "machine")),
    };
  }

  /** The lab's directory in each hierarchy. */
  labPaths(): string[] {
    return this.layout.hierarchies.map(({ path }) => join(path, this.labGroup));
  }

  /** Makes the host's groups and sets its memory limit. */
  create(instanceId: string, memoryMiB: number): void {
    for (const hierarchy of this.layout.hierarchies) {
      const lab = join(hierarchy.path, this.labGroup);
      const own = join(lab, instanceId);
      mkdirSync(lab, { recursive: true });
      if (hierarchy.controllers.includes("cpuset")) {
        // A cpuset without CPUs takes no process; children inherit once clone_children is set.
        for (const file of ["cpuset.cpus", "cpuset.mems"])
          writeFileSync(join(lab, file), read(join(hierarchy.path, file)));
        writeFileSync(join(lab, "cgroup.clone_children"), "1");
      }
      mkdirSync(own, { recursive: true });
      if (this.layout.version === 2) {
        const all = read(join(hierarchy.path, "cgroup.controllers"))
          .split(" ")
          .map((name) => `+${name}`)
          .join(" ");
        for (const group of [hierarchy.path, lab, own])
          writeFileSync(join(group, "cgroup.subtree_control"), all);
        const { launcher, machine } = this.joins(instanceId);
        for (const group of [...launcher, ...machine]) mkdirSync(group, { recursive: true });
      }
      const limit = String(memoryMiB * 1024 * 1024);
      if (hierarchy.controllers.includes("memory"))
        writeFileSync(join(own, "memory.limit_in_bytes"), limit);
      if (this.layout.version === 2) writeFileSync(join(own, "memory.max"), limit);
    }
  }

  /** Every process of a host, those of its containers included. */
  pids(instanceId: string): number[] {
    return groupsBelow(this.group("pids", instanceId)).flatMap(pidsOf);
  }

  /** Whether a host has any process. */
  hasProcesses(instanceId: string): boolean {
    return groupsBelow(this.group("pids", instanceId)).some((group) => pidsOf(group).length > 0);
  }

  /** Instances that have a living process. */
  living(): string[] {
    const lab = this.group("pids", "");
    if (!existsSync(lab)) return [];
    return readdirSync(lab, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && this.hasProcesses(entry.name))
      .map((entry) => entry.name);
  }

  /** The host's own first process (systemd), undefined while there is none. */
  initPid(instanceId: string): number | undefined {
    const depth = namespacedPids("self").length + 1;
    // From the top: it is in one of the first groups, and a node has hundreds.
    for (const group of groupsBelow(this.group("pids", instanceId)).reverse())
      for (const pid of pidsOf(group)) {
        const numbers = namespacedPids(pid);
        if (numbers.length === depth && numbers.at(-1) === "1") return pid;
      }
    return undefined;
  }

  setFrozen(instanceId: string, frozen: boolean): void {
    const group = this.group("freezer", instanceId);
    if (!existsSync(group)) return;
    if (this.layout.version === 2) writeFileSync(join(group, "cgroup.freeze"), frozen ? "1" : "0");
    else writeFileSync(join(group, "freezer.state"), frozen ? "FROZEN" : "THAWED");
  }

  isFrozen(instanceId: string): boolean {
    const group = this.group("freezer", instanceId);
    if (!existsSync(group)) return false;
    return this.layout.version === 2
      ? read(join(group, "cgroup.freeze")) === "1"
      : read(join(group, "freezer.state")) !== "THAWED";
  }

  /**
   * Ends every process of a host at one instant, as losing power does: none of them runs on to see the others die.
   *
   * @throws DeadlineError when a process is still there after 60 s.
   */
  async kill(instanceId: string): Promise<void> {
    if (!this.hasProcesses(instanceId)) return;
    if (this.layout.version === 1) this.setFrozen(instanceId, true);
    await waitFor(
      { what: `the processes of ${instanceId} to end`, deadlineSeconds: 60, everyMs: 50 },
      async (seen) => {
        if (this.layout.version === 2)
          writeFileSync(join(this.group("pids", instanceId), "cgroup.kill"), "1");
        for (const pid of this.pids(instanceId)) {
          try {
            process.kill(pid, "SIGKILL");
          } catch {
            // Gone already.
          }
        }
        // A frozen process of version 1 dies only once thawed.
        this.setFrozen(instanceId, false);
        const left = this.pids(instanceId);
        seen(`${left.length} processes, first ${left[0] ?? "-"}`);
        return Promise.resolve(left.length === 0 ? true : undefined);
      },
    );
  }

  /** Removes the groups of a host that has no process any more. */
  async remove(instanceId: string): Promise<void> {
    for (const path of this.paths(instanceId)) await removeTree(path);
  }

  private group(controller: string, instanceId: string): string {
    const hierarchy = this.layout.hierarchies.find(
      (each) => this.layout.version === 2 || each.controllers.includes(controller),
    ) as Hierarchy;
    return join(hierarchy.path, this.labGroup, instanceId);
  }
}

/** The numbers of a process in each process namespace it is in, ours first; empty when it has ended. */
function namespacedPids(pid: number | "self"): string[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
  } catch {
    return [];
  }
}

/** Groups from the leaves up to `root`, which comes last. */
export function groupsBelow(root: string): string[] {
  let entries;
  try {
    entries = readdirSync(root, { withFileTypes: true });
  } catch {
    return []; // The group is not there, or went away in between.
  }
  return [
    ...entries
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => groupsBelow(join(root, entry.name))),
    root,
  ];
}

/** Processes in one group, not those below it. */
export function pidsOf(group: string): number[] {
  try {
    return read(join(group, "cgroup.procs")).split("\n").filter(Boolean).map(Number);
  } catch {
    return []; // The group went away in between.
  }
}

/** Removes empty groups; the kernel needs a moment after the last process of one has ended. */
export async function removeTree(root: string): Promise<void> {
  await waitFor(
    { what: `cgroup ${root} to be empty`, deadlineSeconds: 60, everyMs: 50 },
    async () => {
      for (const group of groupsBelow(root)) rmdirSync(group);
      return Promise.resolve(existsSync(root) ? undefined : true);
    },
  );
}
