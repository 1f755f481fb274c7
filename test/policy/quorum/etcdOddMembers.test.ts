import { etcdOddMembers } from "../../../policy/rules/quorum/etcdOddMembers";
import { type FixtureResource, found, unknown } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

function copyOf(member: FixtureResource, name: string, cluster = "prod"): FixtureResource {
  const copy = { ...structuredClone(member), name };
  tagsOf(copy)["kubernetes-ha/cluster"] = cluster;
  return copy;
}

test("three members are allowed", () => {
  expect(found(etcdOddMembers, compliantStack())).toEqual([]);
});

test("a stack without etcd is none of its business", () => {
  const stack = compliantStack().filter(({ name }) => !name.startsWith("etcd-"));
  expect(found(etcdOddMembers, stack)).toEqual([]);
});

test.each([
  [1, "got 1, which loses its quorum with the first member. Use 3 members."],
  [2, "got 2, which loses its quorum with the first member. Use 3 members."],
  [4, "got 4; an even count tolerates 1 lost, no more than 3 do, and fails more often."],
  [6, "got 6; an even count tolerates 2 lost, no more than 5 do, and fails more often."],
  [9, "got 9; every write waits for 5 of them. Use 7 members."],
])("%i members are denied", (count, expected) => {
  const stack = compliantStack();
  const member = named(stack, "etcd-1");
  const members = Array.from({ length: count }, (_, i) => copyOf(member, `etcd-${i + 1}`));
  const rest = stack.filter(({ name }) => !name.startsWith("etcd-"));
  const verdict = found(etcdOddMembers, [...rest, ...members]);
  expect(verdict).toEqual([expect.stringContaining(expected)]);
  expect(verdict[0]).toContain("etcd-1: cluster prod: etcd needs 3, 5 or 7 members");
});

test.each([5, 7])("%i members are allowed", (count) => {
  const stack = compliantStack();
  const member = named(stack, "etcd-1");
  for (let i = 4; i <= count; i++) stack.push(copyOf(member, `etcd-${i}`));
  expect(found(etcdOddMembers, stack)).toEqual([]);
});

test("a member that lost its role is missed", () => {
  const stack = compliantStack();
  delete tagsOf(named(stack, "etcd-3"))["kubernetes-ha/role"];
  expect(found(etcdOddMembers, stack)).toEqual([expect.stringContaining("got 2")]);
});

test("clusters are counted apart: two of two members are not four, and 3 + 3 is no 6", () => {
  const stack = compliantStack();
  const member = named(stack, "etcd-1");
  for (const name of ["x", "y", "z"]) stack.push(copyOf(member, name, "test"));
  expect(found(etcdOddMembers, stack)).toEqual([]);
  expect(found(etcdOddMembers, stack.slice(0, -1))).toEqual([
    expect.stringContaining("cluster test: etcd needs 3, 5 or 7 members: got 2"),
  ]);
});

test("members without a cluster's tag are counted together, and named so", () => {
  const stack = compliantStack();
  delete tagsOf(named(stack, "etcd-1"))["kubernetes-ha/cluster"];
  expect(found(etcdOddMembers, stack)).toEqual([
    expect.stringContaining("cluster (no cluster tag): etcd needs 3, 5 or 7 members: got 1"),
    expect.stringContaining("cluster prod: etcd needs 3, 5 or 7 members: got 2"),
  ]);
});

test("a member that is not known to be one is missed", () => {
  const stack = compliantStack();
  tagsOf(named(stack, "etcd-2"))["kubernetes-ha/role"] = unknown;
  expect(found(etcdOddMembers, stack)).toEqual([expect.stringContaining("got 2")]);
});

test("it is mandatory", () => {
  expect(etcdOddMembers.level).toBe("mandatory");
});

test("a master whose tag says that it holds a member is counted", () => {
  const stack = compliantStack();
  tagsOf(named(stack, "master-1"))["kubernetes-ha/duties"] = "controlPlane etcd";
  expect(found(etcdOddMembers, stack)).toEqual([expect.stringContaining("got 4")]);
  tagsOf(named(stack, "master-2"))["kubernetes-ha/duties"] = "controlPlane etcd";
  expect(found(etcdOddMembers, stack)).toEqual([]);
});
