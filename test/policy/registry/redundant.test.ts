import { redundantRegistry as policy } from "../../../policy/rules/registry/redundant";
import { found } from "../judge";
import { compliantStack, registryHosts } from "../stack";

test("no registry is none of its business", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test("two hosts are allowed", () => {
  expect(found(policy, [...compliantStack(), ...registryHosts(2)])).toEqual([]);
});

test("one host is denied", () => {
  expect(found(policy, [...compliantStack(), ...registryHosts(1)])).toEqual([
    "registry-1: cluster prod: the registry needs 2 or more hosts: got 1, and nobody can pull or push when that one is lost. Use 2 hosts in one strict group.",
  ]);
});
