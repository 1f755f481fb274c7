import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { debianPackages, missingPackages } from "./debian";
import { diskSpace, spaceNow } from "./diskSpace";
import { groups } from "./groups";
import { lookUp } from "./obtain";
import { compareVersions, versions } from "./versions";

/** One thing the machine must have. */
export interface Check {
  name: string;
  ok: boolean;
  /** What the machine has. */
  found: string;
  /** What the lab asks for. */
  need: string;
  /** What to do when it is not ok. */
  fix: string;
}

/** Gibibytes of memory for the default lab of nine hosts, with room to spare. */
const memoryGiB = 10;

/** What this machine has and lacks for the lab. Changes nothing; takes a few seconds when registries do not answer. */
export async function doctor(): Promise<Check[]> {
  return [
    node(),
    go(),
    compiler(),
    linux(),
    root(),
    capabilities(readText("/proc/self/status")),
    cgroups(),
    device("loop devices", "/dev/loop-control", "hosts' disks are loop devices: modprobe loop"),
    device("tun", "/dev/net/tun", "modprobe tun"),
    nftables(),
    debian(),
    memory(totalmem()),
    diskSpace(spaceNow(groups.every((group) => lookUp(group) !== undefined))),
    ...(await Promise.all([npmRegistry(), moduleProxy()])),
  ];
}

function check(name: string, ok: boolean, found: string, need: string, fix: string): Check {
  return { name, ok, found, need, fix };
}

function node(): Check {
  const found = process.versions.node;
  const ok = compareVersions(found, versions.node.minimum) >= 0;
  return check(
    "Node.js",
    ok,
    found,
    `>= ${versions.node.minimum}`,
    "none: npm run gets one from the npm registry by itself",
  );
}

function go(): Check {
  const found = output("go", ["env", "GOVERSION"]);
  const ok = found !== undefined && compareVersions(found, versions.go) >= 0;
  return check(
    "Go",
    ok,
    found ?? "none",
    `>= ${versions.go}`,
    "install Go; tools whose releases cannot be downloaded are built with it",
  );
}

function compiler(): Check {
  const found = output("gcc", ["-dumpfullversion"]);
  return check("gcc", found !== undefined, found ?? "none", "any", "apt-get install gcc libc6-dev");
}

function linux(): Check {
  const ok = process.platform === "linux" && process.arch === "x64";
  return check(
    "platform",
    ok,
    `${process.platform} ${process.arch}`,
    "linux x64",
    "use a Linux machine with an x86-64 processor for the lab; unit tests run anywhere",
  );
}

function root(): Check {
  const user = process.getuid?.();
  return check("root", user === 0, `uid ${user ?? "?"}`, "uid 0", "sudo npm run lab -- doctor");
}

/** Bits of CAP_NET_ADMIN, CAP_SYS_CHROOT, CAP_SYS_ADMIN, CAP_MKNOD. */
const neededCapabilities: Readonly<Record<string, number>> = {
  net_admin: 12,
  sys_chroot: 18,
  sys_admin: 21,
  mknod: 27,
};

/** @param status Text of /proc/self/status. */
export function capabilities(status: string | undefined): Check {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status ?? "")?.[1] ?? "0"}`);
  const lacking = Object.entries(neededCapabilities)
    .filter(([, bit]) => (mask & (1n << BigInt(bit))) === 0n)
    .map(([name]) => name);
  return check(
    "capabilities",
    lacking.length === 0,
    lacking.length === 0 ? "all" : `without ${lacking.join(", ")}`,
    Object.keys(neededCapabilities).join(", "),
    "run on a machine or VM of your own, or in a privileged container",
  );
}

function cgroups(): Check {
  const found = existsSync("/sys/fs/cgroup/cgroup.controllers")
    ? "v2"
    : existsSync("/sys/fs/cgroup/pids")
      ? "v1"
      : "none";
  const fix = "mount cgroups: every systemd system does";
  return check("cgroups", found !== "none", found, "v1 or v2", fix);
}

function device(name: string, path: string, fix: string): Check {
  const found = existsSync(path);
  return check(name, found, found ? path : "none", path, fix);
}

function nftables(): Check {
  const result = spawnSync("nft", ["list", "tables"], { encoding: "utf8", timeout: 10_000 });
  const found = result.error ? "no nft" : result.status === 0 ? "works" : result.stderr.trim();
  return check(
    "nftables",
    result.status === 0,
    found,
    "nft list tables",
    "apt-get install nftables",
  );
}

function debian(): Check {
  if (!existsSync("/var/lib/dpkg/status"))
    return check("Debian packages", false, "no dpkg", "Debian 12 or a descendant", "use Debian");
  const missing = missingPackages();
  return check(
    "Debian packages",
    missing.length === 0,
    missing.length === 0 ? "all" : `without ${missing.join(", ")}`,
    `${Object.keys(debianPackages).length} packages`,
    `apt-get update && apt-get install --no-install-recommends ${missing.join(" ")} (or run \`npm run lab\` as root, which does)`,
  );
}

/** @param bytes All memory of the machine. */
export function memory(bytes: number): Check {
  const gibibytes = bytes / 2 ** 30;
  return check(
    "memory",
    gibibytes >= memoryGiB,
    `${gibibytes.toFixed(1)} GiB`,
    `>= ${memoryGiB} GiB`,
    "use a larger machine, or fewer members in the stack's configuration",
  );
}

function npmRegistry(): Promise<Check> {
  return answers("npm registry", output("npm", ["config", "get", "registry"]), "npm config");
}

function moduleProxy(): Promise<Check> {
  const proxies = output("go", ["env", "GOPROXY"])?.split(/[,|]/) ?? [];
  const first = proxies.find((proxy) => proxy.startsWith("http"));
  return answers("Go module proxy", first, "go env GOPROXY");
}

async function answers(name: string, url: string | undefined, setting: string): Promise<Check> {
  const fix = `check the network and \`${setting}\``;
  if (url === undefined) return check(name, false, "not set", "an answer within 5 s", fix);
  const found = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5000) }).then(
    ({ status }) => `answers ${status}`,
    (error: unknown) => reason(error),
  );
  return check(name, found.startsWith("answers"), found, "an answer within 5 s", fix);
}

function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

/** First line that a program prints; undefined if it is not there or fails. */
function output(program: string, args: string[]): string | undefined {
  const result = spawnSync(program, args, { encoding: "utf8", timeout: 15_000 });
  const line = result.status === 0 ? result.stdout.trim().split("\n")[0] : undefined;
  return line === undefined || line === "" ? undefined : line;
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
