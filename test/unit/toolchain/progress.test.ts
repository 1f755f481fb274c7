import { duration, step, watching } from "../../../toolchain/progress";

const terminal = { isTTY: process.stderr.isTTY, columns: process.stderr.columns };
let written: string[];
beforeEach(() => {
  written = [];
  jest.useFakeTimers();
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  Object.assign(process.stderr, terminal);
});

/** Work that takes so many seconds of the clock that is wound here. */
async function takes<T>(seconds: number, work: Promise<T>): Promise<T> {
  await jest.advanceTimersByTimeAsync(seconds * 1000);
  return work;
}
const sleep = (seconds: number) => new Promise<void>((end) => setTimeout(end, seconds * 1000));
const lines = () => written.map((text) => text.replace(/^\[.*?\] /, "").trimEnd());

test.each<[number, string]>([
  [0, "0s"],
  [59_400, "59s"],
  [59_600, "1m00s"],
  [123_000, "2m03s"],
])("%d ms are %s", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test("in a log what is short is not worth a line, what is long is told now and then", async () => {
  Object.assign(process.stderr, { isTTY: false });
  await takes(
    4,
    step("quick", () => sleep(4)),
  );
  expect(written).toEqual([]);
  await takes(
    40,
    watching(
      () => "2 of 3",
      () => sleep(40),
    ),
  );
  expect(lines()).toEqual(["2 of 3", "2 of 3", "2 of 3"]);
});

test("on a terminal it is one line, cut to its width, that is gone at the end", async () => {
  Object.assign(process.stderr, { isTTY: true, columns: 8 });
  await takes(
    8,
    watching(
      () => "hosts 2 of 3",
      () => sleep(8),
    ),
  );
  const [clear] = written.slice(-1);
  expect(written.slice(0, -1)).toEqual(Array(3).fill(`${clear}hosts 2`));
  expect(clear).toBe("\r\u001b[K");
});

test("work that fails leaves no line, and its error is the caller's", async () => {
  Object.assign(process.stderr, { isTTY: true });
  const work = watching(
    () => "hosts 2 of 3",
    async () => {
      await sleep(6);
      throw new Error("no");
    },
  );
  await Promise.all([expect(work).rejects.toThrow("no"), jest.advanceTimersByTimeAsync(6000)]);
  expect(written.at(-1)).toBe("\r\u001b[K");
});
