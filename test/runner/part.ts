import type { Job } from "./job";

/** What a part of the suite needs of the machine, and so what may run beside it. */
export type Need =
  /** Nobody beside it: it has hosts that must keep their heartbeats, looks at the machine as a whole, or changes what all share. */
  | "machine"
  /** A processor, most of the time: as many of these at once as there are processors. */
  | "processor";

/** A part of the suite that runs by itself, with a log and a report of its own. */
export interface Part {
  /** As `--only` calls it. */
  name: string;
  need: Need;
  run(job: Job): Promise<void>;
}

/** What came of it. */
export interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, and how: a text a check or file. */
  failures: string[];
}
