import { mkdirSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { cacheRoot, labIdentity } from "../../lab/identity";
import { duration, parallel, say } from "../../toolchain/progress";
import { Job, signals } from "./job";
import type { Part } from "./part";

const progressEverySeconds = 30;

/** How parts are run; the defaults are what `npm test` takes. */
export interface RunOptions {
  /** How many that need a processor run at once. */
  processors?: number;
  /** Directory of logs and reports. */
  directory?: string;
}

/**
 * Runs parts beside one another as their needs allow. The output of each is shown when it ends, and meanwhile what they are at.
 *
 * @returns them in the order given.
 */
export async function runParts(
  parts: readonly Part[],
  { processors = availableParallelism(), directory = ownDirectory() }: RunOptions = {},
): Promise<Job[]> {
  mkdirSync(directory, { recursive: true });
  const jobs = parts.map((part) => new Job(part, directory));
  const running = new Set<Job>();
  let done = 0;
  let endedBy: NodeJS.Signals | undefined;
  const end = (signal: NodeJS.Signals): void => void (endedBy ??= signal);
  for (const signal of signals) process.on(signal, end);
  const run = async (job: Job): Promise<void> => {
    if (endedBy === undefined) {
      running.add(job);
      await job.run();
      running.delete(job);
    } else job.fail(job.part.name, `did not begin: the run was ended by ${endedBy}`);
    done += 1;
    show(job);
  };
  const ticker = setInterval(() => {
    say(
      [`${done} of ${jobs.length} parts are done`, ...[...running].map((job) => line(job))].join(
        "\n",
      ),
    );
  }, progressEverySeconds * 1000);
  try {
    const needing = (need: Part["need"]): Job[] => jobs.filter(({ part }) => part.need === need);
    for (const job of needing("machine")) await run(job);
    await Promise.all([
      parallel(needing("cluster"), 1, run).then(() =>
        parallel(needing("processor"), processors, run),
      ),
      parallel(needing("spare"), 1, run),
    ]);
  } finally {
    clearInterval(ticker);
    for (const signal of signals) process.off(signal, end);
  }
  return jobs;
}

/** One a checkout, so that two do not write into each other's. */
const ownDirectory = (): string =>
  join(cacheRoot(), "test-logs", labIdentity(undefined, "tests").id);

const line = ({ part, elapsed, at }: Job): string =>
  `  ${part.name.padEnd(8)} ${elapsed.padStart(6)}  ${at}`;

function show(job: Job): void {
  const { passed, failed, skipped } = job.outcome;
  const counts = [`${passed} passed`, `${failed} failed`, `${skipped} skipped`];
  const said = counts.filter((_, index) => index === 0 || [failed, skipped][index - 1] !== 0);
  console.log(
    `\n== ${job.part.name}: ${said.join(", ")} in ${duration(job.seconds * 1000)}\n${job.log().trimEnd()}`,
  );
  const printed = failed > 0 ? job.printed(50) : "";
  if (printed !== "")
    console.log(
      `== ${job.part.name}: what its programs printed last (${job.file("out")})\n${printed}`,
    );
}

/** Starts to measure. @returns a function that tells the share of all processors' time, in percent, that was used since. */
export function processorUse(): () => number {
  const now = (): { busy: number; all: number } => {
    const times = cpus().map((cpu) => cpu.times);
    const all = times.reduce((sum, t) => sum + t.user + t.nice + t.sys + t.irq + t.idle, 0);
    return { all, busy: all - times.reduce((sum, { idle }) => sum + idle, 0) };
  };
  const start = now();
  return () => {
    const { busy, all } = now();
    return Math.round((100 * (busy - start.busy)) / Math.max(1, all - start.all));
  };
}
