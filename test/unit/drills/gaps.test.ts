import { errorsOf, gapsOf, within } from "../../../drills/gaps";
import type { Attempt } from "../../../drills/records";

/** A start every 50 ms for some seconds; those in a span of `failing` take a second and fail. */
function attempts(seconds: number, ...failing: [from: number, to: number][]): Attempt[] {
  return Array.from({ length: seconds * 20 }, (_, index) => {
    const start = index / 20;
    const fails = failing.some(([from, to]) => start >= from && start < to);
    return { start, end: start + (fails ? 1 : 0.01), error: fails ? "tls: timeout" : "" };
  });
}

test("nothing failed: no gap", () => {
  expect(gapsOf(attempts(3))).toEqual([]);
});

test("a gap runs from the first failed start to the last failed end", () => {
  expect(gapsOf(attempts(10, [2, 3]))).toEqual([
    { from: 2, to: expect.closeTo(3.95) as number, failed: 20, started: 39 },
  ]);
});

test("single failures are one gap, what was served between them included, until five calm seconds", () => {
  const [first, second, ...more] = gapsOf(
    attempts(30, [2, 2.05], [6, 6.05], [10, 10.05], [17, 17.05]),
  );
  expect(first).toMatchObject({ from: 2, to: 11, failed: 3 });
  expect(second).toMatchObject({ from: 17, to: 18, failed: 1 });
  expect(more).toEqual([]);
});

test("one that ends before others that began earlier does not shorten it", () => {
  const slow = { start: 1, end: 2, error: "tls: timeout" };
  const fast = { start: 1.05, end: 1.06, error: "connect: refused" };
  expect(gapsOf([fast, slow])).toEqual([{ from: 1, to: 2, failed: 2, started: 2 }]);
});

test("attempts belong to the time they began in", () => {
  expect(within(attempts(3), 1, 2).map(({ start }) => start)).toEqual(
    attempts(3)
      .map(({ start }) => start)
      .slice(20, 40),
  );
});

test("errors, the most frequent first", () => {
  const one = (error: string): Attempt => ({ start: 0, end: 0, error });
  expect(errorsOf([one("a"), one("b"), one(""), one("b")])).toBe("b 2, a 1");
});
