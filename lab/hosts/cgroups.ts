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

/** One mounted cgroup hierarchy: a controller (or several) of version 1, or the unified tree. */
export interface Hierarchy {
  path: string;
  /** Controllers of a version 1 hierarchy; empty for the unified tree and `name=systemd`. */
  controllers: string[];
  unified: boolean;
}

/** How this machine keeps cgroups. */
export interface CgroupLayout {
  version: 1 | 2;
  hierarchies: Hierarchy[];
}

const controllerNames = new Set(
  "blkio cpu cpuacct cpuset devices freezer hugetlb memory net_cls net_prio perf_event pids rdma misc".split(
    " ",
  ),
);

/**
 * Layout from the text of /proc/self/mountinfo. With version 1 a host joins every hierarchy, the empty unified tree included: what it does
 * not join it would share with the machine.
 *
 * @throws Error when /sys/fs/cgroup holds nothing usable.
 */
export function parseLayout(mountinfo: string): CgroupLayout {
  const found = new Map<string, Hierarchy>();
  for (const line of mountinfo.split("\n")) {
    const [mount, filesystem] = line.split(" - ");
    const path = mount?.split(" ")[4];
    const [type, , options] = filesystem?.split(" ") ?? [];
    if (!path?.startsWith("/sys/fs/cgroup") || (type !== "cgroup" && type !== "cgroup2")) continue;
    const controllers = (options ?? "").split(",").filter((name) => controllerNames.has(name));
    found.set(path, {
      path,
      controllers: type === "cgroup" ? controllers : [],
      unified: type === "cgroup2",
    });
  }
  const hierarchies = [...found.values()];
  const root = hierarchies.find((each) => each.path === "/sys/fs/cgroup");
  if (root?.unified) return { version: 2, hierarchies: [root] };
  const controls = (name: string): boolean =>
    hierarchies.some((each) => each.controllers.includes(name));
  if (!controls("pids") || !controls("freezer"))
    throw new Error(
      "/sys/fs/cgroup has neither a unified tree nor the controllers pids and freezer of version 1; mount them: `npm run lab -- doctor` tells how",
    );
  return { version: 1, hierarchies };
}

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
      if (this.layout.version === 2) {
        const all = read(join(hierarchy.path, "cgroup.controllers"))
          .split(" ")
          .map((name) => `+${name}`)
          .join(" ");
        for (const group of [hierarchy.path, lab])
          writeFileSync(join(group, "cgroup.subtree_control"), all);
      }
      mkdirSync(own, { recursive: true });
      const limit = String(memoryMiB * 1024 * 1024);
      if (hierarchy.controllers.includes("memory"))
        writeFileSync(join(own, "memory.limit_in_bytes"), limit);
      if (this.layout.version === 2) writeFileSync(join(own, "memory.max"), limit);
    }
  }

  /** Every process of a host, those of its containers included. */
  pids(instanceId: string): number[] {
    return pidsBelow(this.group("pids", instanceId));
  }

  /** Instances that have a living process. */
  living(): string[] {
    const lab = this.group("pids", "");
    if (!existsSync(lab)) return [];
    return readdirSync(lab, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && this.pids(entry.name).length > 0)
      .map((entry) => entry.name);
  }

  /** The host's own first process (systemd), undefined while there is none. */
  initPid(instanceId: string): number | undefined {
    return this.pids(instanceId).find((pid) => {
      try {
        const match = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
        const numbers = match?.[1]?.split(/\s+/) ?? [];
        return numbers.length === ownDepth() + 1 && numbers.at(-1) === "1";
      } catch {
        return false;
      }
    });
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
   * @throws DeadlineError when a process is still there after 20 s.
   */
  async kill(instanceId: string): Promise<void> {
    if (this.pids(instanceId).length === 0) return;
    if (this.layout.version === 1) this.setFrozen(instanceId, true);
    await waitFor(
      { what: `the processes of ${instanceId} to end`, deadlineSeconds: 20, everyMs: 50 },
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

function ownDepth(): number {
  const match = /^NSpid:\s+(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return match?.[1]?.split(/\s+/).length ?? 1;
}

/** Groups from the leaves up to `root`, which comes last. */
export function groupsBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  return [
    ...readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => groupsBelow(join(root, entry.name))),
    root,
  ];
}

function pidsBelow(root: string): number[] {
  return groupsBelow(root).flatMap((group) => {
    try {
      return read(join(group, "cgroup.procs")).split("\n").filter(Boolean).map(Number);
    } catch {
      return []; // The group went away in between.
    }
  });
}

/** Removes empty groups; the kernel needs a moment after the last process of one has ended. */
export async function removeTree(root: string): Promise<void> {
  await waitFor(
    { what: `cgroup ${root} to be empty`, deadlineSeconds: 10, everyMs: 50 },
    async () => {
      for (const group of groupsBelow(root)) rmdirSync(group);
      return Promise.resolve(existsSync(root) ? undefined : true);
    },
  );
}
