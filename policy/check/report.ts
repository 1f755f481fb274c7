import type { FaultTolerance } from "../../components/plan/topology/tolerance";
import type { ClusterChange, Judgement, RuleVerdict } from "./judge";
import { lastOf } from "./world";

const headlines = {
  passed: "✅ High availability: this plan keeps it",
  denied: "❌ High availability: this plan is denied",
  undecided: "⚠️ High availability: this plan cannot be judged yet",
} as const;

const measures: readonly { field: keyof FaultTolerance; what: string }[] = [
  { field: "physicalHosts", what: "physical machines" },
  { field: "etcdMembers", what: "etcd members" },
  { field: "masters", what: "masters" },
  { field: "balancers", what: "balancers" },
];

/** The judgement as Markdown, for a pull request and for a terminal. */
export function renderReport(judgement: Judgement): string {
  const { rules } = judgement;
  const sections = [
    `## ${headlines[judgement.verdict]}`,
    ...judgement.clusters.map(tolerance),
    findings(
      "Denied",
      rules.filter(({ verdict }) => verdict === "denied"),
    ),
    findings(
      "Not decided",
      rules.filter(({ verdict }) => verdict === "undecided"),
    ),
    touches(judgement),
    operations(judgement),
    summary(rules),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** `faultTolerance` before and after. */
function tolerance({ name, before, after }: ClusterChange): string {
  const cell = (value: FaultTolerance | undefined, field: keyof FaultTolerance) =>
    String(value?.[field] ?? "–");
  const rows = measures.map(({ field, what }) => {
    const [was, is] = [cell(before, field), cell(after, field)];
    const mark = was !== "–" && is !== "–" && Number(is) < Number(was) ? " ⬇" : "";
    return `| ${what} | ${was} | ${is}${mark} |`;
  });
  return [
    `| cluster \`${name}\`: may be lost | before | after |`,
    "| :-- | --: | --: |",
    ...rows,
  ].join("\n");
}

function findings(title: string, rules: readonly RuleVerdict[]): string {
  if (rules.length === 0) return "";
  const lines = rules.flatMap(({ rule, findings: found, fix }) => [
    `- **${rule}**`,
    ...found.map(
      ({ message, urn }) =>
        `  - ${urn === undefined ? "" : `\`${lastOf(urn)}\`: `}${oneLine(message)}`,
    ),
    ...(fix === "" ? [] : [`  - *What to do:* ${oneLine(fix)}.`]),
  ]);
  return [`### ${title}`, "", ...lines].join("\n");
}

function touches({ touches: touched }: Judgement): string {
  if (touched.length === 0) return "";
  const lines = touched.map(({ member, what }) => `- \`${member}\`: ${what}`);
  return ["### Members taken out of service for a while", "", ...lines].join("\n");
}

function operations({ operations: counts }: Judgement): string {
  const parts = Object.entries(counts).map(([operation, count]) => `${count} ${operation}`);
  return `Steps: ${parts.length === 0 ? "none" : parts.join(", ")}.`;
}

function summary(rules: readonly RuleVerdict[]): string {
  const lines = rules.map(
    ({ rule, verdict, description }) => `| ${rule} | ${verdict} | ${oneLine(description)} |`,
  );
  return [
    `<details><summary>${rules.length} rules</summary>`,
    "",
    "| rule | verdict | what holds in a plan that passes |",
    "| :-- | :-- | :-- |",
    ...lines,
    "",
    "</details>",
  ].join("\n");
}

/** Neither a line break nor a bar may end a table's cell or a list's item. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}
