import type { EntryPlan } from "../components/plan/cluster";
import type { FaultClass } from "./faults";
import type { Position } from "./positions";

/** What a client of the API is promised, in milliseconds. */
export interface Aim {
  /** How long new connections may fail. */
  newConnectionGapMs: number;
  /** How many watches may be cut. @default all: clients begin them again */
  watchesCut?: number;
  /** Why it is what it is, where that is not the entry's doing. */
  why?: string;
}

/**
 * A master without an apiserver is off the Service `kubernetes` when its lease has ended, 15 s, and another one has looked, every 10 s
 * (endpoint-reconciler-type `lease`); a connection then takes a second to fail. Neither is a setting.
 */
const leaseMs = 26_000;

/**
 * With a machine etcd's leader may go as well. Its successor, after 2 s, gives every lease its whole time once more and a second beyond it (`Promote` of etcd's
 * lessor); then the nodes are told by an apiserver that itself has to turn to another member, 2 s.
 */
const leaseOfLostLeaderMs = leaseMs + 5_000;

/** What a kind is promised to find out in. A process that is dead refuses; one that is frozen, or a host that is gone, is silent. */
interface Detection {
  process: number;
  frozen: number;
  host: number;
  why?: string;
}

const usual: Detection = { process: 1_000, frozen: 3_500, host: 3_000 };

/** See `healthCheck` of the plan's CLB; the last start that fails takes a second of its own. */
const clb: Detection = { process: 7_000, frozen: 9_000, host: 9_000, why: "the CLB's checks" };

const nginx: Detection = {
  process: 10_000,
  frozen: Infinity,
  host: 10_000,
  why: "nginx has no checks of its own: an apiserver that is frozen, or has begun to listen and does not serve yet, keeps its share",
};

function detectionOf(entry: EntryPlan): Detection {
  if (entry.kind === "clb") return clb;
  return entry.kind === "nodeLocal" && entry.proxy === "nginx" ? nginx : usual;
}

/** Whether a master whose own apiserver is dead finds another one by the API's name. */
function leadsOn(entry: EntryPlan): boolean {
  if (entry.kind === "vip") return entry.on === "masters";
  return entry.kind !== "lvs";
}

/** What is promised at a position for a fault. */
export function aimOf(entry: EntryPlan, fault: FaultClass, { way }: Pick<Position, "way">): Aim {
  if (fault === "quorum") return { newConnectionGapMs: 0, watchesCut: 0 };
  if (fault === "no spare")
    return { newConnectionGapMs: Infinity, why: "nobody takes the place of the only master" };
  if (way === "service")
    return {
      newConnectionGapMs: fault === "host" ? leaseOfLostLeaderMs : leaseMs,
      why: "the lease of the master's endpoint",
    };
  if (fault === "restart") return { newConnectionGapMs: usual.process };
  if (way === "struck" && !leadsOn(entry))
    return { newConnectionGapMs: Infinity, why: "a master's own apiserver is its way to the API" };
  const { why, ...times } = detectionOf(entry);
  return { newConnectionGapMs: times[fault], ...(why !== undefined && { why }) };
}
