import { Stack } from "../../../policy/facts/stack";
import { documentsOf, type StepFile, stepsOf, stepsRunning } from "../../../policy/facts/steps";
import { tokenOf, toResource, unknown } from "../judge";
import { step } from "../steps";

const stackOf = (...files: unknown[]) =>
  new Stack([
    toResource({
      ...step("control-plane", "master-1"),
      props: { step: "control-plane", host: "master-1", params: { A: 1 }, files },
    }),
  ]);

test("a step is what its component registers", () => {
  const files = [{ path: "/etc/a", content: "a" }];
  const secretFiles = [{ path: "/etc/b", content: "never read" }];
  const props = { step: "etcd", host: "etcd-1", params: { A: 1 }, files, secretFiles };
  const resource = toResource({ type: tokenOf("remoteStep"), name: "etcd-1-etcd", props });
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

test("a step that says nothing of itself", () => {
  const resource = toResource({ type: tokenOf("remoteStep"), name: "x", props: {} });
  expect(stepsOf(new Stack([resource]))).toEqual([
    { resource, step: "", host: "", params: {}, files: [] },
  ]);
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
