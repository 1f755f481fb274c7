import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loopDevices } from "../../lab/hosts/disks";
import { SystemDisk } from "../../lab/hosts/systemDisk";
import { must } from "../../lab/process";
import { waitFor } from "../../lab/wait";

let machine: string;
let hostDir: string;
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

/** The machine's disk, a small one, more than 90 % full. */
beforeAll(async () => {
  machine = mkdtempSync(join(tmpdir(), "full-"));
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
  disk = new SystemDisk(hostDir);
});

afterEach(async () => {
  await disk.unmount();
  rmSync(hostDir, { recursive: true });
});

test("has the size ordered, and is empty however full the machine's is", async () => {
  await disk.mount(50, "127.0.0.1 localhost\n");
  expect(gibibytes(disk.mountPoint)).toBe(50);
  expect(freeShare(disk.mountPoint)).toBeGreaterThan(0.99);
  expect(readFileSync(join(disk.mountPoint, "upper/etc/hosts"), "utf8")).toBe(
    "127.0.0.1 localhost\n",
  );
  const { stdout } = await must(["du", "-sm", join(hostDir, "disk.img")]);
  expect(Number(stdout.split("\t")[0])).toBeLessThan(20);
});

test("keeps what is on it, grows when more is ordered, never shrinks", async () => {
  await disk.mount(20, "first\n");
  await must(["touch", join(disk.mountPoint, "upper/kept")]);
  for (const [ordered, size] of [
    [20, 20],
    [60, 60],
    [20, 60],
  ] as const) {
    await disk.unmount();
    await disk.mount(ordered, "second\n");
    expect(gibibytes(disk.mountPoint)).toBe(size);
    expect(existsSync(join(disk.mountPoint, "upper/kept"))).toBe(true);
    expect(readFileSync(join(disk.mountPoint, "upper/etc/hosts"), "utf8")).toBe("first\n");
  }
});

test("is mounted once, and leaves no loop device", async () => {
  await disk.mount(20, "");
  await disk.mount(20, "");
  const ours = (): number => loopDevices().filter(({ file }) => file.startsWith(hostDir)).length;
  expect(ours()).toBe(1);
  await disk.unmount();
  await disk.unmount();
  await waitFor({ what: "the loop device to go", deadlineSeconds: 5, everyMs: 20 }, () =>
    Promise.resolve(ours() === 0 ? true : undefined),
  );
});

test("begun and not finished is begun anew", async () => {
  mkdirSync(join(hostDir, "disk.content", "upper", "rubbish"), { recursive: true });
  await must(["truncate", "-s", "1M", join(hostDir, "disk.img.new")]);
  await disk.mount(20, "");
  expect(existsSync(join(disk.mountPoint, "upper/rubbish"))).toBe(false);
});

test("is mended when the machine went down with it mounted", async () => {
  await disk.mount(20, "");
  // The state that a clean unmount writes is not there.
  await disk.unmount();
  const file = join(hostDir, "disk.img");
  await must(["debugfs", "-w", "-R", "ssv state 0", file]);
  await must(["debugfs", "-w", "-R", "clri <2>", file]);
  await disk.mount(20, "");
  expect((await must(["findmnt", "-n", "-o", "OPTIONS", disk.mountPoint])).stdout).toMatch(/^rw/);
});
