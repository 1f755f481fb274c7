import type { EntryPlan } from "../components/plan/cluster";
import { aimOf } from "./aims";
import type { Drill } from "./drill";
import type { Fault } from "./faults";
import type { Outcome } from "./outcome";

/** What clients saw of a fault, or of its end, at those positions that are promised the same. */
export interface Verdict {
  /** Of the fault; `<name>-back` of its end. */
  fault: string;
  does: string;
  /** Way to the API of these clients: `entry`, `service` for pods by the Service `kubernetes`, `struck` on the master that is struck. */
  way: Outcome["position"]["way"];
  /** Where it was worst for new connections. */
  position: string;
  newConnectionGapMs: number;
  /** What was aimed at; null where nothing is promised. */
  aimMs: number | null;
  /** Attempts that failed and all, at all these positions, and how they failed. */
  failed: number;
  started: number;
  errors: string;
  /** The same of writes, at the position that makes them: see {@link Outcome}. Not judged, as they take etcd. */
  writeGapMs: number;
  writesFailed: number;
  watchGapMs: number;
  watchesCut: number;
  /** What ended them, by position. */
  endedBy: string;
  /** How late the machine itself began an attempt. What is measured is no finer. */
  lateMs: number;
  passed: boolean;
}

/** Judges a drill: a line for the fault and one for its end, for each way. Pure. */
export function verdictsOf(entry: EntryPlan, drill: Drill): Verdict[] {
  const { fault, does, struck, back } = drill;
  return [
    ...judged(entry, fault, fault.name, does, struck),
    ...judged(entry, fault, `${fault.name}-back`, "put right", back),
  ];
}

function judged(
  entry: EntryPlan,
  fault: Fault,
  name: string,
  does: string,
  all: readonly Outcome[],
): Verdict[] {
  const ways = [...new Set(all.map(({ position }) => position.way))];
  return ways.map((way) => {
    const outcomes = all.filter(({ position }) => position.way === way);
    const worst = outcomes.reduce((a, b) => (b.newConnectionGapMs > a.newConnectionGapMs ? b : a));
    const aim = aimOf(entry, fault.class, worst.position);
    const sum = (of: (each: Outcome) => number): number =>
      outcomes.reduce((total, each) => total + of(each), 0);
    const most = (of: (each: Outcome) => number): number => Math.max(...outcomes.map(of));
    const told = (of: (each: Outcome) => string): string =>
      outcomes
        .filter((each) => of(each) !== "")
        .map((each) => `${each.position.name}: ${of(each)}`)
        .join("; ");
    const watchesCut = sum((each) => each.watchesCut);
    return {
      ...{ fault: name, does, way, position: worst.position.name },
      newConnectionGapMs: worst.newConnectionGapMs,
      aimMs: Number.isFinite(aim.newConnectionGapMs) ? aim.newConnectionGapMs : null,
      failed: sum((each) => each.failed),
      started: sum((each) => each.started),
      errors: told((each) => each.errors),
      writeGapMs: most((each) => each.writeGapMs),
      writesFailed: sum((each) => each.writesFailed),
      watchGapMs: most((each) => each.watchGapMs),
      watchesCut,
      endedBy: told((each) => each.endedBy),
      lateMs: most((each) => each.lateMs),
      passed:
        worst.newConnectionGapMs <= aim.newConnectionGapMs &&
        watchesCut <= (aim.watchesCut ?? Infinity),
    };
  });
}
