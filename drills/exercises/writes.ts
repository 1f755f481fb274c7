import { setTimeout as delay } from "node:timers/promises";
import { positionsOf } from "../positions";
import { lostEntries, Probers } from "../probers";
import type { Attempt, Entry, Records } from "../records";
import { castOf, type Site } from "../site";
import type { Check } from "./exercise";

/** How long nothing may be written, whatever is lost that the cluster tolerates, in seconds. */
const longest = 10;

const acknowledged = (writes: readonly Attempt[]): Attempt[] =>
  writes.filter(({ error }) => error === "").sort((a, b) => a.end - b.end);

/** The longest time between two acknowledged writes, in seconds; from the first to the last of them. */
export function longestSilence(writes: readonly Attempt[]): number {
  const ends = acknowledged(writes).map(({ end }) => end);
  return Math.max(0, ...ends.slice(1).map((end, index) => end - (ends[index] as number)));
}

/** Writes go on but for a short time. */
export function writesGoOn(writes: readonly Attempt[]): Check {
  const gap = longestSilence(writes);
  return {
    what: "longest time without an acknowledged write",
    expected: `at most ${longest} s`,
    measured: `${gap.toFixed(1)} s`,
    passed: acknowledged(writes).length > 1 && gap <= longest,
  };
}

/** Without a quorum nothing is acknowledged, as it could not be kept; with it writes go on by themselves. @param settle Seconds until the loss is complete. */
export function writesStopAndResume(
  writes: readonly Attempt[],
  { lost, back }: { lost: number; back: number },
  settle = 3,
): Check[] {
  const during = acknowledged(writes).filter(
    ({ start, end }) => start > lost + settle && end < back,
  );
  const first = acknowledged(writes).find(({ start }) => start >= back);
  return [
    {
      what: "writes acknowledged without a quorum",
      expected: "none",
      measured: String(during.length),
      passed: during.length === 0,
      strict: true,
    },
    {
      what: "first acknowledged write after the hosts had power again",
      expected: `after ${resumeWithin} s at most`,
      measured: first === undefined ? "none" : `${(first.end - back).toFixed(1)} s`,
      passed: first !== undefined && first.end - back <= resumeWithin,
    },
  ];
}

/** Seconds in which a quorum is there again: hosts boot, their kubelets start etcd, a leader is elected. */
const resumeWithin = 120;

/** What was acknowledged is there. */
export async function nothingLost(site: Site, entries: readonly Entry[]): Promise<Check> {
  const kept = entries.filter(({ error }) => error === "").length;
  const lost = await lostEntries(site, entries);
  return {
    what: "acknowledged entries of a ledger, one a second",
    expected: "are all there",
    measured: lost.length === 0 ? `all ${kept} are there` : `${lost.length} of ${kept} are LOST`,
    passed: lost.length === 0 && kept > 0,
  };
}

/** Seconds of writes before a loss and after the return. */
const calm = 5;

/** What a client on a worker wrote down in some seconds of calm. The ledger is a new one then. */
export async function writtenInCalm(site: Site): Promise<Records[]> {
  const positions = positionsOf(site, await castOf(site), false);
  const worker = positions.filter(({ name }) => name === "worker");
  const { records } = await new Probers(site, worker).during(() => delay(calm * 1000));
  return [...records.values()];
}
