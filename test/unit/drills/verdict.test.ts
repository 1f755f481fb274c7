import type { Drill } from "../../../drills/drill";
import { faultsNamed } from "../../../drills/contract";
import type { Outcome } from "../../../drills/outcome";
import type { Position } from "../../../drills/positions";
import { verdictsOf } from "../../../drills/verdict";
import { labPlan } from "../../support/labPlan";

function outcome(name: string, way: Position["way"], seen: Partial<Outcome> = {}): Outcome {
  return {
    position: { name, way } as Position,
    ...{ newConnectionGapMs: 0, started: 100, failed: 0, errors: "" },
    ...{ writeGapMs: 0, writesFailed: 0, watchGapMs: 0, watchesCut: 0, endedBy: "", lateMs: 1 },
    ...seen,
  };
}

function verdicts(entry: string, fault: string, struck: Outcome[], back: Outcome[] = []) {
  const [chosen] = faultsNamed([fault]);
  const drill = { fault: chosen, does: "it", struck, back } as Drill;
  return verdictsOf(labPlan({ entry }).entry, drill);
}

test("a line for each way, of the position where it was worst", () => {
  const [entry, service, ...more] = verdicts("vip", "apiserver-killed", [
    outcome("outside", "entry", { newConnectionGapMs: 200, failed: 2, errors: "tls: eof 2" }),
    outcome("worker", "entry", {
      newConnectionGapMs: 900,
      failed: 8,
      watchesCut: 3,
      endedBy: "eof 3",
    }),
    outcome("worker-pod-service", "service", { newConnectionGapMs: 15_000 }),
  ]);
  expect(entry).toMatchObject({
    ...{ way: "entry", position: "worker", newConnectionGapMs: 900, aimMs: 1000 },
    ...{ failed: 10, started: 200, errors: "outside: tls: eof 2" },
    ...{ watchesCut: 3, endedBy: "worker: eof 3", passed: true },
  });
  expect(service).toMatchObject({ way: "service", newConnectionGapMs: 15_000, passed: true });
  expect(more).toEqual([]);
});

test.each<[string, string, number, Position["way"]?]>([
  ["vip", "apiserver-killed", 1000],
  ["vip", "machine-killed", 3000],
  ["clb", "master-killed", 9000],
  ["node-haproxy", "master-cut-off", 3000],
  // Its share of what begins while an apiserver comes back.
  ["node-nginx", "apiserver-killed", 10_000],
  ["vip", "apiserver-killed", 26_000, "service"],
  // Leases begin anew where etcd's leader is lost as well.
  ["vip", "machine-killed", 31_000, "service"],
])("%s, %s: fails when it took longer than %i ms", (entry, fault, aim, way = "entry") => {
  const passed = (newConnectionGapMs: number) =>
    verdicts(entry, fault, [outcome("worker", way, { newConnectionGapMs })])[0]?.passed;
  expect(passed(aim)).toBe(true);
  expect(passed(aim + 1)).toBe(false);
});

test("etcd without a quorum: neither a connection nor a watch may be lost, by any way", () => {
  const judged = (seen: Partial<Outcome>, way: Position["way"]) =>
    verdicts("vip", "etcd-without-quorum", [outcome("worker", way, seen)])[0]?.passed;
  for (const way of ["entry", "service"] as const) {
    expect(judged({}, way)).toBe(true);
    expect(judged({ watchesCut: 1 }, way)).toBe(false);
    expect(judged({ newConnectionGapMs: 1 }, way)).toBe(false);
  }
});

test("what follows when it is put right is judged apart", () => {
  const [, back] = verdicts(
    "vip",
    "master-killed",
    [outcome("worker", "entry")],
    [outcome("worker", "entry", { newConnectionGapMs: 4000 })],
  );
  expect(back).toMatchObject({ fault: "master-killed-back", does: "put right", passed: false });
});

test("nginx has no checks: nothing is promised of a frozen apiserver", () => {
  const seen = [outcome("worker", "entry", { newConnectionGapMs: 20_000 })];
  expect(verdicts("node-nginx", "apiserver-frozen", seen)[0]).toMatchObject({
    aimMs: null,
    passed: true,
  });
  expect(verdicts("node-haproxy", "apiserver-frozen", seen)[0]?.passed).toBe(false);
});

test.each([
  ["vip", null],
  ["vip-on-masters", 1000],
  ["clb", 7000],
])("%s, on the master whose own apiserver is killed: %j", (entry, aimMs) => {
  const seen = [outcome("struck-master", "struck")];
  expect(verdicts(entry, "apiserver-killed", seen)[0]).toMatchObject({ aimMs });
});

test("a fault that there is not is told with those there are", () => {
  expect(() => faultsNamed(["meteor"])).toThrow(
    'no fault is called "meteor"; there are apiserver-killed,',
  );
});
