import type { Attempt, WatchRecord } from "./records";

/** What became of the watches of a prober in some time. */
export interface WatchOutcome {
  /** How many were cut. */
  cut: number;
  /** By what, the most frequent first: `eof 8, timeout 2`. */
  endedBy: string;
  /** Longest time, in seconds, that one was late: from the first acknowledged write it was not told of, until it was told something. */
  gap: number;
}

/**
 * What became of watches in [from, to). One that is silent because nothing is written, as etcd has no quorum, is not late. Whether it was
 * cut, or hung on a connection whose other end is gone, it counts as late until it is told something again, on this connection or the next.
 *
 * @param pulses Writes that watches are told of, a few a second.
 */
export function watchOutcome(
  watches: readonly WatchRecord[],
  pulses: readonly Attempt[],
  from: number,
  to: number,
): WatchOutcome {
  const acknowledged = pulses
    .filter(({ error }) => error === "")
    .map(({ end }) => end)
    .sort((a, b) => a - b);
  const cuts = watches.filter((each) => each.what === "cut" && each.at >= from && each.at < to);
  const ends = new Map<string, number>();
  for (const each of cuts)
    if (each.what === "cut") ends.set(each.how, (ends.get(each.how) ?? 0) + 1);
  let gap = 0;
  for (const each of watches) {
    if (each.what !== "silence" || each.to < from || each.from >= to) continue;
    const missed = acknowledged.find((end) => end > each.from && end < each.to);
    if (missed !== undefined && missed >= from && missed < to)
      gap = Math.max(gap, each.to - missed);
  }
  const endedBy = [...ends].sort(([, a], [, b]) => b - a).map(([how, count]) => `${how} ${count}`);
  return { cut: cuts.length, endedBy: endedBy.join(", "), gap };
}
