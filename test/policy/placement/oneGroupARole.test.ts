import { oneGroupARole as policy } from "../../../policy/rules/placement/oneGroupARole";
import { found } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

test("one group a role is allowed", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test("members of one role in two groups are denied, strict as both may be", () => {
  const stack = compliantStack();
  stack.push({ ...structuredClone(named(stack, "group-etcd")), name: "group-other" });
  named(stack, "etcd-3").from = { placementGroupId: ["group-other"] };
  expect(found(policy, stack)).toEqual([
    "etcd-3: hosts of role etcd are in different placement groups, as etcd-1 and etcd-3 are: one physical machine may " +
      "carry one of each. Use one group for the role.",
  ]);
});

test("two clusters each have groups of their own", () => {
  const stack = compliantStack();
  stack.push({ ...structuredClone(named(stack, "group-etcd")), name: "group-other" });
  const member = structuredClone(named(stack, "etcd-3"));
  tagsOf(member)["kubernetes-ha/cluster"] = "test";
  stack.push({ ...member, name: "other-1", from: { placementGroupId: ["group-other"] } });
  expect(found(policy, stack)).toEqual([]);
});

test("where the group is not known there is nothing to compare; another rule denies that", () => {
  const stack = compliantStack();
  const host = named(stack, "etcd-1");
  host.props.placementGroupId = "ps-abcdefgh";
  delete host.from;
  delete named(stack, "etcd-2").props.placementGroupId;
  delete named(stack, "etcd-2").from;
  expect(found(policy, stack)).toEqual([]);
});

test("workers may be in as many groups as they like", () => {
  const stack = compliantStack();
  named(stack, "worker-1").from = { placementGroupId: ["group-etcd"] };
  named(stack, "worker-2").from = { placementGroupId: ["group-master"] };
  expect(found(policy, stack)).toEqual([]);
});
