import {
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { must, run } from "../process";
import { mustWithLoop } from "./disks";
import { isMounted } from "./mounts";

/**
 * A host's system disk: a sparse file with a file system of the size that was ordered, so that the host sees its own disk and its own free space,
 * however full the machine's is (docs/adr/0006). It holds the host's changes to the image and containerd's directory.
 */
export class SystemDisk {
  private readonly file: string;
  /** Where it is mounted while its host is on: `upper`, `work` and `containerd` are in it. */
  readonly mountPoint: string;

  constructor(private readonly hostDir: string) {
    this.file = join(hostDir, "disk.img");
    this.mountPoint = join(hostDir, "disk");
  }

  /**
   * Mounts it, made or grown first if need be; it never shrinks.
   *
   * @param etcHosts What /etc/hosts of a new one holds.
   */
  async mount(sizeGiB: number, etcHosts: string): Promise<void> {
    if (isMounted(this.mountPoint)) return;
    const size = sizeGiB * 1024 ** 3;
    if (!existsSync(this.file)) await this.make(size, etcHosts);
    // At once where it is clean; it is not when the machine itself went down.
    await this.check();
    if (statSync(this.file).size < size) {
      truncateSync(this.file, size);
      await this.check("-f");
      await must(["resize2fs", this.file]);
    }
    mkdirSync(this.mountPoint, { recursive: true });
    await mustWithLoop(["mount", "-o", mountOptions, this.file, this.mountPoint]);
  }

  /** Its loop device goes with the last mount of it. */
  async unmount(): Promise<void> {
    if (isMounted(this.mountPoint)) await must(["umount", this.mountPoint]);
  }

  /** Made aside and renamed: a crash in between leaves no half a disk that looks like a whole one. */
  private async make(size: number, etcHosts: string): Promise<void> {
    const [aside, content] = [`${this.file}.new`, join(this.hostDir, "disk.content")];
    for (const path of [aside, content]) rmSync(path, { recursive: true, force: true });
    for (const name of ["upper/etc", "work", "containerd"])
      mkdirSync(join(content, name), { recursive: true, mode: 0o755 });
    writeFileSync(join(content, "upper", "etc", "hosts"), etcHosts);
    writeFileSync(aside, "", { mode: 0o600 });
    truncateSync(aside, size);
    await must(["mkfs.ext4", ...makeOptions, "-d", content, aside]);
    renameSync(aside, this.file);
    rmSync(content, { recursive: true });
  }

  /** @throws Error when it cannot be repaired. */
  private async check(...flags: string[]): Promise<void> {
    const { code, stdout, stderr } = await run(["e2fsck", "-y", ...flags, this.file]);
    // 1: errors were corrected; 2: and they were those of a mounted disk, which this is not.
    if (code > 1)
      throw new Error(`${this.file} cannot be repaired (e2fsck: ${code}): ${stdout}${stderr}`);
  }
}

/** No journal: it would write everything twice for the one case that the machine itself goes down, which `e2fsck` mends. */
const makeOptions = ["-q", "-F", "-m", "0", "-O", "^has_journal", "-E", "lazy_itable_init=1"];

/**
 * `barrier=0`: a host loses its power without its kernel, which is the machine's, so that what it has synced need not be on the machine's disk.
 * Hosts sync all the time (dpkg, containerd, journald), and all of them on one disk. Data disks keep their barriers: etcd is to feel them.
 * `noinit_itable`: what has never been written of a sparse file is zero; the kernel need not write 1.6 % of each disk to make it so.
 */
const mountOptions = "loop,barrier=0,noinit_itable,errors=remount-ro";
