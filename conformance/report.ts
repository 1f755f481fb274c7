import Table from "cli-table3";
import type { LeftOut } from "./leftOut";
import type { Result } from "./results";
import { groupOf, type Spec } from "./specs";

/** What is known of each test of the upstream list, and of what a run had beside them. */
export interface Report {
  kubernetes: string;
  passed: string[];
  failed: { name: string; message: string }[];
  /** Not run on purpose, or by themselves. */
  left: LeftOut[];
  notRun: string[];
  /** Seconds of all tests, as if they had run one after another. */
  seconds: number;
}

/**
 * Holds what ran against the upstream list.
 *
 * @throws Error naming what is left out and is no test of that list: the list of them is of another release.
 */
export function reportOf(
  kubernetes: string,
  upstream: readonly Spec[],
  results: readonly Result[],
  leftOut: readonly LeftOut[],
): Report {
  const names = new Set(upstream.map(({ name }) => name));
  const unknown = leftOut.filter(({ name }) => !names.has(name));
  if (unknown.length > 0)
    throw new Error(
      `conformance/leftOut.ts names what ${kubernetes} does not have: ${unknown.map(({ name }) => name).join("; ")}`,
    );
  const reasons = new Map(leftOut.map(({ name, reason }) => [name, reason]));
  // What an earlier run had of a test that is left out by now is no result any more.
  const current = results.filter(({ name }) => !reasons.has(name));
  const by = new Map(current.map((result) => [result.name, result]));
  const having = (outcome: Result["outcome"]) =>
    current.filter((result) => result.outcome === outcome);
  return {
    kubernetes,
    passed: having("passed").flatMap(({ name }) => (names.has(name) ? [name] : [])),
    // What fails and is in no list, such as what comes before all tests, counts.
    failed: having("failed").map(({ name, message = "" }) => ({ name, message })),
    left: upstream.flatMap(({ name }) => {
      const { outcome, message = "" } = by.get(name) ?? {};
      const reason = outcome === "skipped" ? message : reasons.get(name);
      return reason === undefined ? [] : [{ name, reason }];
    }),
    notRun: upstream.flatMap(({ name }) => (by.has(name) || reasons.has(name) ? [] : [name])),
    seconds: Math.round(current.reduce((sum, { seconds }) => sum + seconds, 0)),
  };
}

/** What people read when a run has ended. */
export function renderText(report: Report): string {
  const { failed, left } = report;
  return [
    summary(report),
    "",
    table(report).toString(),
    ...(failed.length === 0 ? [] : ["", "Failed:"]),
    ...failed.flatMap(({ name, message }) => [`  ${name}`, `    ${firstLine(message)}`]),
    ...(left.length === 0 ? [] : ["", "Left out:"]),
    ...left.map(({ name, reason }) => `  ${name}: ${firstLine(reason)}`),
  ].join("\n");
}

const total = ({ passed, failed, left, notRun }: Report): number =>
  passed.length + failed.length + left.length + notRun.length;

function summary(report: Report): string {
  const { kubernetes, passed, failed, left, notRun } = report;
  return `${kubernetes}: ${total(report)} conformance tests: ${passed.length} passed, ${failed.length} failed, ${left.length} left out, ${notRun.length} not run`;
}

const columns = ["passed", "failed", "left out", "not run"] as const;

/** Counts by owner of the tests, sorted by name. */
export function countsByGroup({ passed, failed, left, notRun }: Report): [string, number[]][] {
  const named = (all: readonly { name: string }[]) => all.map(({ name }) => name);
  const lists = [passed, named(failed), named(left), notRun];
  const groups = [...new Set(lists.flat().map(groupOf))].sort();
  return groups.map((group) => [
    group,
    lists.map((list) => list.filter((name) => groupOf(name) === group).length),
  ]);
}

function table(report: Report): Table.Table {
  const shown = new Table({ head: ["", ...columns], style: { head: [], border: [] } });
  for (const [group, counts] of countsByGroup(report)) shown.push([group, ...counts]);
  return shown;
}

/** The same for docs/conformance.md. */
export function renderMarkdown(report: Report): string {
  const { failed, left, notRun } = report;
  const items = (all: readonly (readonly [string, string])[]) =>
    all.map(([name, text]) => `- \`${name}\`${text && `: ${firstLine(text)}`}`);
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", `${title}:`, "", ...lines];
  return [
    `${summary(report)}.`,
    "",
    `| tests of | ${columns.join(" | ")} |`,
    `| --- | ${columns.map(() => "---:").join(" | ")} |`,
    ...countsByGroup(report).map(([group, counts]) => `| ${group} | ${counts.join(" | ")} |`),
    ...section("Failed", items(failed.map(({ name, message }) => [name, message]))),
    ...section("Left out", items(left.map(({ name, reason }) => [name, reason]))),
    ...section("Not run", items(notRun.map((name) => [name, ""]))),
  ].join("\n");
}

/** The text between two marks of a document, replaced. @throws Error when it has no such marks. */
export function withSection(document: string, text: string): string {
  const marks = /(<!-- results -->\n)[\s\S]*(<!-- end of results -->)/;
  if (!marks.test(document)) throw new Error("the document has no place for results");
  return document.replace(marks, (_, begin: string, end: string) => `${begin}\n${text}\n\n${end}`);
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";
