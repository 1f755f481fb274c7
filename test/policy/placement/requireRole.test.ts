import { requireRole as policy } from "../../../policy/rules/placement/requireRole";
import { found, unknown } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

test("instances that all have a role are allowed", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test("an instance without a role is denied", () => {
  const stack = compliantStack();
  delete named(stack, "worker-1").props.tags;
  expect(found(policy, stack)).toEqual([
    expect.stringContaining("worker-1: the instance has no tag kubernetes-ha/role"),
  ]);
});

test("unless roles are not required", () => {
  const stack = compliantStack();
  delete named(stack, "worker-1").props.tags;
  expect(found(policy, stack, { requireRole: false })).toEqual([]);
});

test("a role that is none of ours is denied, required or not", () => {
  const stack = compliantStack();
  tagsOf(named(stack, "etcd-1"))["kubernetes-ha/role"] = "Etcd";
  const expected = expect.stringContaining('tag kubernetes-ha/role is "Etcd"') as unknown;
  expect(found(policy, stack)).toEqual([expected]);
  expect(found(policy, stack, { requireRole: false })).toEqual([expected]);
});

test.each<[string, (stack: ReturnType<typeof compliantStack>) => unknown]>([
  ["tags", (stack) => (named(stack, "etcd-1").props.tags = unknown)],
  ["a role", (stack) => (tagsOf(named(stack, "etcd-1"))["kubernetes-ha/role"] = unknown)],
  ["a cluster", (stack) => (tagsOf(named(stack, "etcd-1"))["kubernetes-ha/cluster"] = unknown)],
])("%s not known yet leave it undecided, required or not", (_, change) => {
  const stack = compliantStack();
  change(stack);
  const expected = expect.stringContaining(
    "etcd-1: cannot decide: role or cluster of the instance are known only after the update",
  ) as unknown;
  expect(found(policy, stack)).toEqual([expected]);
  expect(found(policy, stack, { requireRole: false })).toEqual([expected]);
});

test("it is mandatory, and requires roles by default", () => {
  expect(policy.level).toBe("mandatory");
  expect(policy.parameters?.requireRole.default).toBe(true);
});
