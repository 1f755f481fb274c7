import { judge } from "../../../policy/check/judge";
import { PreviewError, readPreview } from "../../../policy/check/preview";
import { addMember, livingCluster, previewOf } from "./stack";

/** Mark of a text that is known only after the update. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const step = (op: string, name: string, more: object = {}) => ({
  op,
  urn: `urn:pulumi:prod::kubernetes::pulumi:pulumi:Stack::${name}`,
  ...more,
});

test.each<[string, string, string]>([
  ["nothing", "", "not JSON: it is empty"],
  ["what people read", "Previewing update (prod):", "not JSON: Previewing update (prod):"],
  ["another JSON", '{"steps":[{"urn":1}]}', "not a preview: steps.0"],
  ["no steps", "{}", "has no steps"],
  [
    "a program that failed",
    JSON.stringify({
      steps: [step("create", "prod")],
      diagnostics: [{ severity: "error", message: "etcd.members: got 4\n" }],
    }),
    "the preview failed, so nothing can be said of the plan:\netcd.members: got 4",
  ],
  [
    "a plan that the engine refuses",
    JSON.stringify({
      steps: [step("same", "prod")],
      diagnostics: [
        {
          severity: "error",
          message: "unable to replace resource\nas it is currently marked for protection",
        },
      ],
    }),
    "marked for protection\nTo have it judged nevertheless, make it with --ignore-protect.",
  ],
  [
    "a preview that leaves out what stays",
    JSON.stringify({ steps: [step("same", "prod")], changeSummary: { same: 3, update: 1 } }),
    "3 resources stay the same, but the preview shows 1 of them: members that stay cannot be counted. Make it with --show-sames.",
  ],
])("%s is refused", (_, text, message) => {
  expect(() => readPreview(text)).toThrow(PreviewError);
  expect(() => readPreview(text)).toThrow(message);
});

test("an operation that is not known is refused", () => {
  const preview = readPreview(JSON.stringify({ steps: [step("explode", "prod")] }));
  expect(() => judge(preview)).toThrow(/has operation "explode"; known are same, read/);
});

test("steps of one replacement are one replacement", () => {
  const before = livingCluster();
  const preview = previewOf(before, before.copy());
  const replaced = preview.steps.find(({ urn }) => urn.endsWith(":Instance::etcd-1"));
  if (replaced === undefined) throw new Error("the fixture has no etcd-1");
  const { newState, ...old } = replaced;
  const { oldState, ...made } = replaced;
  expect([newState, oldState]).not.toContain(undefined);
  preview.steps.push(
    { ...made, op: "create-replacement" },
    { ...replaced, op: "replace" },
    { ...old, op: "delete-replaced" },
  );
  expect(judge(preview).touches).toEqual([{ member: "etcd-1", what: "its instance is replaced" }]);
});

test("what comes after a refresh counts, not the refresh", () => {
  const before = livingCluster();
  const after = before.copy();
  after.instance("etcd-1").inputs["instanceType"] = "S5.2XLARGE32";
  const preview = previewOf(before, after);
  preview.steps.unshift(...preview.steps.map((step) => ({ ...step, op: "refresh" })));
  expect(judge(preview).touches).toEqual([
    { member: "etcd-1", what: "its instance is stopped or reset, as instanceType changes" },
  ]);
});

test("tags that are not known leave the plan undecided", () => {
  const before = livingCluster();
  const after = before.copy();
  addMember(after, "worker", "worker-2");
  after.instance("worker-2").inputs["tags"] = unknown;
  const { verdict, rules } = judge(previewOf(before, after));
  expect(verdict).toBe("undecided");
  expect(rules.find(({ rule }) => rule === "change-members-known")).toMatchObject({
    verdict: "undecided",
    findings: [{ message: expect.stringContaining("known only after the update") as unknown }],
  });
});
