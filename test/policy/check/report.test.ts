import { judge } from "../../../policy/check/judge";
import { renderReport } from "../../../policy/check/report";
import { renderSarif } from "../../../policy/check/sarif";
import { livingCluster, previewOf, removeMember } from "./stack";

function withoutOne() {
  const before = livingCluster();
  const after = before.copy();
  removeMember(after, "etcd-3");
  return judge(previewOf(before, after));
}

test("a denied plan: what is lost, what denies it, what to do", () => {
  const report = renderReport(withoutOne());
  expect(report).toContain("## ❌ High availability: this plan is denied");
  expect(report).toContain("| physical machines | 1 | 0 ⬇ |\n| etcd members | 1 | 0 ⬇ |");
  expect(report).toContain("| masters | 2 | 2 |");
  expect(report).toContain(
    "- **change-departures**\n  - `etcd-3`: etcd member etcd-3 is deleted without a departure\n  - *What to do:* First make",
  );
  expect(report).toContain("- `etcd-3`: it leaves");
  expect(report).toContain("Steps: 4 delete.");
  expect(report).toMatch(/\| quorum-etcd-odd-members \| denied \|/);
});

test("a plan without changes", () => {
  const before = livingCluster();
  const report = renderReport(judge(previewOf(before, before.copy())));
  expect(report).toContain("## ✅ High availability: this plan keeps it");
  expect(report).toContain("Steps: none.");
  expect(report).not.toContain("### Denied");
});

test("no message breaks a list or a table", () => {
  const judgement = withoutOne();
  const [rule] = judgement.rules;
  if (rule === undefined) throw new Error("no rules");
  const report = renderReport({
    ...judgement,
    rules: [{ ...rule, verdict: "denied", findings: [{ message: "one\n  two | three" }] }],
  });
  expect(report).toContain("  - one two \\| three\n");
});

test("SARIF: one result a finding, at the stack's configuration, with its resource", () => {
  const judgement = withoutOne();
  const { version, runs } = JSON.parse(renderSarif(judgement, "Pulumi.prod.yaml")) as {
    version: string;
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; level: string; message: { text: string }; locations: unknown[] }[];
    }[];
  };
  expect(version).toBe("2.1.0");
  const [run] = runs;
  expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(
    judgement.rules.map(({ rule }) => rule),
  );
  const result = run?.results.find(({ ruleId }) => ruleId === "change-departures");
  expect(result).toMatchObject({
    level: "error",
    message: {
      text: expect.stringContaining("is deleted without a departure. First make") as unknown,
    },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: "Pulumi.prod.yaml" } },
        logicalLocations: [
          { fullyQualifiedName: expect.stringMatching(/:Instance::etcd-3$/) as unknown },
        ],
      },
    ],
  });
});
