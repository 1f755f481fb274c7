import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SystemDisk } from "../../lab/hosts/systemDisk";
import { labIdentity } from "../../lab/identity";
import { must } from "../../lab/process";

let machine: string;
let hostDir: string;
let mountPoint: string;
let disk: SystemDisk;

const freeShare = (path: string): number => {
  const { bavail, blocks } = statfsSync(path);
  return bavail / blocks;
};
/** Size in GiB; the file system's own tables, 1.6 %, are not counted in it. */
const gibibytes = (path: string): number => {
  const { blocks, bsize } = statfsSync(path);
  return Math.ceil((blocks * bsize) / 2 ** 30);
};

/** Named as a lab's: whoever looks what a lab has left on the machine passes by what is others'. */
const { id } = labIdentity(undefined, "system-disk");

/** The machine's disk, a small one, more than 90 % full. */
beforeAll(async () => {
  machine = mkdtempSync(join(tmpdir(), `${id}-full-`));
  const file = `${machine}.img`;
  await must(["truncate", "-s", "400M", file]);
  await must(["mkfs.ext4", "-q", "-m", "0", file]);
  await must(["mount", "-o", "loop", file, machine]);
  await must(["fallocate", "-l", "350M", join(machine, "full")]);
  expect(freeShare(machine)).toBeLessThan(0.1);
});

afterAll(async () => {
  await must(["umount", machine]);
  rmSync(machine, { recursive: true });
  rmSync(`${machine}.img`);
});

beforeEach(() => {
  hostDir = mkdtempSync(join(machine, "host-"));
  mountPoint = mkdtempSync(join(tmpdir(), `${id}-disk-`));
  disk = new SystemDisk(hostDir);
});

afterEach(async () => {
  rmSync(mountPoint, { recursive: true });
  await disk.released();
  rmSync(hostDir, { recursive: true });
});

/** What `look` sees of the disk while it is mounted. */
async function mounted<T>(look: () => T): Promise<T> {
  await must(["mount", "-o", "loop", disk.file, mountPoint]);
  try {
    return look();
  } finally {
    await must(["umount", mountPoint]);
  }
}

test("has the size ordered, and is empty however full the machine's is", async () => {
  await disk.prepare(50, { "etc/hosts": "127.0.0.1 localhost\n" });
  await mounted(() => {
    expect(gibibytes(mountPoint)).toBe(50);
    expect(freeShare(mountPoint)).toBeGreaterThan(0.99);
    expect(readFileSync(join(mountPoint, "upper/etc/hosts"), "utf8")).toBe("127.0.0.1 localhost\n");
  });
  const { stdout } = await must(["du", "-sm", disk.file]);
  expect(Number(stdout.split("\t")[0])).toBeLessThan(20);
});

test("keeps what is on it, grows when more is ordered, never shrinks", async () => {
  await disk.prepare(20, { "etc/hosts": "first\n" });
  await mounted(() => writeFileSync(join(mountPoint, "upper/kept"), ""));
  for (const [ordered, size] of [
    [20, 20],
    [60, 60],
    [20, 60],
  ] as const) {
    await disk.prepare(ordered, { "etc/hosts": "second\n" });
    await mounted(() => {
      expect(gibibytes(mountPoint)).toBe(size);
      expect(existsSync(join(mountPoint, "upper/kept"))).toBe(true);
      expect(readFileSync(join(mountPoint, "upper/etc/hosts"), "utf8")).toBe("first\n");
    });
  }
});

test("begun and not finished is begun anew", async () => {
  mkdirSync(join(hostDir, "disk.content", "upper", "rubbish"), { recursive: true });
  await must(["truncate", "-s", "1M", `${disk.file}.new`]);
  await disk.prepare(20, {});
  await mounted(() => expect(existsSync(join(mountPoint, "upper/rubbish"))).toBe(false));
});

test("is mended when the machine went down with it mounted", async () => {
  await disk.prepare(20, {});
  await must(["debugfs", "-w", "-R", "ssv state 0", disk.file]);
  await must(["debugfs", "-w", "-R", "freeb 20000", disk.file]);
  await disk.prepare(20, {});
  await must(["e2fsck", "-f", "-n", disk.file]);
});

test("is never touched while it is mounted", async () => {
  await disk.prepare(20, {});
  await must(["mount", "-o", "loop", disk.file, mountPoint]);
  const prepared = disk.prepare(30, {});
  await delay(300);
  expect(statSync(disk.file).size).toBe(20 * 2 ** 30);
  await must(["umount", mountPoint]);
  await prepared;
  expect(statSync(disk.file).size).toBe(30 * 2 ** 30);
});
