import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { above } from "../toolchain/progress";

export interface ShownOptions {
  cwd: string;
  env: Record<string, string>;
  input?: "ignore" | "inherit";
  /** `inherit` (default) leaves it our terminal; `lines` shows its lines above what stands at the foot of it. */
  output?: "inherit" | "lines";
}

/**
 * Runs a command with its output shown. Interrupting us interrupts it once: an engine finishes what is under way and saves its state.
 *
 * @returns its exit code.
 */
export function runShown(
  [file, ...args]: string[],
  { cwd, env, input = "ignore", output = "inherit" }: ShownOptions,
): Promise<number> {
  const out = output === "lines" ? "pipe" : output;
  // A process group of its own: a terminal's Ctrl-C would reach an engine a second time, which ends it without saving.
  const child = spawn(file as string, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input, out, out],
    detached: true,
  });
  if (child.stdout) showLines(child.stdout, process.stdout);
  if (child.stderr) showLines(child.stderr, process.stderr);
  let last = 0;
  const interrupt = (): void => {
    // npm, the shell and the terminal may each pass the same key press on.
    if (Date.now() - last < 1000) return;
    last = Date.now();
    child.kill("SIGINT");
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  return new Promise((ended, failed) => {
    child.on("error", failed);
    child.on("close", (code) => {
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      ended(code ?? 130);
    });
  });
}

function showLines(from: NodeJS.ReadableStream, to: NodeJS.WritableStream): void {
  createInterface({ input: from }).on("line", (line) => above(() => to.write(`${line}\n`)));
}
