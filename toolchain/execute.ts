import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

export interface ExecuteOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** File that gets all output. */
  log: string;
  /** What a reader does when it failed. */
  remedy: string;
}

/**
 * Runs a command to its end with its output in a log file.
 *
 * @throws Error naming the step, its exit, the log, the log's end, and the remedy.
 */
export async function execute(
  title: string,
  [file, ...args]: readonly [string, ...string[]],
  { cwd, env, log, remedy }: ExecuteOptions,
): Promise<void> {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "w");
  let ending: string | undefined;
  try {
    ending = await new Promise<string | undefined>((resolve) => {
      const child = spawn(file, args, {
        cwd,
        env: { ...process.env, ...env },
        stdio: ["ignore", output, output],
      });
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) =>
        resolve(code === 0 ? undefined : signal ? `ended by ${signal}` : `exit code ${code}`),
      );
    });
  } finally {
    closeSync(output);
  }
  if (ending === undefined) return;
  const tail = readFileSync(log, "utf8").trim().split("\n").slice(-15).join("\n  ");
  throw new Error(`${title} failed: ${ending}\n  ${tail}\nlog: ${log}\nwhat to do: ${remedy}`);
}
