import { errorsOf, gapsOf, within } from "./gaps";
import type { Position } from "./positions";
import type { Attempt, Records } from "./records";
import { watchOutcome } from "./watches";

/** What clients at one position saw in some time. */
export interface Outcome {
  position: Position;
  /** Of the longest gap of new connections; 0 when there was none. */
  newConnectionGapMs: number;
  /** Attempts, those that failed, and how. */
  started: number;
  failed: number;
  errors: string;
  /** The same of writes, which take etcd; 0 where none was tried. */
  writeGapMs: number;
  writesFailed: number;
  /** The longest that a watch was late. */
  watchGapMs: number;
  watchesCut: number;
  /** What ended them. */
  endedBy: string;
  /** The latest start: how far the machine itself was behind. */
  lateMs: number;
}

/** Pure. @param records of all positions, by name: one of them writes what all watch. @param from and to, in seconds since the epoch. */
export function outcomeOf(
  position: Position,
  records: ReadonlyMap<string, Records>,
  from: number,
  to: number,
): Outcome {
  const own = records.get(position.name);
  if (own === undefined) throw new Error(`nothing was written down at ${position.name}`);
  const tries = within(own.tries, from, to);
  if (tries.length === 0) throw new Error(`nothing was tried at ${position.name} in this time`);
  const writes = within(own.pulses, from, to);
  const pulses = [...records.values()].flatMap((each) => each.pulses);
  const { cut, endedBy, gap } = watchOutcome(own.watches, pulses, from, to);
  const ms = (seconds: number): number => Math.round(seconds * 1000);
  const longest = (attempts: readonly Attempt[]): number =>
    ms(Math.max(0, ...gapsOf(attempts).map((each) => each.to - each.from)));
  const failed = (attempts: readonly Attempt[]): number =>
    attempts.filter(({ error }) => error !== "").length;
  return {
    position,
    newConnectionGapMs: longest(tries),
    started: tries.length,
    failed: failed(tries),
    errors: errorsOf(tries),
    writeGapMs: longest(writes),
    writesFailed: failed(writes),
    watchGapMs: ms(gap),
    watchesCut: cut,
    endedBy,
    lateMs: ms(Math.max(0, ...tries.map(({ late }) => late))),
  };
}
