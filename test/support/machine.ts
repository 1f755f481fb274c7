import { readFileSync, readdirSync } from "node:fs";
import { must } from "../../lab/process";

/** What of the machine a lab could leave behind or change; two snapshots are compared around a lab's life. */
export interface MachineState {
  mounts: string[];
  namespaces: string[];
  loops: string[];
  cgroups: string[];
  interfaces: string[];
  ruleset: string;
  swaps: string;
  sysctls: Record<string, string>;
  nspawn: string[];
}

const sysctls = [
  "net/ipv4/ip_forward",
  "vm/overcommit_memory",
  "vm/swappiness",
  "kernel/panic",
  "vm/max_map_count",
  "fs/inotify/max_user_watches",
  "fs/inotify/max_user_instances",
];

export async function machineState(): Promise<MachineState> {
  const list = (path: string): string[] => {
    try {
      return readdirSync(path).sort();
    } catch {
      return [];
    }
  };
  const controllers = list("/sys/fs/cgroup");
  return {
    mounts: readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ").slice(0, 3).join(" "))
      .sort(),
    namespaces: list("/run/netns"),
    loops: (await must(["losetup", "--list", "--noheadings", "--output", "BACK-FILE"])).stdout
      .split("\n")
      .sort(),
    cgroups: controllers.flatMap((controller) =>
      list(`/sys/fs/cgroup/${controller}`)
        .filter((name) => name.startsWith("kha"))
        .map((name) => `${controller}/${name}`),
    ),
    interfaces: list("/sys/class/net"),
    ruleset: (await must(["nft", "list", "ruleset"])).stdout,
    swaps: readFileSync("/proc/swaps", "utf8"),
    sysctls: Object.fromEntries(
      sysctls.map((name) => [name, readFileSync(`/proc/sys/${name}`, "utf8").trim()]),
    ),
    nspawn: list("/run/systemd/nspawn/propagate"),
  };
}

/** Processes whose command line or network namespace belongs to a lab. */
export async function processesOf(labId: string): Promise<string[]> {
  const { stdout } = await must(["ps", "-eo", "pid,args"]);
  return stdout.split("\n").filter((line) => line.includes(labId) && !line.includes("ps -eo"));
}
