import { join } from "node:path";
import { scriptArchive } from "../../components/remote/scriptArchive";
import type { ParamValue } from "../../components/remote/remoteStep";
import type { Run } from "../access/proxy";

/** Where our scripts lie on a host, below the login user's home: those of this checkout, whatever the last `up` has placed. */
const scripts = "kubernetes-ha-restore";

/** A snapshot's file: on a host, or on this machine. */
export interface SnapshotFile {
  /** Host that has it. @default this machine */
  host?: string;
  path: string;
}

/** The hosts of a stack, reached as people reach them: ssh by the files of an access directory. */
export class Hosts {
  constructor(
    private readonly access: string,
    private readonly run: Run,
  ) {}

  /** @returns what a script printed that root ran there. @throws Error with the host's own words. */
  async asRoot(host: string, script: string, timeoutSeconds = 60): Promise<string> {
    const options = { input: script, timeoutSeconds };
    const { code, stdout, stderr } = await this.run(this.ssh(host, "sudo bash -s"), options);
    if (code !== 0) throw new Error(said(stderr, code));
    return stdout;
  }

  /** Takes the scripts to a host. */
  async prepare(host: string): Promise<void> {
    const command = `rm -rf ${scripts} && mkdir -m 0700 ${scripts} && tar -x -C ${scripts}`;
    await this.piped(["cat", scriptArchive()], this.ssh(host, command), 120);
  }

  /** Runs a script of components/scripts as `up` does: under the host's lock, within so many seconds. */
  async step(
    host: string,
    step: string,
    params: Record<string, ParamValue>,
    seconds: number,
  ): Promise<void> {
    const command = `sudo bash ${scripts}/run-step.sh ${step} ${seconds}`;
    const { code, stderr } = await this.run(this.ssh(host, command), {
      input: JSON.stringify({ params, files: [] }),
      // It may wait as long for the lock.
      timeoutSeconds: 2 * seconds + 30,
    });
    if (code !== 0) throw new Error(said(stderr, code));
  }

  /** Copies a file to a path of a host, through this machine, onto no disk of it. */
  async copy(from: SnapshotFile, host: string, path: string): Promise<void> {
    const read =
      from.host === undefined ? ["cat", from.path] : this.ssh(from.host, `sudo cat ${from.path}`);
    await this.piped(read, this.ssh(host, `sudo dd of=${path} bs=1M conv=fsync status=none`), 1800);
  }

  /** Copies a file of a host to this machine, readable by us alone. */
  async fetch({ host, path }: SnapshotFile, file: string): Promise<void> {
    if (host === undefined) throw new Error(`${path} is on this machine`);
    const write = ["sh", "-c", 'umask 077; exec cat >"$0"', file];
    await this.piped(this.ssh(host, `sudo cat ${path}`), write, 1800);
  }

  private ssh(host: string, command: string): string[] {
    return ["ssh", "-F", join(this.access, "ssh_config"), host, command];
  }

  private async piped(from: string[], to: string[], timeoutSeconds: number): Promise<void> {
    const quoted = (command: string[]) =>
      command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const { code, stderr } = await this.run(
      ["bash", "-o", "pipefail", "-c", `${quoted(from)} | ${quoted(to)}`],
      { timeoutSeconds },
    );
    if (code !== 0) throw new Error(said(stderr, code));
  }
}

const said = (stderr: string, code: number) => stderr.trim() || `ended with ${code}`;

/**
 * Does the same with all hosts at once, and waits for all.
 * @throws Error with what each said that failed.
 */
export async function withAll<T>(
  hosts: readonly string[],
  what: string,
  act: (host: string) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.allSettled(hosts.map(act));
  const failed = results.flatMap((result, index) =>
    result.status === "rejected"
      ? [
          `${hosts[index]}: ${result.reason instanceof Error ? result.reason.message : String(result.reason)}`,
        ]
      : [],
  );
  if (failed.length > 0) throw new Error([`${what} failed:`, ...failed].join("\n  "));
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
