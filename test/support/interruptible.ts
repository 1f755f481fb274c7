import { spawn, type ChildProcess } from "node:child_process";
import { inNetns } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import type { MemoryLab } from "./memoryLab";

/** An engine run that a test can end in the middle. */
export interface Run {
  child: ChildProcess;
  /** What it ended with: an exit code, or the signal that ended it. */
  ended: Promise<{ code: number | string; output: string }>;
}

/** A moment of a run, known by what the cloud or a host has been asked, never by time. */
export interface Moment {
  name: string;
  /** The action whose answer is held back: carried out by the cloud, unknown to the engine. */
  action?: string;
  /** The step that a host is in the middle of. */
  step?: { host: string; commandMatches: string };
}

/** Starts `pulumi up` or `destroy` on the lab's stack, without the policy pack, which has no part in this. */
export function startRun(
  lab: MemoryLab,
  command: "up" | "destroy",
  env: Record<string, string> = {},
  more: readonly string[] = [],
): Run {
  // What fails on purpose must not keep the rest from going on.
  const flags = ["--yes", "--skip-preview", "--continue-on-error", ...lab.engine.selection()];
  flags.push(...more, ...(command === "destroy" ? ["--ignore-protect"] : []));
  const [file, ...args] = inNetns(lab.identity.operatorNetns, ["pulumi", command, ...flags]);
  const child = spawn(file as string, args, {
    cwd: lab.identity.checkout,
    env: { ...process.env, ...lab.environment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    if (process.env["VERBOSE"]) process.stderr.write(chunk);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const ended = new Promise<{ code: number | string; output: string }>((done, failed) => {
    child.on("error", failed);
    // Not `close`: plugins that outlive a killed engine keep its output open.
    child.on("exit", (code, signal) => done({ code: code ?? signal ?? "", output }));
  });
  return { child, ended };
}

/**
 * Waits for a moment of a run: orders that what makes it takes long, and sees the order taken. The orders hold until {@link lift}:
 * what comes later must not come in the time that the run takes to end.
 *
 * @param holdMs how long it takes; a run that is interrupted in an orderly way waits for it.
 * @param later moments that are still to come afterwards: what makes them fails meanwhile.
 * @throws Error with the run's output when it ends before it comes to that.
 */
export async function reach(
  lab: MemoryLab,
  run: Run,
  moment: Moment,
  holdMs: number,
  later: readonly Moment[],
): Promise<void> {
  const { admin } = lab;
  const { action, step } = moment;
  for (const each of later) {
    if (each.action !== undefined)
      await admin.call("POST", "/faults", {
        action: each.action,
        code: "InternalError",
        times: 100,
      });
    if (each.step !== undefined)
      await admin.failHost({ ...each.step, exitCode: 1, stderr: "still to come", times: 100 });
  }
  const route = action === undefined ? "/ssh-faults" : "/faults";
  const order = action === undefined ? step : { action, times: 3 };
  await admin.call("POST", route, { times: 1, ...order, delayMs: holdMs });
  const whole = action === undefined ? 1 : 3;
  let over: string | undefined;
  void run.ended.then(({ output }) => (over = output));
  await waitFor(
    { what: `a run to come to: ${moment.name}`, deadlineSeconds: 300, everyMs: 20 },
    async (seen) => {
      if (over !== undefined) return true;
      const orders = (await admin.call("GET", route)) as { delayMs?: number; times: number }[];
      const left = orders.find(({ delayMs }) => delayMs === holdMs)?.times ?? 0;
      seen(`${left} of ${whole} still to come`);
      return left < whole ? true : undefined;
    },
  );
  if (over !== undefined)
    throw new Error(`the run ended before: ${moment.name}\n${over.slice(-4000)}`);
}

/** Takes back what {@link reach} has ordered. */
export async function lift({ admin }: MemoryLab): Promise<void> {
  await admin.call("DELETE", "/faults");
  await admin.call("DELETE", "/ssh-faults");
}
