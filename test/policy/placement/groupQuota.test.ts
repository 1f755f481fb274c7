import { groupQuota as policy } from "../../../policy/rules/placement/groupQuota";
import { found } from "../judge";
import { compliantStack, named } from "../stack";

/** A stack whose etcd group is of a type and has so many members. */
function withMembers(type: string, count: number) {
  const stack = compliantStack();
  named(stack, "group-etcd").props.type = type;
  for (let i = 4; i <= count; i++) {
    stack.push({ ...structuredClone(named(stack, "etcd-1")), name: `etcd-${i}` });
  }
  return stack;
}

test.each([
  ["HOST", 50],
  ["SW", 20],
  ["RACK", 30],
])("a group of type %s holds %i members and no more", (type, quota) => {
  expect(found(policy, withMembers(type, quota))).toEqual([]);
  expect(found(policy, withMembers(type, quota + 1))).toEqual([
    `group-etcd: the group has ${quota + 1} members, but one of type ${type} holds ${quota}. ` +
      "Use a second group for members that share no quorum, or have the quota raised and say so in this rule's parameters.",
  ]);
});

test.each([
  ["HOST", { host: 2 }, ["group-etcd", "group-master"]],
  ["SW", { sw: 2 }, ["group-etcd"]],
  ["RACK", { rack: 2 }, ["group-etcd"]],
])("the account's own quota for %s may be given", (type, parameters, groups) => {
  expect(found(policy, withMembers(type, 3), parameters)).toEqual(
    groups.map((group) => expect.stringContaining(`${group}: the group has 3 members`) as unknown),
  );
});

test("a type that is none is another rule's business, and so are groups of other stacks", () => {
  const stack = withMembers("NONE", 60);
  delete named(stack, "master-1").from;
  delete named(stack, "worker-1").from;
  expect(found(policy, stack, { host: 3 })).toEqual([]);
});
