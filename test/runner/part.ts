import type { Job } from "./job";

/** What a part of the suite needs of the machine, and so what may run beside it. */
export type Need =
  /** Nobody beside it: it looks at the machine as a whole, or changes what all share. */
  | "machine"
  /** Hosts that must keep their heartbeats: one of these at once, and beside it only what gives way. */
  | "cluster"
  /** What clusters leave of the processors: one of these at once, from the beginning, and it gives way. */
  | "spare"
  /** A processor, most of the time: as many of these at once as there are processors, once there is no cluster. */
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
