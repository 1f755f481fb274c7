import { Stack } from "../../../policy/facts/stack";
import { documentsOf, type StepFile, stepsOf, stepsRunning } from "../../../policy/facts/steps";
import { tokenOf, toResource, unknown } from "../judge";
import type { FixtureFile } from "../stepFiles";
import { step, triggerOf } from "../steps";

const stackOf = (...files: unknown[]) =>
  new Stack([
    toResource({
      ...step("control-plane", "master-1", files as FixtureFile[], { A: 1 }),
    }),
  ]);

test("a step is what its command's triggers say", () => {
  const files = [{ path: "/etc/a", content: "a" }];
  const secretFiles = [{ path: "/etc/b", content: "never read" }];
  const fixture = step("etcd", "etcd-1", files, { A: 1 });
  triggerOf(fixture).secretFiles = secretFiles;
  const resource = toResource(fixture);
  const stack = new Stack([resource]);
  const expected = {
    ...{ resource, step: "etcd", host: "etcd-1", params: { A: 1 } },
    files: [
      { path: "/etc/a", content: "a", secret: false },
      { path: "/etc/b", content: undefined, secret: true },
    ],
  };
  expect(stepsOf(stack)).toEqual([expected]);
  expect(stepsRunning(stack, "etcd")).toEqual([expected]);
  expect(stepsRunning(stack, "worker")).toEqual([]);
});

test.each<[string, unknown, StepFile]>([
  ["nothing", {}, { path: "", content: undefined, secret: false }],
  ["no text", { path: 1, content: 2 }, { path: "", content: undefined, secret: false }],
  [
    "what is not known yet",
    { path: "/a", content: unknown },
    { path: "/a", content: undefined, secret: false },
  ],
  ["an empty file", { path: "/a", content: "" }, { path: "/a", content: "", secret: false }],
])("a file that says %s", (_, file, expected) => {
  expect(stepsOf(stackOf(file))[0]?.files).toEqual([expected]);
});

test("what the hosts of a pool share is part of each one's step, and what a step says itself goes before", () => {
  const shared = (pool: string) => ({
    type: tokenOf("poolPreparation"),
    name: pool,
    props: {
      hash: pool,
      params: { A: "shared", B: "shared" },
      files: [{ path: "/etc/shared", content: pool }],
    },
  });
  const own = step("prepare-host", "etcd-1", [{ path: "/etc/own", content: "own" }], { A: "own" });
  triggerOf(own).shared = "etcd";
  const stack = new Stack([shared("worker"), shared("etcd"), own].map(toResource));
  const [found] = stepsOf(stack);
  expect(found?.params).toEqual({ A: "own", B: "shared" });
  expect(found?.files.map(({ path, content }) => [path, content])).toEqual([
    ["/etc/shared", "etcd"],
    ["/etc/own", "own"],
  ]);
});

test.each<[string, unknown]>([
  ["has no triggers", undefined],
  ["is run again for something else", ["ins-1", "another release"]],
  ["says a step and no script", ["ins-1", { step: "etcd" }]],
  ["says what is not known yet", unknown],
])("a command that %s is no step of ours", (_, triggers) => {
  const resource = toResource({ type: tokenOf("command"), name: "x", props: { triggers } });
  expect(stepsOf(new Stack([resource]))).toEqual([]);
});

test("documents are found by kind, in all YAML files that can be read and in no others", () => {
  const stack = stackOf(
    { path: "/a.yaml", content: "kind: A\nn: 1\n---\nkind: B\nn: 2\n" },
    { path: "/a.yml", content: "kind: A\nn: 3\n" },
    { path: "/again.yml", content: "kind: A\nn: 3\n" },
    { path: "/a.yaml.txt", content: "kind: A\nn: 4\n" },
    { path: "/unknown.yaml", content: unknown },
    { path: "/list.yaml", content: "- kind: A\n" },
  );
  const [only] = stepsOf(stack);
  if (only === undefined) throw new Error("the stack has a step");
  expect(documentsOf(stack, only, "A")).toEqual([
    { kind: "A", n: 1 },
    { kind: "A", n: 3 },
    { kind: "A", n: 3 },
  ]);
  expect(documentsOf(stack, only, "B")).toEqual([{ kind: "B", n: 2 }]);
  expect(documentsOf(stack, only, "C")).toEqual([]);
});
