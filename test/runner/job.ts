import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { join } from "node:path";
import { duration, say } from "../../toolchain/progress";
import type { Outcome, Part } from "./part";

/** What {@link Job.execute} may be told besides the command. */
export interface ExecuteOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Called with what the command sends by Node's message channel. Default: it gets no channel. */
  onMessage?: (message: unknown) => void;
}

/** How much nicer is what needs `spare`: hosts must keep their heartbeats while it computes. */
const politeness = 10;
/** By which people and machines end a run: whoever runs is told, and nobody begins after it. */
export const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One run of a part: its processes, its log, what came of it. */
export class Job {
  readonly outcome: Outcome = { passed: 0, failed: 0, skipped: 0, failures: [] };
  /** What it is at, for people. */
  at = "";
  /** Seconds that it took, once it has ended. */
  seconds = 0;
  private started = performance.now();
  private children = new Set<ChildProcess>();

  constructor(
    readonly part: Part,
    private readonly directory: string,
  ) {}

  /** A file of this job's own: `log` is what people read, `out` what programs under test have printed, `json` jest's report. */
  file(kind: "log" | "out" | "json"): string {
    return join(this.directory, `${this.part.name}.${kind}`);
  }

  /** Time that it has run. */
  get elapsed(): string {
    return duration(performance.now() - this.started);
  }

  /** Runs the part to its end; what it throws is a failure of it. */
  async run(): Promise<void> {
    this.started = performance.now();
    for (const kind of ["log", "out", "json"] as const) rmSync(this.file(kind), { force: true });
    const end = (signal: NodeJS.Signals): void => {
      for (const child of this.children) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, end);
    try {
      await this.part.run(this);
    } catch (error) {
      this.fail(
        this.part.name,
        error instanceof Error && error.stack ? error.stack : String(error),
      );
    }
    for (const signal of signals) process.off(signal, end);
    this.seconds = Math.round((performance.now() - this.started) / 1000);
  }

  /** Counts failures and keeps how they came about for the end. */
  fail(what: string, how: string, count = 1): void {
    this.outcome.failed += count;
    this.outcome.failures.push(`${this.part.name}: ${what}\n${how}`);
  }

  /** Tells a failure at once: the part may go on for long. */
  tellFailure(what: string): void {
    say(`${this.part.name}: FAILED ${what}`);
  }

  /** What people read of it so far. */
  log(): string {
    return this.read("log");
  }

  /** The end of what programs under test have printed. */
  printed(lines: number): string {
    return this.read("out").trimEnd().split("\n").slice(-lines).join("\n");
  }

  private read(kind: "log" | "out" | "json"): string {
    try {
      return readFileSync(this.file(kind), "utf8");
    } catch {
      return "";
    }
  }

  /** One check that either ends with 0 or does not. */
  async check(title: string, command: string[], options: ExecuteOptions = {}): Promise<void> {
    this.at = title;
    const before = this.log().length;
    const code = await this.execute(command, "log", options);
    if (code === 0) this.outcome.passed += 1;
    else {
      this.tellFailure(title);
      this.fail(title, this.log().slice(before).trimEnd().split("\n").slice(-40).join("\n"));
    }
  }

  /**
   * Runs a command to its end.
   *
   * @param output File of the job that gets its standard output; its standard error goes into the log.
   * @returns its exit code, or the signal that ended it.
   */
  execute(
    [file, ...args]: string[],
    output: "log" | "out",
    { cwd, env, onMessage }: ExecuteOptions = {},
  ): Promise<number | string> {
    const [out, log] = [openSync(this.file(output), "a"), openSync(this.file("log"), "a")];
    const child = spawn(file as string, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", out, log, ...(onMessage ? ["ipc" as const] : [])],
    });
    this.children.add(child);
    if (onMessage) child.on("message", onMessage);
    return new Promise<number | string>((ended, failed) => {
      child.on("error", failed);
      child.on("spawn", () => {
        if (this.part.need === "spare") giveWay(child.pid as number);
      });
      child.on("exit", (code, signal) => ended(code ?? signal ?? ""));
    }).finally(() => {
      this.children.delete(child);
      closeSync(out);
      closeSync(log);
    });
  }
}

/** It may have ended already. */
function giveWay(pid: number): void {
  try {
    setPriority(pid, Math.min(19, getPriority() + politeness));
  } catch {
    // Then there is nobody to give way.
  }
}
