import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  keepRun,
  parseReport,
  readRun,
  type Result,
  withLater,
} from "../../../conformance/results";

const spec = (text: string, state: string, more: object = {}) => ({
  LeafNodeType: "It",
  ContainerHierarchyTexts: ["[sig-node] Pods"],
  LeafNodeText: text,
  State: state,
  RunTime: 1_260_000_000,
  ...more,
});
const failure = (Message: string) => ({ Failure: { Message } });
const reportOf = (...reports: object[]) => JSON.stringify([{ SpecReports: reports }]);

test("tests that ran, by their whole names, with seconds and what was wrong", () => {
  const text = reportOf(
    spec("run [Conformance]", "passed"),
    spec("fail [Conformance]", "failed", failure("timed out\nwith much more")),
    spec("panic [Conformance]", "panicked", failure("nil")),
    spec("are cut short [Conformance]", "interrupted", failure("by the time limit")),
  );
  expect(parseReport(text)).toEqual([
    { name: "[sig-node] Pods run [Conformance]", outcome: "passed", seconds: 1.3 },
    {
      name: "[sig-node] Pods fail [Conformance]",
      outcome: "failed",
      seconds: 1.3,
      message: "timed out\nwith much more",
    },
    expect.objectContaining({ outcome: "failed", message: "nil" }),
    expect.objectContaining({ outcome: "failed", message: "by the time limit" }),
  ]);
});

test("one that skips itself says why; one that was not chosen is no result", () => {
  const text = reportOf(
    spec("skip themselves", "skipped", failure("needs two zones")),
    spec("were not chosen", "skipped"),
    spec("were not chosen either", "skipped", failure("")),
    spec("are pending", "pending"),
  );
  expect(parseReport(text)).toEqual([
    expect.objectContaining({ outcome: "skipped", message: "needs two zones" }),
  ]);
});

test("what fails before all tests is a failure; what passes there is no test", () => {
  const around = (LeafNodeType: string, State: string, more: object = {}) => ({
    ...{ LeafNodeType, ContainerHierarchyTexts: null, LeafNodeText: "", State, RunTime: 0 },
    ...more,
  });
  const text = reportOf(
    around("SynchronizedBeforeSuite", "failed", failure("no node is ready")),
    around("SynchronizedAfterSuite", "passed"),
  );
  expect(parseReport(text)).toEqual([
    {
      name: "(SynchronizedBeforeSuite)",
      outcome: "failed",
      seconds: 0,
      message: "no node is ready",
    },
  ]);
});

test("a later result stands in the place of an earlier one of the same test", () => {
  const result = (name: string, outcome: Result["outcome"]) => ({ name, outcome, seconds: 1 });
  const earlier = [result("a", "failed"), result("b", "passed")];
  expect(withLater(earlier, [result("a", "passed"), result("c", "failed")])).toEqual([
    result("a", "passed"),
    result("b", "passed"),
    result("c", "failed"),
  ]);
});

describe("what is kept", () => {
  const directory = mkdtempSync(join(tmpdir(), "conformance-"));
  const file = join(directory, "run.json");
  afterAll(() => rmSync(directory, { recursive: true }));
  const run = { kubernetes: "v1.36.3", results: [{ name: "a", outcome: "passed", seconds: 1 }] };

  test("nothing, at first", () => {
    expect(readRun(file, "v1.36.3")).toEqual({ kubernetes: "v1.36.3", results: [] });
  });

  test("is read again, by its owner alone", () => {
    keepRun(file, run as Parameters<typeof keepRun>[1]);
    expect(readRun(file, "v1.36.3")).toEqual(run);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("does not count for another release", () => {
    expect(readRun(file, "v1.37.2")).toEqual({ kubernetes: "v1.37.2", results: [] });
  });
});
