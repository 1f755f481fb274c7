import type { Attempt, WatchRecord } from "../../../drills/records";
import { watchOutcome } from "../../../drills/watches";

/** Writes five times a second, but for those in [from, to), which fail. */
function pulses(seconds: number, from = 0, to = 0): Attempt[] {
  return Array.from({ length: seconds * 5 }, (_, index) => {
    const start = index / 5;
    const fails = start >= from && start < to;
    return { start, end: start + 0.01, error: fails ? "answer: timeout" : "" };
  });
}

const silence = (from: number, to: number): WatchRecord => ({
  watch: 0,
  what: "silence",
  from,
  to,
});
const cut = (at: number, how: string): WatchRecord => ({ watch: 0, what: "cut", at, how });

test("a watch that was told all that was written is not late", () => {
  expect(watchOutcome([], pulses(10), 0, 10)).toEqual({ cut: 0, endedBy: "", gap: 0 });
});

test("late is from the first acknowledged write that it was not told of", () => {
  const { gap } = watchOutcome([silence(3, 7.3)], pulses(10), 0, 10);
  expect(gap).toBeCloseTo(7.3 - 3.01);
});

test("silence while nothing is acknowledged is not late, and the time after that is", () => {
  expect(watchOutcome([silence(2.9, 8.02)], pulses(10, 3, 8), 0, 10).gap).toBeCloseTo(0.01);
  expect(watchOutcome([silence(2.9, 9)], pulses(10, 3, 8), 0, 10).gap).toBeCloseTo(0.99);
});

test("cuts are counted by what ended them, in the time that is asked for", () => {
  const records = [cut(1, "eof"), cut(4, "reset"), cut(5, "timeout"), cut(6, "timeout")];
  expect(watchOutcome(records, pulses(10), 3, 10)).toMatchObject({
    cut: 3,
    endedBy: "timeout 2, reset 1",
  });
});

test("a silence counts for the time in which the first write was missed", () => {
  const records = [silence(3, 9)];
  expect(watchOutcome(records, pulses(10), 5, 10).gap).toBe(0);
  expect(watchOutcome(records, pulses(10), 2, 5).gap).toBeGreaterThan(5.9);
});
