import Table from "cli-table3";
import type { Kind } from "../../drills/onLab";
import type { Verdict } from "../../drills/verdict";

/** What came of the contract on one kind. */
export interface KindRun {
  kind: Kind;
  verdicts: readonly Verdict[];
  /** What could not be tried, or not to its end, and why. */
  broken: readonly string[];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

/** A row a fault and way. */
export function kindsTable(runs: readonly KindRun[]): string {
  const table = new Table({
    head: [
      "entry",
      "topology",
      "fault",
      "way",
      "worst at",
      "gap s",
      "aim s",
      "watch gap s",
      "cut",
      "",
    ],
    style: { head: [], border: [] },
    colAligns: [...(Array(5).fill("left") as "left"[]), "right", "right", "right", "right", "left"],
  });
  for (const { kind, verdicts, broken } of runs) {
    for (const each of verdicts)
      table.push([
        ...[kind.entry, kind.topology, each.fault, each.way, each.position],
        seconds(each.newConnectionGapMs),
        each.aimMs === null ? "–" : seconds(each.aimMs),
        ...[seconds(each.watchGapMs), each.watchesCut, each.passed ? "pass" : "FAIL"],
      ]);
    for (const each of broken)
      table.push([kind.entry, kind.topology, { colSpan: 8, content: `FAIL ${each}` }]);
  }
  return table.toString();
}
