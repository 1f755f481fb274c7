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
