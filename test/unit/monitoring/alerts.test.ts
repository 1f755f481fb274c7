import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { dashboardFiles } from "../../../monitoring/dashboards";
import { scrapeJobs } from "../../../components/plan/monitoring";

const root = join(__dirname, "../../..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");

interface Rule {
  alert?: string;
  expr: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const names = readdirSync(join(root, "monitoring/alerts"));
const rulesOf = (name: string) =>
  (parse(read("monitoring/alerts", name)) as { groups: { rules: Rule[] }[] }).groups.flatMap(
    ({ rules }) => rules,
  );
const alerts = names.flatMap((name) =>
  rulesOf(name).flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, file: name }])),
);
const docs = read("docs/monitoring.md");

test("names are told apart", () => {
  const all = alerts.map(({ alert }) => alert);
  expect(all.length).toBeGreaterThan(30);
  expect(new Set(all).size).toBe(all.length);
});

/** Heading as GitHub links to it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");

test.each(alerts.map((rule) => [rule.alert, rule] as const))(
  "%s has a severity, words, a runbook that is there, a line in the docs and a test",
  (alert, { labels, annotations = {}, file }) => {
    expect(["warning", "critical"]).toContain(labels?.["severity"]);
    expect(annotations["summary"]).toBeTruthy();
    expect(annotations["description"]).toBeTruthy();
    const [, path = "", anchor] =
      /\/blob\/main\/(docs\/runbooks\/[\w-]+\.md)(?:#(.+))?$/.exec(
        annotations["runbook_url"] ?? "",
      ) ?? [];
    expect(existsSync(join(root, path))).toBe(true);
    const headings = read(path).match(/^#+ .+$/gm) ?? [];
    const anchors = headings.map((heading) => anchorOf(heading.replace(/^#+ /, "")));
    if (anchor !== undefined) expect(anchors).toContain(anchor);
    const line = docs.split("\n").find((each) => each.startsWith(`| \`${alert}\` `));
    expect(line).toContain(`| ${labels?.["severity"]} `);
    expect(line).toContain(
      `](${path.replace("docs/", "")}${anchor === undefined ? "" : `#${anchor}`})`,
    );
    expect(read("monitoring/tests", file)).toContain(`alertname="${alert}"`);
  },
);

test("the docs tell of no other alert", () => {
  const told = [...docs.matchAll(/^\| `([A-Z]\w+)` /gm)].map(([, name]) => name);
  expect(told.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
});

test("rules go by jobs that are scraped", () => {
  const known: string[] = [...scrapeJobs, "kubelet-probes"];
  for (const { expr } of names.flatMap(rulesOf))
    for (const [, job] of expr.matchAll(/job="([^"]+)"/g)) expect(known).toContain(job);
});

test("dashboards are what they are made of: run `npx tsx monitoring/dashboards.ts`", () => {
  const directory = "monitoring/dashboards";
  expect(readdirSync(join(root, directory)).sort()).toEqual(Object.keys(dashboardFiles).sort());
  for (const [name, content] of Object.entries(dashboardFiles))
    expect(read(directory, name)).toBe(content);
});

test.each(Object.entries(dashboardFiles))("panels of %s lie beside one another", (_, content) => {
  const { panels } = JSON.parse(content) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
