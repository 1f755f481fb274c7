import {
  longestSilence,
  writesGoOn,
  writesStopAndResume,
} from "../../../../drills/exercises/writes";
import type { Attempt } from "../../../../drills/records";

/** Five writes a second in [from, to), each acknowledged after a hundredth of a second unless it began in one of the gaps. */
function writes(from: number, to: number, ...gaps: [number, number][]): Attempt[] {
  return Array.from({ length: (to - from) * 5 }, (_, index) => {
    const start = from + index / 5;
    const fails = gaps.some(([a, b]) => start >= a && start < b);
    return { start, end: start + 0.01, error: fails ? "answer: timeout" : "" };
  });
}

test("the longest silence is between two acknowledged writes, whatever failed between them", () => {
  expect(longestSilence(writes(0, 30))).toBeCloseTo(0.2);
  expect(longestSilence(writes(0, 30, [5, 9], [20, 21]))).toBeCloseTo(4.2);
  expect(longestSilence([])).toBe(0);
});

test.each([
  [[5, 9], true],
  [[5, 20], false],
  [[0, 30], false],
] as [[number, number], boolean][])("writes that fail in %j: %j", (gap, passed) => {
  expect(writesGoOn(writes(0, 30, gap)).passed).toBe(passed);
});

describe("a lost quorum, from 5 to 30", () => {
  const judged = (...gaps: [number, number][]): boolean[] =>
    writesStopAndResume(writes(0, 300, ...gaps), { lost: 5, back: 30 }).map((each) => each.passed);

  test("writes stop, and come back", () => expect(judged([5, 50])).toEqual([true, true]));
  test("one that was under way may still be acknowledged", () =>
    expect(judged([7, 50])).toEqual([true, true]));
  test("one that is acknowledged later could not have been kept", () =>
    expect(judged([5, 20], [21, 50])).toEqual([false, true]));
  test("they come back too late", () => expect(judged([5, 200])).toEqual([true, false]));
  test("they never come back", () => expect(judged([5, 300])).toEqual([true, false]));
});
