import { mkdirSync, statfsSync } from "node:fs";
import { cacheRoot } from "../lab/identity";
import type { Check } from "./doctor";

/** GiB of disk. Measured on 2 cores with Debian 12, with room to spare. */
export const needed = {
  /** Go's caches, sources and results of everything that is built once, packages, the hosts' image, the mirror. */
  setUp: 20,
  /** What the default lab's hosts write in a day of tests: their disks are sparse files, and hold what was ever written to them. */
  lab: 8,
};

export interface DiskSpace {
  /** Where caches and labs are. */
  directory: string;
  /** Bytes that a user may still write there. */
  free: number;
  /** Bytes of the whole file system. */
  total: number;
  /** Whether everything is built already, and only hosts need room. */
  isSetUp: boolean;
}

/** Free space where caches and labs are, now. Makes the directory. */
export function spaceNow(isSetUp: boolean, directory = cacheRoot()): DiskSpace {
  mkdirSync(directory, { recursive: true });
  const { bavail, blocks, bsize } = statfsSync(directory);
  return { directory, free: bavail * bsize, total: blocks * bsize, isSetUp };
}

/**
 * Whether the disk has room, in bytes. How full it is in percent is told and does not matter: a kubelet evicts below 10 %, but hosts see disks of
 * their own (docs/adr/0006-hosts-own-disks.md), which keep their size until the machine has no byte left. Then writes of hosts fail as on a broken disk, so
 * that a lab must not be begun without the room.
 */
export function diskSpace({ directory, free, total, isSetUp }: DiskSpace): Check {
  const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(0);
  const need = needed.lab + (isSetUp ? 0 : needed.setUp);
  const short = need * 2 ** 30 - free;
  const used = Math.round(100 * (1 - free / total));
  return {
    name: "disk space",
    ok: short <= 0,
    found: `${gibibytes(free)} GiB free of ${gibibytes(total)} (${used} % used) at ${directory}`,
    need: `>= ${need} GiB free: ${isSetUp ? "" : `${needed.setUp} to set up, `}${needed.lab} for the hosts of a lab`,
    fix: `free ${Math.max(1, Math.ceil(short / 2 ** 30))} GiB more, or set KUBERNETES_HA_CACHE to a directory on a larger disk`,
  };
}

/** @throws Error when hosts that are made now may find no room; nothing has been made then. */
export function assertRoom(): void {
  const { ok, found, need, fix } = diskSpace(spaceNow(true));
  if (!ok) throw new Error(`the disk has no room for a lab: ${found}, ${need}; ${fix}`);
}
