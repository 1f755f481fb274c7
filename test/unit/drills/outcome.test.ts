import { outcomeOf } from "../../../drills/outcome";
import type { Position } from "../../../drills/positions";
import { aheadOf } from "../../../drills/probers";
import type { Records } from "../../../drills/records";

const position = { name: "master" } as Position;
const ok = (start: number, late = 0) => ({ start, end: start + 0.01, error: "", who: "a", late });
const own: Records = {
  tries: [ok(1), { ...ok(2, 0.3), end: 3, error: "tls: timeout" }, ok(9)],
  pulses: [
    { start: 2, end: 2.01, error: "" },
    { start: 2.2, end: 3.2, error: "answer: timeout" },
  ],
  entries: [],
  watches: [
    { watch: 0, what: "cut", at: 2.5, how: "reset" },
    { watch: 0, what: "silence", from: 1.9, to: 4 },
  ],
};
const writer: Records = {
  tries: [],
  pulses: [{ start: 1.95, end: 1.96, error: "" }],
  entries: [],
  watches: [],
};
const all = new Map([
  ["master", own],
  ["worker", writer],
]);

test("what a position saw in some time; writes are those of any position", () => {
  expect(outcomeOf(position, all, 1.5, 8)).toEqual({
    position,
    ...{ newConnectionGapMs: 1000, started: 1, failed: 1, errors: "tls: timeout 1" },
    ...{ writeGapMs: 1000, writesFailed: 1 },
    ...{ watchGapMs: 2040, watchesCut: 1, endedBy: "reset 1", lateMs: 300 },
  });
  expect(outcomeOf(position, all, 5, 10)).toMatchObject({
    failed: 0,
    watchesCut: 0,
    watchGapMs: 0,
  });
});

test("a position that wrote nothing down is an error, not a success", () => {
  expect(() => outcomeOf({ name: "outside" } as Position, all, 0, 1)).toThrow("at outside");
  expect(() => outcomeOf(position, all, 3, 8)).toThrow("nothing was tried at master");
});

test("a clock that may have been right counts as right", () => {
  expect(aheadOf(100.5, 100, 101)).toBe(0);
  expect(aheadOf(103, 100, 101)).toBe(2);
  expect(aheadOf(97, 100, 101)).toBe(-3);
});
