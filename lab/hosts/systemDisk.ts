import {
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { must, run } from "../process";
import { waitFor } from "../wait";
import { loopOf, mountedBy } from "./disks";

/**
 * A host's system disk: a sparse file with a file system of the size that was ordered, so that the host sees its own disk and its own free space,
 * however full the machine's is (docs/adr/0006-hosts-own-disks.md). It holds the host's changes to the image and containerd's directory.
 */
export class SystemDisk {
  readonly file: string;

  constructor(private readonly hostDir: string) {
    this.file = join(hostDir, "disk.img");
  }

  /**
   * Makes it if there is none, mends it if the machine itself went down, grows it if a larger one was ordered; it never shrinks. scripts/host-run.sh
   * mounts it then.
   *
   * @param files What a new one holds beside the image, by path without the first slash.
   * @param journal Whether a new one has a journal. Without, everything is written once; that does where only the machine itself can lose what was
   * written, which `e2fsck` mends, and not where a kernel of the host's own dies with it.
   * @throws Error when it is mounted, or cannot be repaired.
   */
  async prepare(
    sizeGiB: number,
    files: Readonly<Record<string, string>>,
    journal = false,
  ): Promise<void> {
    const size = sizeGiB * 1024 ** 3;
    if (!existsSync(this.file)) await this.make(size, files, journal);
    await this.released();
    await this.check();
    if (statSync(this.file).size < size) {
      truncateSync(this.file, size);
      await this.check("-f");
      await must(["resize2fs", this.file]);
    }
  }

  /**
   * Waits until nobody has it mounted and all that was written to it is in its file. It is mounted in its host's own mount namespace, and goes with
   * the host's last process, a moment after it.
   *
   * @throws DeadlineError after 60 s, with who has it.
   */
  async released(): Promise<void> {
    await waitFor(
      { what: `${this.file} to be unmounted`, deadlineSeconds: 60, everyMs: 20 },
      (seen) => {
        const device = loopOf(this.file);
        if (device !== undefined) seen(mountedBy(device));
        return Promise.resolve(device === undefined ? true : undefined);
      },
    );
  }

  /** Made aside and renamed: a crash in between leaves no half a disk that looks like a whole one. */
  private async make(
    size: number,
    files: Readonly<Record<string, string>>,
    journal: boolean,
  ): Promise<void> {
    const [aside, content] = [`${this.file}.new`, join(this.hostDir, "disk.content")];
    for (const path of [aside, content]) rmSync(path, { recursive: true, force: true });
    for (const name of ["upper/etc", "work", "containerd"])
      mkdirSync(join(content, name), { recursive: true, mode: 0o755 });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(content, "upper", path)), { recursive: true, mode: 0o755 });
      writeFileSync(join(content, "upper", path), text);
    }
    writeFileSync(aside, "", { mode: 0o600 });
    truncateSync(aside, size);
    const kind = journal ? ["-J", "size=16"] : ["-O", "^has_journal"];
    await must(["mkfs.ext4", ...makeOptions, ...kind, "-d", content, aside]);
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

const makeOptions = ["-q", "-F", "-m", "0", "-E", "lazy_itable_init=1"];
