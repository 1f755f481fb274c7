import { quorumRolesInStrictGroups as policy } from "../../../policy/rules/placement/quorumRolesInStrictGroups";
import { judgeStack, unknown } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

test("a compliant stack is allowed while the groups' ids are not known", async () => {
  expect(await judgeStack(policy, compliantStack())).toEqual([]);
});

test("and once they are", async () => {
  const stack = compliantStack();
  for (const resource of stack) {
    if ("placementGroupId" in resource.props) resource.props.placementGroupId = "ps-12345678";
  }
  expect(await judgeStack(policy, stack)).toEqual([]);
});

test("the newer input for the group is read as well", async () => {
  const stack = compliantStack();
  const member = named(stack, "etcd-1");
  delete member.props.placementGroupId;
  member.props.disasterRecoverGroupIds = [unknown];
  member.from = { disasterRecoverGroupIds: ["group-etcd"] };
  expect(await judgeStack(policy, stack)).toEqual([]);
});

test.each([["SW"], ["RACK"]])("a group of type %s is stricter still", async (type) => {
  const stack = compliantStack();
  named(stack, "group-etcd").props.type = type;
  expect(await judgeStack(policy, stack)).toEqual([]);
});

test("an absent affinity is the API's default, 1", async () => {
  const stack = compliantStack();
  delete named(stack, "group-etcd").props.affinity;
  expect(await judgeStack(policy, stack)).toEqual([]);
});

test.each([["etcd"], ["master"], ["balancer"]])("a %s in no group is denied", async (role) => {
  const stack = compliantStack();
  const host = named(stack, `${role}-2`);
  delete host.props.placementGroupId;
  delete host.from;
  expect(await judgeStack(policy, stack)).toEqual([
    `${role}-2: a host of role ${role} is in no placement group: one physical machine may carry two of them. ` +
      `Put it in the ${role} group, of type HOST.`,
  ]);
});

test("an empty id is no group", async () => {
  const stack = compliantStack();
  const host = named(stack, "etcd-2");
  host.props.placementGroupId = "";
  delete host.from;
  expect(await judgeStack(policy, stack)).toEqual([
    expect.stringContaining("is in no placement group"),
  ]);
});

test("a group with affinity 2 is denied, for each of its members", async () => {
  const stack = compliantStack();
  named(stack, "group-master").props.affinity = 2;
  const expected = expect.stringContaining(
    "has affinity 2: that many may share a machine",
  ) as unknown;
  expect(await judgeStack(policy, stack)).toEqual([expected, expected, expected]);
});

test("a group that spreads nothing is denied", async () => {
  const stack = compliantStack();
  named(stack, "group-balancer").props.type = "NONE";
  const expected = expect.stringContaining("has type NONE, which spreads nothing") as unknown;
  expect(await judgeStack(policy, stack)).toEqual([expected, expected]);
});

test("members of one role in two groups are denied, strict as both may be", async () => {
  const stack = compliantStack();
  stack.push({ ...structuredClone(named(stack, "group-etcd")), name: "group-other" });
  named(stack, "etcd-3").from = { placementGroupId: ["group-other"] };
  expect(await judgeStack(policy, stack)).toEqual([
    "etcd-3: hosts of role etcd are in different placement groups, as etcd-1 and etcd-3 are: one physical machine may " +
      "carry one of each. Use one group for the role.",
  ]);
});

test("two clusters each have groups of their own", async () => {
  const stack = compliantStack();
  stack.push({ ...structuredClone(named(stack, "group-etcd")), name: "group-other" });
  const member = structuredClone(named(stack, "etcd-3"));
  tagsOf(member)["kubernetes-ha/cluster"] = "test";
  stack.push({ ...member, name: "other-1", from: { placementGroupId: ["group-other"] } });
  expect(await judgeStack(policy, stack)).toEqual([]);
});

test("a group from outside the stack is denied: its type cannot be told", async () => {
  const stack = compliantStack();
  const host = named(stack, "etcd-1");
  host.props.placementGroupId = "ps-abcdefgh";
  delete host.from;
  expect(await judgeStack(policy, stack)).toEqual([
    expect.stringContaining(
      "etcd-1: the placement group of a host of role etcd is not part of this stack",
    ),
  ]);
});

test("an instance without a role is denied", async () => {
  const stack = compliantStack();
  delete named(stack, "worker-1").props.tags;
  expect(await judgeStack(policy, stack)).toEqual([
    expect.stringContaining("worker-1: the instance has no tag kubernetes-ha/role"),
  ]);
});

test("unless roles are not required", async () => {
  const stack = compliantStack();
  delete named(stack, "worker-1").props.tags;
  expect(await judgeStack(policy, stack, { requireRole: false })).toEqual([]);
});

test("a role that is none of ours is denied, required or not", async () => {
  const stack = compliantStack();
  tagsOf(named(stack, "etcd-1"))["kubernetes-ha/role"] = "Etcd";
  const expected = expect.stringContaining('tag kubernetes-ha/role is "Etcd"') as unknown;
  expect(await judgeStack(policy, stack)).toEqual([expected]);
  expect(await judgeStack(policy, stack, { requireRole: false })).toEqual([expected]);
});

test.each<[string, (stack: ReturnType<typeof compliantStack>) => void]>([
  ["the type of a group", (stack) => (named(stack, "group-etcd").props.type = unknown)],
  ["the role of an instance", (stack) => (named(stack, "etcd-1").props.tags = unknown)],
  ["a group's id from no group of the stack", (stack) => delete named(stack, "etcd-1").from],
])("%s that is not known yet leaves it undecided", async (_, change) => {
  const stack = compliantStack();
  change(stack);
  expect(await judgeStack(policy, stack)).toBe("cannot decide yet");
});

test("it is mandatory, and requires roles by default", () => {
  expect(policy.enforcementLevel).toBe("mandatory");
  expect(policy.configSchema?.properties["requireRole"]).toEqual({
    type: "boolean",
    default: true,
  });
});
