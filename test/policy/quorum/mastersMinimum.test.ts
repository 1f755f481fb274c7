import { mastersMinimum } from "../../../policy/rules/quorum/mastersMinimum";
import { found } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

const without = (...names: string[]) =>
  compliantStack().filter(({ name }) => !names.includes(name));

test.each([[[]], [["master-3"]]])("without %j there are enough masters", (gone: string[]) => {
  expect(found(mastersMinimum, without(...gone))).toEqual([]);
});

test("one master is denied", () => {
  expect(found(mastersMinimum, without("master-1", "master-2"))).toEqual([
    "master-3: cluster prod: masters need 2 or more members: got 1, and the API is gone with the first one lost. " +
      "Use 2 or more masters; 3 keep two while one is upgraded.",
  ]);
});

test("none is denied where there is etcd", () => {
  expect(found(mastersMinimum, without("master-1", "master-2", "master-3"))).toEqual([
    expect.stringContaining("etcd-1: cluster prod: masters need 2 or more members: got 0"),
  ]);
});

test("a stack with workers only is none of its business", () => {
  const workers = compliantStack().filter(({ name }) => name.startsWith("worker"));
  expect(found(mastersMinimum, workers)).toEqual([]);
});

test("clusters are counted apart", () => {
  const stack = compliantStack();
  tagsOf(named(stack, "master-3"))["kubernetes-ha/cluster"] = "other";
  expect(found(mastersMinimum, stack)).toEqual([
    expect.stringContaining("master-3: cluster other: masters need 2 or more members: got 1"),
  ]);
});
