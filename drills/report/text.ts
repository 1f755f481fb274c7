import Table from "cli-table3";
import type { Practised } from "../practise";

/** A drill for people at a terminal. Pure. */
export function renderText(practised: Practised): string {
  const { exercise, outcome } = practised;
  const lines = [
    `${exercise.name}: ${outcome === "passed" ? outcome : outcome.toUpperCase()}`,
    `  done: ${"tried" in practised ? practised.tried.does : exercise.about}`,
    `  expected: ${exercise.expected}`,
  ];
  if (outcome === "left out") return [...lines, "  this cluster has no such part"].join("\n");
  if (outcome === "broken") return [...lines, `  ${practised.why}`].join("\n");
  const table = new Table({
    head: ["", "expected", "measured", ""],
    style: { head: [], border: [] },
    ...{ colWidths: [36, 28, 48, 6], wordWrap: true },
  });
  for (const { what, expected, measured, passed, unclear } of practised.tried.checks)
    table.push([what, expected, measured, passed ? "pass" : unclear ? "?" : "FAIL"]);
  return [...lines, table.toString()].join("\n");
}
