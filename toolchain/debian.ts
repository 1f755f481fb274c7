import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { toolchainCache } from "./cache";
import { execute } from "./execute";
import { withLock } from "./lock";
import { say, step } from "./progress";

/** Debian packages the lab and the tests use on this machine, and what for. */
export const debianPackages: Readonly<Record<string, string>> = {
  debootstrap: "makes the hosts' file system",
  "systemd-container": "systemd-nspawn boots hosts",
  nftables: "security groups",
  iproute2: "networks",
  "openssh-client": "ssh to hosts",
  unzip: "the official provider comes as a zip archive",
  "util-linux": "nsenter, losetup, flock",
  e2fsprogs: "hosts' system disks",
  "user-mode-linux": "hosts with a kernel of their own, which has IPVS",
  bc: "modules of that kernel",
  bison: "modules of that kernel",
  flex: "modules of that kernel",
  kmod: "modules of that kernel",
  make: "modules of that kernel",
  "dpkg-dev": "apt repository of the mirror",
  "apt-utils": "apt repository of the mirror",
  shellcheck: "lint of the scripts that run on hosts",
};

/** Those that a part of the tests alone uses, which gets them itself: nobody else needs them. */
export const browserPackages = ["chromium"] as const;

const statusFile = "/var/lib/dpkg/status";

/** Packages that dpkg has not got installed. Read from its database directly: `dpkg-query` would cost a process at each start. */
export function missingPackages(
  wanted: readonly string[] = Object.keys(debianPackages),
  status = readStatus(),
): string[] {
  if (status === undefined) return [];
  const installed = new Set<string>();
  for (const entry of status.split("\n\n")) {
    const name = /^Package: (.+)$/m.exec(entry)?.[1];
    if (name !== undefined && /^Status: \S+ \S+ installed$/m.test(entry)) installed.add(name);
  }
  return wanted.filter((name) => !installed.has(name));
}

function readStatus(): string | undefined {
  try {
    return readFileSync(statusFile, "utf8");
  } catch {
    return undefined; // not Debian: the doctor tells what is missing
  }
}

/**
 * Installs what is missing of some packages; needs root.
 *
 * @param wanted @default those of {@link debianPackages}
 * @throws Error naming the packages when it cannot.
 */
export async function ensureDebianPackages(
  wanted: readonly string[] = Object.keys(debianPackages),
): Promise<void> {
  if (missingPackages(wanted).length === 0) return;
  await withLock(toolchainCache("locks", "debian.lock"), async () => {
    const missing = missingPackages(wanted);
    if (missing.length === 0) return;
    if (process.getuid?.() !== 0)
      throw new Error(
        `Debian packages are missing: ${missing.join(", ")}; as root: apt-get update && apt-get install --no-install-recommends ${missing.join(" ")}`,
      );
    say(`installing Debian packages: ${missing.join(", ")}`);
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const remedy = "check `apt-get update` by hand, then run again";
    // A dpkg that another program holds is waited for, not an error.
    const wait = ["-o", "DPkg::Lock::Timeout=300"] as const;
    await step("apt-get update", () =>
      execute("apt-get update", ["apt-get", ...wait, "-q", "update"], {
        env,
        log: toolchainCache("logs", "apt-update.log"),
        remedy,
      }),
    );
    await step("apt-get install", () =>
      execute(
        "apt-get install",
        ["apt-get", ...wait, "-qy", "install", "--no-install-recommends", ...missing],
        { env, log: toolchainCache("logs", "apt-install.log"), remedy },
      ),
    );
  });
}

/** Whether a program is on PATH. */
export function onPath(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v "$1" >/dev/null`, "sh", program]).status === 0;
}
