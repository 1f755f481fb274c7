import Table from "cli-table3";
import type { Finding } from "./finding";

const order = { failed: 0, warning: 1, ok: 2 } as const;

/** A report as people read it: what is wrong first, everything at once. */
export function renderReport(findings: readonly Finding[]): string {
  const table = new Table({
    head: ["", "check", "found", "what to do"],
    style: { head: [], border: [] },
    colWidths: [9, 38, 52, 48],
    wordWrap: true,
  });
  for (const { result, check, found, fix } of [...findings].sort(
    (a, b) => order[a.result] - order[b.result],
  ))
    table.push([result, check, found, fix]);
  const count = (result: Finding["result"]) =>
    findings.filter((each) => each.result === result).length;
  return `${table.toString()}\npreflight: ${count("ok")} ok, ${count("warning")} warnings, ${count("failed")} failed\n`;
}
