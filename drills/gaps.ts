import type { Attempt } from "./records";

/** A time in which requests failed. Seconds since the epoch. */
export interface Gap {
  /** Start of the first that failed. */
  from: number;
  /** End of the last that failed. */
  to: number;
  /** How many failed, of those that began in it. */
  failed: number;
  started: number;
}

/** Seconds without a failure after which a disturbance is over. Longer than any health check takes, so what they have to find out is one gap. */
export const calmSeconds = 5;

/**
 * Gaps of a client that begins a connection at equal times: each runs from the first failed start to the last failed end, what was served in between
 * included. Two failures belong to one gap unless {@link calmSeconds} lie between the end of one and the start of the other.
 */
export function gapsOf(attempts: readonly Attempt[]): Gap[] {
  const sorted = [...attempts].sort((a, b) => a.start - b.start);
  const gaps: Gap[] = [];
  for (const { start, end, error } of sorted) {
    if (error === "") continue;
    const last = gaps.at(-1);
    if (last === undefined || start - last.to > calmSeconds)
      gaps.push({ from: start, to: end, failed: 1, started: 0 });
    else {
      last.to = Math.max(last.to, end);
      last.failed += 1;
    }
  }
  for (const gap of gaps)
    gap.started = sorted.filter(({ start }) => start >= gap.from && start < gap.to).length;
  return gaps;
}

/** The part of some attempts that began in [from, to). */
export function within<T extends Attempt>(attempts: readonly T[], from: number, to: number): T[] {
  return attempts.filter(({ start }) => start >= from && start < to);
}

/** How often each error came, the most frequent first: `connect: refused 12, tls: timeout 3`. */
export function errorsOf(attempts: readonly Attempt[]): string {
  const counts = new Map<string, number>();
  for (const { error } of attempts)
    if (error !== "") counts.set(error, (counts.get(error) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([error, count]) => `${error} ${count}`)
    .join(", ");
}
