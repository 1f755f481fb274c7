import { onHost } from "../../drills/positions";
import { prepareIdentity, Probers } from "../../drills/probers";
import { hostOf, siteOf } from "../../drills/site";
import { watchOutcome } from "../../drills/watches";
import { longestGap, lostWrites, startWriter, stopWriter, type Writing } from "./drill";
import type { TestLab } from "./lab";

/** What clients of the API on a host saw of an act on its cluster: one that writes, and one that watches. */
export interface Seen {
  seconds: number;
  writes: number;
  /** Acknowledged, and gone. */
  lostWrites: number;
  /** Between two acknowledged writes. */
  longestGapMs: number;
  watchesCut: number;
  /** How long the watch was not told of what had been acknowledged: cut, or on a connection whose other end was gone. */
  watchGapMs: number;
}

/** Writes and watches through the entry from a host while something is done to the cluster. */
export async function seenMeanwhile(
  lab: TestLab,
  host: string,
  act: () => Promise<unknown>,
  writing: Writing = { seconds: 3600 },
): Promise<Seen> {
  const site = siteOf(lab);
  await prepareIdentity(site);
  const position = onHost("worker", hostOf(site, host));
  const watchers = new Probers(site, [position], { everyMs: 200, limitMs: 1000, watches: 1 });
  await startWriter(lab, host, writing);
  const { done, records } = await watchers.during(async () => {
    const began = Date.now() / 1000;
    await act();
    return { began, ended: Date.now() / 1000 };
  });
  const written = await stopWriter(lab, host);
  const watched = records.get(position.name);
  if (watched === undefined) throw new Error(`what was watched on ${host} is gone`);
  const { cut, gap } = watchOutcome(watched.watches, watched.pulses, done.began, done.ended);
  return {
    seconds: Math.round((done.ended - done.began) * 10) / 10,
    writes: written.length,
    lostWrites: (await lostWrites(lab, written)).length,
    longestGapMs: Math.round(longestGap(written) * 1000),
    watchesCut: cut,
    watchGapMs: Math.round(gap * 1000),
  };
}

/** Nothing acknowledged was lost, and nobody waited for 10 s. */
export function expectServed(what: string, seen: Seen): void {
  console.log(`${what}: ${JSON.stringify(seen)}`);
  expect(seen.lostWrites).toBe(0);
  expect(seen.longestGapMs).toBeLessThan(10_000);
  expect(seen.watchGapMs).toBeLessThan(10_000);
}
