import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

export interface BuiltOnce {
  /** What is made, for the error. */
  what: string;
  /** What a build needs that may be missing, for the error. */
  needs: string;
  /** Where it is: appears complete or not at all. Its name holds what it is made from. */
  directory: string;
  /** Makes the directory; says what it does on standard output, a line at a time. */
  command: string[];
  /** Seconds a build may take: a slow mirror, not the usual minutes. */
  deadlineSeconds: number;
  onProgress?: ((line: string) => void) | undefined;
}

/**
 * Has a directory of the cache built when it is not there. Several labs may ask at once: one builds, the others wait for it. A build runs in a mount
 * namespace of its own, with which all that it mounts goes.
 *
 * @returns the directory.
 * @throws Error with the end of the build's output and the path of its log.
 */
export async function builtOnce(build: BuiltOnce): Promise<string> {
  const { directory, onProgress } = build;
  if (existsSync(directory)) return directory;
  mkdirSync(dirname(directory), { recursive: true });
  const log = `${directory}.log`;
  const command = [
    ["flock", join(dirname(directory), ".lock")],
    ["timeout", "--kill-after=10", String(build.deadlineSeconds)],
    ["unshare", "--mount", "--"],
    ["bash", "-c", 'set -o pipefail; log=$1; shift; "$@" 2>&1 | tee "$log"', "build", log],
    build.command,
  ].flat();
  const last: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command[0] as string, command.slice(1), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        last.push(line);
        if (last.length > 15) last.shift();
        onProgress?.(line);
      }
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) {
        resolve();
        return;
      }
      reject(
        new Error(
          `${build.what} could not be built (status ${code ?? "signal"}): see ${log}; it needs ${build.needs}\n${last.join("\n")}`,
        ),
      );
    });
  });
  return directory;
}
