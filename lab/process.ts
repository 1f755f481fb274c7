import { spawn, type SpawnOptions } from "node:child_process";

export interface RunOptions {
  /** Network namespace to run in; the machine's own if absent. */
  netns?: string;
  env?: Record<string, string>;
  cwd?: string;
  /** Text for standard input. */
  input?: string;
  /** `capture` (default) returns the output, `inherit` shows it, with standard input of the caller. */
  output?: "capture" | "inherit";
  /** Seconds until the command is ended, which its standard error then tells. */
  timeoutSeconds?: number;
}

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** argv that runs `command` in a network namespace. nsenter, not `ip netns exec`: the latter remounts /sys and hides the cgroups. */
export function inNetns(netns: string | undefined, command: string[]): string[] {
  return netns === undefined ? command : ["nsenter", `--net=/run/netns/${netns}`, "--", ...command];
}

/** Runs a command to its end, whatever its exit code. */
export function run(command: string[], options: RunOptions = {}): Promise<RunResult> {
  const [file, ...args] = inNetns(options.netns, command);
  const inherit = options.output === "inherit";
  const spawnOptions: SpawnOptions = {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: inherit ? "inherit" : ["pipe", "pipe", "pipe"],
  };
  return new Promise((resolve, reject) => {
    const child = spawn(file as string, args, spawnOptions);
    let stdout = "";
    let stderr = "";
    const { timeoutSeconds } = options;
    let late = false;
    const limit =
      timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => (late = child.kill()), timeoutSeconds * 1000);
    child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", (error) => {
      clearTimeout(limit);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      if (signal) stderr += `\nended by ${signal}`;
      // Some take the signal and end with a code of their own, as ssh does: 255, which otherwise means a lost connection.
      if (late) stderr += `\nended after ${timeoutSeconds} s, which is all it was given`;
      resolve({ code: code ?? 128, stdout, stderr });
    });
    if (!inherit) {
      // A command that does not read its input is no error of ours.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(options.input ?? "");
    }
  });
}

/**
 * Runs a command that must succeed.
 *
 * @throws Error naming the command, its exit code and the end of its output.
 */
export async function must(command: string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(command, options);
  if (result.code !== 0) {
    const output = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-20).join("\n");
    throw new Error(`${command.slice(0, 6).join(" ")} ended with ${result.code}:\n${output}`);
  }
  return result;
}
