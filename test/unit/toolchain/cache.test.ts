import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupKey } from "../../../toolchain/cache";
import { groupOf, type Group } from "../../../toolchain/groups";
import { defaultName } from "../../../toolchain/obtain";

let modules: string;

function write(file: string, text: string): void {
  writeFileSync(join(modules, file), text);
}

beforeEach(() => {
  modules = mkdtempSync(join(tmpdir(), "kha-modules-"));
  for (const module of ["crane", "command"]) {
    mkdirSync(join(modules, module));
    write(`${module}/go.mod`, "module m");
    write(`${module}/go.sum`, "sums");
    write(`${module}/main.go`, "package main");
    write(`${module}/main_test.go`, "package main");
  }
});

afterEach(() => rmSync(modules, { recursive: true }));

const theirs = groupOf("crane");
const ours = groupOf("command");

test("the key starts with the version and stays the same", () => {
  expect(groupKey(theirs, modules)).toMatch(new RegExp(`^${theirs.version}-[0-9a-f]{12}$`));
  expect(groupKey(theirs, modules)).toBe(groupKey(theirs, modules));
});

test.each<[string, Group, string, boolean]>([
  ["go.mod", theirs, "crane/go.mod", true],
  ["go.sum", theirs, "crane/go.sum", true],
  ["source that is not the program", theirs, "crane/main.go", false],
  ["our own source", ours, "command/main.go", true],
  ["a new file of our own source", ours, "command/schema.json", true],
  ["tests of our own source", ours, "command/main_test.go", false],
  ["notes", ours, "command/README.md", false],
])("a change of %s", (_, group, file, changes) => {
  const before = groupKey(group, modules);
  write(file, "changed");
  expect(groupKey(group, modules) !== before).toBe(changes);
});

test.each<[string, Partial<Group>]>([
  ["link flags", { linkFlags: "-s" }],
  ["cgo", { cgo: true }],
  ["version", { version: "9.9.9" }],
  ["programs", { programs: { other: "crane" } }],
  [
    "files of a dependency that are embedded",
    { embedded: { "a.json": { module: "m", path: "a.json" } } },
  ],
])("a change of %s changes the key", (_, change) => {
  expect(groupKey({ ...theirs, ...change }, modules)).not.toBe(groupKey(theirs, modules));
});

test.each([
  ["go.etcd.io/etcd/server/v3", "server"],
  ["k8s.io/kubernetes/cmd/kubectl", "kubectl"],
  ["github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2", "containerd-shim-runc-v2"],
])("go build calls %s %s", (path, name) => {
  expect(defaultName(path)).toBe(name);
});
