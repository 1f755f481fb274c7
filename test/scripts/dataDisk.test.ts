import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

const root = process.getuid?.() === 0 ? describe : describe.skip;
const text = readFileSync(join(scripts, "data-disk.sh"), "utf8");
const body = text.replace(/^main "\$@".*$/m, "");

/** Runs calls of functions of data-disk.sh, which finds /sys, /dev and /var/lib below a directory. */
function call(directory: string, calls: string) {
  const moved = body
    .replaceAll("/dev/zero", "ZERO")
    .replaceAll(/(?<=[ ="])\/(?=(sys|dev|var\/lib)\/)/g, `${directory}/`)
    .replace("serial#/", `serial#${directory}/`)
    .replaceAll("ZERO", "/dev/zero");
  const disk = 'blockdev() { stat -c %s "$2"; }';
  return run("bash", ["-c", `${moved}\n${disk}\n${calls}`]);
}

/** A disk of so many MiB, as the cloud makes it. */
function blank(mib = 200): { directory: string; disk: string } {
  const directory = temporaryDirectory();
  const disk = join(directory, "disk");
  writeFileSync(disk, "");
  truncateSync(disk, mib * 2 ** 20);
  return { directory, disk };
}
const format = ({ directory, disk }: ReturnType<typeof blank>) =>
  call(directory, `format disk-a ${disk}`);
const typeOf = (disk: string) => run("blkid", ["-p", "-o", "value", "-s", "TYPE", disk]).stdout;
/** Writes over a place, as a lost first block or a stranger would. */
const write = (disk: string, offset: number, what: string) =>
  run("dd", [`of=${disk}`, `seek=${offset}`, "oflag=seek_bytes", "conv=notrunc"], what);

describe("format", () => {
  test("makes a file system on a blank disk, and leaves it alone from then on", () => {
    const disk = blank();
    expect(format(disk)).toMatchObject({ status: 0, stderr: "" });
    expect(typeOf(disk.disk)).toBe("ext4\n");
    const label = () => run("blkid", ["-p", "-o", "value", "-s", "UUID", disk.disk]).stdout;
    const made = label();
    expect(format(disk).status).toBe(0);
    expect(label()).toBe(made);
  });

  test.each([1024, 2048, 4096])(
    "refuses an ext4 with blocks of %i bytes whose first megabytes are lost",
    (block) => {
      const disk = blank(300);
      run("mkfs.ext4", ["-q", "-F", "-b", String(block), disk.disk]);
      // All that its beginning tells, and copies of the superblock that lie that near.
      write(disk.disk, 0, "\0".repeat(20 * 2 ** 20));
      expect(typeOf(disk.disk)).toBe("");
      const { status, stderr } = format(disk);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: disk disk-a: has no file system, but is not blank either/);
      expect(typeOf(disk.disk)).toBe("");
    },
  );

  test("refuses one that has something at its end alone", () => {
    const disk = blank();
    write(disk.disk, 200 * 2 ** 20 - 512, "EFI PART");
    expect(format(disk).status).toBe(1);
  });

  test("refuses another file system by its name", () => {
    const disk = blank();
    run("mkswap", [disk.disk]);
    expect(format(disk).stderr).toContain("holds swap, must be blank or ext4");
  });

  test("goes on with a disk that it was formatting when the power went", () => {
    const disk = blank();
    mkdirSync(join(disk.directory, "var/lib/kubernetes-ha"), { recursive: true });
    const cut = `mkfs.ext4() { printf x | dd of=${disk.disk} seek=1000000 conv=notrunc oflag=seek_bytes 2>/dev/null; exit 9; }`;
    expect(call(disk.directory, `${cut}; format disk-a ${disk.disk}`).status).toBe(9);
    expect(format(disk)).toMatchObject({ status: 0 });
    expect(typeOf(disk.disk)).toBe("ext4\n");
    expect(existsSync(join(disk.directory, "var/lib/kubernetes-ha/formatting.disk-a"))).toBe(false);
  });
});

root("a disk", () => {
  const serials = (entries: Record<string, string>) => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "dev/disk/by-id"), { recursive: true });
    for (const [path, serial] of Object.entries(entries)) {
      const [device = ""] = path.split("/");
      mkdirSync(join(directory, "sys/block", path, ".."), { recursive: true });
      writeFileSync(join(directory, "sys/block", path), serial);
      run("mknod", [join(directory, "dev", device), "b", "7", "255"]);
    }
    return directory;
  };
  const find = (directory: string, id: string) =>
    call(directory, `device_of ${id}`).stdout.replace(directory, "");

  test("is found by its link, or by its serial where udev has made none", () => {
    const directory = serials({ "vdb/serial": "disk-other\n", "vdc/serial": "disk-abcd1234" });
    expect(find(directory, "disk-abcd1234")).toBe("/dev/vdc\n");
    run("ln", ["-s", "../../vdb", join(directory, "dev/disk/by-id/virtio-disk-abcd1234")]);
    expect(find(directory, "disk-abcd1234")).toBe("/dev/disk/by-id/virtio-disk-abcd1234\n");
    expect(find(directory, "disk-abcd")).toBe("");
  });

  test("is found where the serial is cut off at 20 characters, or the driver is NVMe's", () => {
    expect(find(serials({ "vdb/serial": "a".repeat(20) }), "a".repeat(22))).toBe("/dev/vdb\n");
    const nvme = serials({ "nvme1n1/device/serial": "disk-abcd1234       \n" });
    expect(find(nvme, "disk-abcd1234")).toBe("/dev/nvme1n1\n");
  });
});

describe("mount", () => {
  const mounted = (fsck: number, on = false) =>
    call(
      temporaryDirectory(),
      `mountpoint() { ${String(on)}; }; e2fsck() { echo e2fsck $*; return ${fsck}; }; mount() { echo mount $*; }; mkdir() { :; }; set +e; (set -e; mounted disk-a /dev/vdb /data)`,
    );

  test.each([0, 1])("has a file system looked at first (e2fsck: %i)", (code) => {
    expect(mounted(code).stdout.trim().split("\n")).toEqual([
      "e2fsck -p /dev/vdb",
      "mount -o noatime,errors=remount-ro /dev/vdb /data",
    ]);
  });
  test("leaves one that somebody has to look at", () => {
    const { status, stdout, stderr } = mounted(4);
    expect([status, stdout]).toEqual([1, "e2fsck -p /dev/vdb\n"]);
    expect(stderr).toContain("disk disk-a: e2fsck -p ends with 4");
  });
  test("leaves one that is mounted", () => {
    expect(mounted(0, true)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("comes over what else is mounted there, as a host of the lab has its directory of containers", () => {
    const other = `mountpoint() { case $1 in --devno) echo 7:1 ;; --fs-devno) echo 254:0 ;; esac; }`;
    const stubs = `${other}; e2fsck() { :; }; mount() { echo mount $*; }; mkdir() { :; }`;
    expect(call(temporaryDirectory(), `${stubs}; mounted disk-a /dev/vdb /data`).stdout).toBe(
      "mount -o noatime,errors=remount-ro /dev/vdb /data\n",
    );
  });
});

describe("grow", () => {
  /** Of a disk that this host sees with so many GiB. */
  const grown = (seen: number, on = true) =>
    call(
      temporaryDirectory(),
      `holds() { ${String(on)}; }; blockdev() { echo ${seen * 2 ** 30}; }; sleep() { :; }; resize2fs() { echo resize2fs $*; }; grown disk-a /dev/vdb /data 100`,
    );

  test.each([100, 200])(
    "has the file system fill a disk that has its size (%i GiB seen)",
    (seen) => {
      expect(grown(seen)).toEqual({ status: 0, stdout: "resize2fs /dev/vdb\n", stderr: "" });
    },
  );
  test("says so when the host does not see it grown", () => {
    const { status, stdout, stderr } = grown(50);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "error: disk disk-a: has 100 GiB, but this host sees 50 of them after 60 s; restart it\n",
    );
  });
  test("is not done to what is mounted elsewhere", () => {
    expect(grown(100, false)).toEqual({
      ...{ status: 1, stdout: "" },
      stderr: "error: disk disk-a: is not mounted at /data\n",
    });
  });
});
