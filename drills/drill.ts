import { setTimeout as delay } from "node:timers/promises";
import { say } from "../toolchain/progress";
import type { Act, Fault } from "./faults";
import { outcomeOf, type Outcome } from "./outcome";
import { positionsOf } from "./positions";
import type { Records } from "./records";
import { Probers, type ProbeTerms } from "./probers";
import { apiserversOnly } from "./spare";
import { allWell, castOf, type Site } from "./site";

/** A fault as it went. */
export interface Drill {
  fault: Fault;
  does: string;
  /** What clients saw from the fault on, and after it was put right where that is an act of its own. */
  struck: Outcome[];
  back: Outcome[];
  /** All that they wrote down, by position, the calm before and after included. */
  records: ReadonlyMap<string, Records>;
  times: Times;
}

/** When it happened, in seconds since the epoch. */
export interface Times {
  struck: number;
  /** When it was put right; absent where it mends itself. */
  undone?: number;
  /** When all was well again, and a calm had passed. */
  end: number;
}

/** Seconds of calm that the probers look on before the fault and after all is well. */
const calm = 3;

/**
 * Tries one fault on a living cluster, from all well to all well, with clients at all positions.
 *
 * @returns what they saw; undefined where the cluster has no such part.
 */
export async function drill(
  site: Site,
  fault: Fault,
  terms?: ProbeTerms,
): Promise<Drill | undefined> {
  await allWell(site);
  const cast = await castOf(site);
  const act = fault.on(site, cast);
  if (act === undefined) return undefined;
  const spare = await apiserversOnly(site, cast, fault.masters);
  try {
    // The one that is left is where a client on a master is, too.
    const seen = fault.masters === 1 ? { ...cast, master: cast.struck } : cast;
    const positions = positionsOf(site, seen, act.struckLives && fault.masters === undefined);
    const probers = new Probers(site, positions, terms);
    const { done: times, records } = await probers.during(async () => {
      await delay(calm * 1000);
      say(`${fault.name}: ${act.does}`);
      return carryOut(site, act, spare.serving);
    });
    const outcomes = (from: number, to: number): Outcome[] =>
      positions.map((position) => outcomeOf(position, records, from, to));
    return {
      fault,
      does: act.does,
      struck: outcomes(times.struck, times.undone ?? times.end),
      back: times.undone === undefined ? [] : outcomes(times.undone, times.end),
      ...{ records, times },
    };
  } finally {
    await spare.back();
  }
}

async function carryOut(
  site: Site,
  act: Act,
  serving: Parameters<typeof allWell>[1],
): Promise<Times> {
  const now = (): number => Date.now() / 1000;
  const struck = now();
  await act.strike();
  await delay(act.hold * 1000);
  const undone = act.undo && now();
  await act.undo?.();
  await allWell(site, serving);
  await delay(calm * 1000);
  return { struck, end: now(), ...(undone !== undefined && { undone }) };
}
