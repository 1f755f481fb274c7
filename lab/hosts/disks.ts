import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { must, run } from "../process";
import { waitFor } from "../wait";
import type { DiskSpec } from "./types";

const withLoop = join(__dirname, "scripts", "with-loop.sh");

/** Numbers of a block device, for mknod. */
export interface DeviceNumbers {
  major: number;
  minor: number;
}

/** Cloud disks: sparse files of the lab, each behind a loop device while it is attached. */
export class Disks {
  readonly dir: string;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(labDir: string) {
    this.dir = join(labDir, "disks");
  }

  /** Makes missing disks, grows those that were resized, erases those that are no longer wanted. */
  async converge(disks: DiskSpec[]): Promise<void> {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    for (const { diskId, sizeGiB } of disks) {
      const file = this.file(diskId);
      const size = sizeGiB * 1024 ** 3;
      if (!existsSync(file)) writeFileSync(file, "", { mode: 0o600 });
      if (statSync(file).size < size) {
        truncateSync(file, size);
        const device = loopOf(file);
        if (device) await must(["losetup", "--set-capacity", device]);
      }
    }
    const wanted = new Set(disks.map(({ diskId }) => this.file(diskId)));
    for (const name of readdirSync(this.dir)) {
      const file = join(this.dir, name);
      if (!name.endsWith(".img") || wanted.has(file)) continue;
      await this.detach(basename(name, ".img"));
      rmSync(file);
    }
  }

  /** Puts a loop device before the disk, or returns the one it has. One at a time: the kernel hands out free devices to whoever asks first. */
  attach(diskId: string): Promise<DeviceNumbers> {
    const next = this.queue.then(async () => {
      const file = this.file(diskId);
      const device =
        loopOf(file) ??
        (await must([withLoop, "losetup", "--find", "--show", "--nooverlap", file])).stdout.trim();
      // What a host flushes ends in the machine's memory, which a host's loss of power leaves alone: a cloud disk is a device of its own, and on the machine's
      // one disk each flush would wait for what all other hosts read and write.
      writeFileSync(`/sys/block/${basename(device)}/queue/write_cache`, "write through");
      const [major, minor] = readFileSync(`/sys/block/${basename(device)}/dev`, "utf8")
        .trim()
        .split(":");
      return { major: Number(major), minor: Number(minor) };
    });
    this.queue = next.catch(() => undefined);
    return next;
  }

  /**
   * Takes the loop device away; the data stays.
   *
   * @throws DeadlineError when a host still has it mounted after 10 s.
   */
  async detach(diskId: string): Promise<void> {
    const file = this.file(diskId);
    const device = loopOf(file);
    if (device) await releaseLoop(device, file);
  }

  /** Where a disk's data is. */
  file(diskId: string): string {
    return join(this.dir, `${diskId}.img`);
  }
}

/** Loop devices and the files behind them. */
export function loopDevices(): { device: string; file: string }[] {
  return readdirSync("/sys/block")
    .filter((name) => name.startsWith("loop"))
    .flatMap((name) => {
      try {
        const file = readFileSync(`/sys/block/${name}/loop/backing_file`, "utf8").trim();
        return [{ device: `/dev/${name}`, file: file.replace(/ \(deleted\)$/, "") }];
      } catch {
        return []; // Not bound to a file.
      }
    });
}

/** The loop device before a file, if it has one. */
export function loopOf(file: string): string | undefined {
  return loopDevices().find((each) => each.file === file)?.device;
}

/**
 * Frees a loop device and waits until it is free: while somebody has it mounted the kernel only promises to.
 *
 * @throws DeadlineError when it is still in use then, with who has it mounted.
 */
export async function releaseLoop(
  device: string,
  file: string,
  deadlineSeconds = 10,
): Promise<void> {
  // It may have freed itself meanwhile: what counts is whether it is free.
  const { stderr } = await run(["losetup", "--detach", device]);
  await waitFor(
    { what: `${device} (${file}) to be released`, deadlineSeconds, everyMs: 50 },
    async (seen) => {
      const still = loopDevices().some((each) => each.device === device && each.file === file);
      if (still) seen(`${mountedBy(device)} ${stderr.trim()}`.trim());
      return Promise.resolve(still ? undefined : true);
    },
  );
}

/** Who has a loop device mounted, one process for each mount namespace: `412 (bash)`. Who has it outside its own root directory is not seen. */
export function loopHolders(device: string): string[] {
  const numbers = readFileSync(`/sys/block/${basename(device)}/dev`, "utf8").trim();
  const holders = new Map<string, string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/mnt`);
      if (holders.has(namespace)) continue;
      const mountinfo = readFileSync(`/proc/${pid}/mountinfo`, "utf8");
      if (mountinfo.split("\n").some((line) => line.split(" ")[2] === numbers))
        holders.set(namespace, `${pid} (${readFileSync(`/proc/${pid}/comm`, "utf8").trim()})`);
    } catch {
      // Ended in between.
    }
  return [...holders.values()];
}

/** The same for a message. */
export function mountedBy(device: string): string {
  const holders = loopHolders(device);
  return holders.length === 0
    ? "nobody to be seen has it mounted"
    : `mounted by process ${holders.join(", ")}`;
}
