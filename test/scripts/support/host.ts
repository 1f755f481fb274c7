import { type ChildProcessWithoutNullStreams, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The scripts under test. */
export const scripts = join(__dirname, "..", "..", "..", "components", "scripts");

/** A directory that stands for a part of a host; goes with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "kubernetes-ha-script-"));
  made.push(directory);
  return directory;
}

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** How a program ended. */
export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end. @param seconds it may take. */
export function run(
  program: string,
  args: string[],
  input = "",
  env: Record<string, string> = {},
  seconds = 100,
): Ended {
  const { status, stdout, stderr } = spawnSync(program, args, {
    input,
    encoding: "utf8",
    timeout: seconds * 1000,
    // A shell whose standard input is a socket takes itself for a remote login, and reads /etc/bash.bashrc, unless it is nested.
    env: { ...process.env, SHLVL: "2", ...env },
  });
  return { status, stdout, stderr };
}

/** How a program ended that ran beside others, and what it said on both its streams. */
export interface Said {
  code: number;
  said: string;
}

/** Waits for the end of a program. */
export async function endOf(child: ChildProcessWithoutNullStreams): Promise<Said> {
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number>((ended) =>
    child.on("close", (status) => ended(status ?? 128)),
  );
  return { code, said };
}

/** Runs a piece of bash that has lib.sh, with these parameters; what it remembers lives in a directory of its own. */
export function withLib(body: string, params = ""): Ended {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "params"), params);
  return run("bash", ["-euo", "pipefail", "-c", `source "$STEP_DIR/lib.sh"\n${body}`], "", {
    PARAMS: join(directory, "params"),
    STEP_DIR: scripts,
  });
}
