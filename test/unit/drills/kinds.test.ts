import { examplesOf } from "../../../lab/examples";
import { kinds, nameOf } from "../../kinds/kinds";
import { kindsTable } from "../../kinds/table";

test.each(["entry", "topology"] as const)("every %s of the lab's examples is tried", (what) => {
  expect([...new Set(kinds.map((kind) => kind[what]))].sort()).toEqual(examplesOf(what));
});

test("a kind is tried once", () => {
  expect(new Set(kinds.map(nameOf)).size).toBe(kinds.length);
});

test("the table tells what failed, and what could not be tried", () => {
  const [vip, clb] = [
    { entry: "vip", topology: "external" },
    { entry: "clb", topology: "stacked" },
  ];
  const verdict = {
    ...{ fault: "machine-killed", does: "power loss of host-1", way: "entry" as const },
    ...{ position: "worker", newConnectionGapMs: 3460, aimMs: 3000, failed: 9, started: 900 },
    ...{ errors: "", writeGapMs: 0, writesFailed: 0, watchGapMs: 4100, watchesCut: 7 },
    ...{ endedBy: "", lateMs: 2, passed: false },
  };
  const rows = kindsTable([
    {
      kind: vip,
      verdicts: [verdict, { ...verdict, fault: "alone", aimMs: null, passed: true }],
      broken: [],
    },
    { kind: clb, verdicts: [], broken: ["no lab"] },
  ])
    .split("\n")
    .filter((line) => /vip|clb/.test(line))
    .map((line) =>
      line
        .split("│")
        .map((cell) => cell.trim())
        .filter(Boolean)
        .join(" "),
    );
  expect(rows).toEqual([
    "vip external machine-killed entry worker 3.5 3.0 4.1 7 FAIL",
    "vip external alone entry worker 3.5 – 4.1 7 pass",
    "clb stacked FAIL no lab",
  ]);
});
