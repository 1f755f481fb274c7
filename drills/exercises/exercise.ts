import type { LabCluster } from "../../lab/cluster";
import type { ClusterStatus } from "../../operations/status/judge";
import type { Attempt } from "../records";
import type { Site } from "../site";

/** Something that is tried on a cluster, and what is expected of it then. */
export interface Exercise {
  name: string;
  /** What is done. */
  about: string;
  /** What is to come of it. */
  expected: string;
  /** @returns what came of it; undefined where the cluster has no such part. @throws Error when it could not be tried to its end. */
  run(site: Site, before: ClusterStatus): Promise<Tried | undefined>;
}

/** One that only asks, so that it may be done on a cluster that people use. */
export interface Harmless extends Omit<Exercise, "run"> {
  harmless: true;
  run(site: AskedSite): Promise<Tried | undefined>;
}

/** A cluster whose hosts can be asked, and no more. */
export interface AskedSite {
  cluster: Pick<LabCluster, "onHost">;
  plan: Site["plan"];
}

/** What came of it. */
export interface Tried {
  /** What was done, and to whom: `power loss of lab-master-2`. */
  does: string;
  checks: Check[];
  /** When what happened, in seconds since the epoch, for the plot. */
  events: { at: number; what: string }[];
  /** Writes, and new connections, of a client. */
  writes: readonly Attempt[];
  connections: readonly Attempt[];
}

/** One thing that was expected. */
export interface Check {
  what: string;
  expected: string;
  measured: string;
  passed: boolean;
  /** It is no matter of time: a busy machine is no excuse. */
  strict?: boolean;
  /** It did not pass, and whether that is the cluster's or a busy machine's doing cannot be told. */
  unclear?: boolean;
}
