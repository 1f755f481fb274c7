import { readFileSync, readdirSync } from "node:fs";
import { nspawnDirs } from "../../lab/hosts/inventory";
import { holdsLimit, inotifyInstances, restingValue } from "../../lab/hosts/machineLimits";
import { must } from "../../lab/process";

/** What of the machine a lab could leave behind or change; two looks at it are compared around a lab's life. */
export interface MachineState {
  mounts: string[];
  namespaces: string[];
  loops: string[];
  cgroups: string[];
  interfaces: string[];
  /** What systemd-nspawn keeps about machines. */
  nspawn: string[];
  /** Of the lab itself; what else runs on the machine comes and goes. */
  processes: string[];
  ruleset: string;
  swaps: string;
  /** Whether the lab is noted as needing more of them, and how many there are without any lab. */
  inotify: { needed: boolean; resting: number };
  sysctls: string[];
}

/** Settings; the rest of /proc/sys are readings. */
const settings =
  /^(kernel\.(panic|sysrq|pid_max|core_pattern|printk|keys)|vm\.|fs\.(file-max|nr_open|inotify)|net\.ipv4\.(ip_forward|conf))/;
const raised = inotifyInstances.file.replace("/proc/sys/", "").replaceAll("/", ".");

/**
 * What the machine has, but for what is another lab's: labs live beside one another, and everything of one carries its id. What carries none may
 * be this one's, so it counts.
 */
export async function machineState(labId: string): Promise<MachineState> {
  const own = (lines: string[]): string[] =>
    lines.filter((line) => line !== "" && !ofAnotherLab(line, labId)).sort();
  const linesOf = async (command: string[]): Promise<string[]> =>
    (await must(command)).stdout.split("\n");
  return {
    mounts: own(
      readFileSync("/proc/self/mounts", "utf8")
        .split("\n")
        .map((line) => line.split(" ").slice(0, 3).join(" ")),
    ),
    namespaces: own(list("/run/netns")),
    loops: own(await linesOf(["losetup", "--list", "--noheadings", "--output", "BACK-FILE"])),
    cgroups: own(cgroups()),
    interfaces: own(list("/sys/class/net")),
    nspawn: own(nspawnDirs.flatMap((path) => list(path).map((name) => `${path}/${name}`))),
    processes: processesOf(labId),
    ruleset: (await must(["nft", "list", "ruleset"])).stdout,
    swaps: readFileSync("/proc/swaps", "utf8"),
    inotify: { needed: holdsLimit(labId), resting: restingValue() },
    sysctls: (await linesOf(["sysctl", "-a", "-e"])).filter(
      (line) => settings.test(line) && !line.startsWith(`${raised} `),
    ),
  };
}

function ofAnotherLab(line: string, labId: string): boolean {
  const ids: string[] = line.match(/\bkha[a-z0-9]{3,12}\b/g) ?? [];
  return ids.length > 0 && !ids.includes(labId);
}

function list(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

/** Those of labs, one level below each controller (cgroup v1) or below the root (v2). */
function cgroups(): string[] {
  const root = "/sys/fs/cgroup";
  return ["", ...list(root)]
    .flatMap((controller) => list(`${root}/${controller}`).map((name) => `${controller}/${name}`))
    .filter((path) => /\/kha[a-z0-9]{3,12}$/.test(path));
}

/** Processes with the lab's id in their cgroup or command line. */
function processesOf(labId: string): string[] {
  return list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        // A zombie, waiting for the machine's first process to collect it, has no command line.
        if (command === "") return [];
        const groups = readFileSync(`/proc/${pid}/cgroup`, "utf8");
        return `${groups}${command}`.includes(labId) ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}
