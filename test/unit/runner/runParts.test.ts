import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "../../runner/job";
import type { Need, Part } from "../../runner/part";
import { runParts } from "../../runner/runParts";

let directory: string;
/** What was shown. */
let shown: string[];
/** Begins and ends of parts. */
let events: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kubernetes-ha-parts-"));
  [shown, events] = [[], []];
  jest.spyOn(console, "log").mockImplementation((text: string) => void shown.push(text));
  jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    shown.push(String(text));
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

/** A part that ends when it is let. */
function part(name: string, need: Need): Part & { end: () => void } {
  let end = (): void => undefined;
  const over = new Promise<void>((resolve) => (end = resolve));
  const run = async (): Promise<void> => {
    events.push(`${name} begins`);
    await over;
    events.push(`${name} ends`);
  };
  return { name, need, run, end };
}

const settled = (): Promise<void> => new Promise((done) => setImmediate(done));
const at = (name: string, work: (job: Job) => Promise<void>): Part => ({
  name,
  need: "processor",
  run: work,
});

test("who needs the machine is alone on it; clusters are one at a time, what is spared is used meanwhile; then the rest are as many as there are processors", async () => {
  const parts = [
    part("first", "processor"),
    part("alone", "machine"),
    part("cluster", "cluster"),
    part("another cluster", "cluster"),
    part("modest", "spare"),
    part("modest too", "spare"),
    part("second", "processor"),
    part("third", "processor"),
  ] as const;
  const [first, alone, cluster, another, modest, modestToo, second, third] = parts;
  const jobs = runParts(parts, { processors: 2, directory });
  const sinceThen = async (): Promise<string[]> => {
    await settled();
    return events.splice(0);
  };
  expect(await sinceThen()).toEqual(["alone begins"]);
  alone.end();
  expect(await sinceThen()).toEqual(["alone ends", "cluster begins", "modest begins"]);
  modest.end();
  expect(await sinceThen()).toEqual(["modest ends", "modest too begins"]);
  cluster.end();
  expect(await sinceThen()).toEqual(["cluster ends", "another cluster begins"]);
  another.end();
  expect(await sinceThen()).toEqual(["another cluster ends", "first begins", "second begins"]);
  second.end();
  expect(await sinceThen()).toEqual(["second ends", "third begins"]);
  for (const each of [first, third, modestToo]) each.end();
  expect((await jobs).map((job) => job.part.name)).toEqual(parts.map(({ name }) => name));
});

test("a check that fails is told at once, counted, and its end is kept for the end; the others go on", async () => {
  const [bad, good] = await runParts(
    [
      at("bad", async (job) => {
        await job.check("one", ["sh", "-c", "echo it is like this >&2; exit 3"]);
        await job.check("two", ["true"]);
      }),
      at("good", (job) => job.check("fine", ["echo", "all is well"])),
    ],
    { processors: 1, directory },
  );
  expect(bad?.outcome).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
    failures: ["bad: one\nit is like this"],
  });
  expect(good?.outcome).toMatchObject({ passed: 1, failed: 0 });
  expect(shown[0]).toMatch(/bad: FAILED one\n$/);
  expect(shown[1]).toMatch(/^\n== bad: 1 passed, 1 failed in \d+s\nit is like this$/);
  expect(shown.at(-1)).toMatch(/^\n== good: 1 passed in \d+s\nall is well$/);
});

test("what a part throws is a failure of it, as is a command that is not there", async () => {
  const jobs = await runParts(
    [
      at("throws", () => Promise.reject(new Error("no such luck"))),
      at("missing", (job) => job.check("nothing", ["/nonexistent/program"])),
    ],
    { directory },
  );
  expect(jobs.map(({ outcome }) => outcome.failed)).toEqual([1, 1]);
  expect(jobs[0]?.outcome.failures[0]).toContain("no such luck");
  expect(jobs[1]?.outcome.failures[0]).toContain("ENOENT");
});

test("what is to use what is spared gives way", async () => {
  const niceness = (name: string, need: Need): Part => ({
    name,
    need,
    run: (job) => job.check("nice", ["sh", "-c", "sleep 0.2; nice"]),
  });
  const jobs = await runParts([niceness("computes", "spare"), niceness("beats", "cluster")], {
    directory,
  });
  const [computes, beats = NaN] = jobs.map((job) => Number(job.log()));
  // The whole run may give way as well, and 19 is the end of the scale.
  expect(computes).toBe(Math.min(19, beats + 10));
});

test("no part begins after the run has been ended", async () => {
  const jobs = await runParts(
    [
      at("ended", () => Promise.resolve(void process.emit("SIGTERM", "SIGTERM"))),
      part("after", "processor"),
    ],
    { processors: 1, directory },
  );
  expect(events).toEqual([]);
  expect(jobs.map(({ outcome }) => outcome.failures)).toEqual([
    [],
    ["after: after\ndid not begin: the run was ended by SIGTERM"],
  ]);
});
