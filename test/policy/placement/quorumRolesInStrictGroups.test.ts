import { quorumRolesInStrictGroups as policy } from "../../../policy/rules/placement/quorumRolesInStrictGroups";
import { found, unknown } from "../judge";
import { compliantStack as stackWithout, named, registryHosts } from "../stack";

const compliantStack = () => [...stackWithout(), ...registryHosts(2)];

test("a compliant stack is allowed while the groups' ids are not known", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test("and once they are", () => {
  const stack = compliantStack();
  for (const resource of stack) {
    if ("placementGroupId" in resource.props) resource.props.placementGroupId = "ps-12345678";
  }
  expect(found(policy, stack)).toEqual([]);
});

test("the newer input for the group is read as well", () => {
  const stack = compliantStack();
  const member = named(stack, "etcd-1");
  delete member.props.placementGroupId;
  member.props.disasterRecoverGroupIds = [unknown];
  member.from = { disasterRecoverGroupIds: ["group-etcd"] };
  expect(found(policy, stack)).toEqual([]);
});

test.each([["SW"], ["RACK"]])("a group of type %s is stricter still", (type) => {
  const stack = compliantStack();
  named(stack, "group-etcd").props.type = type;
  expect(found(policy, stack)).toEqual([]);
});

test("an absent affinity is the API's default, 1", () => {
  const stack = compliantStack();
  delete named(stack, "group-etcd").props.affinity;
  expect(found(policy, stack)).toEqual([]);
});

test.each([["etcd"], ["master"], ["balancer"], ["registry"]])(
  "a %s in no group is denied",
  (role) => {
    const stack = compliantStack();
    const host = named(stack, `${role}-2`);
    delete host.props.placementGroupId;
    delete host.from;
    expect(found(policy, stack)).toEqual([
      `${role}-2: a host of role ${role} is in no placement group: one physical machine may carry two of them. ` +
        `Put it in the ${role} group, of type HOST.`,
    ]);
  },
);

test("an empty id is no group", () => {
  const stack = compliantStack();
  const host = named(stack, "etcd-2");
  host.props.placementGroupId = "";
  delete host.from;
  expect(found(policy, stack)).toEqual([expect.stringContaining("is in no placement group")]);
});

test("a group with affinity 2 is denied, for each of its members", () => {
  const stack = compliantStack();
  named(stack, "group-master").props.affinity = 2;
  const expected = expect.stringContaining(
    "has affinity 2: that many may share a machine",
  ) as unknown;
  expect(found(policy, stack)).toEqual([expected, expected, expected]);
});

test("a group of partitions is denied: members of one may share a machine", () => {
  const stack = compliantStack();
  named(stack, "group-balancer").props.strategy = "PARTITION";
  const expected = expect.stringContaining("has strategy PARTITION") as unknown;
  expect(found(policy, stack)).toEqual([expected, expected]);
  named(stack, "group-balancer").props.strategy = "SPREAD";
  expect(found(policy, stack)).toEqual([]);
});

test("two of a role on one dedicated host are denied, two of different roles are not", () => {
  const stack = compliantStack();
  for (const name of ["etcd-1", "master-1"]) named(stack, name).props.cdhHostId = "host-1";
  expect(found(policy, stack)).toEqual([]);
  named(stack, "etcd-3").props.cdhHostId = "host-1";
  expect(found(policy, stack)).toEqual([
    "etcd-3: hosts etcd-1 and etcd-3 of role etcd are both on the dedicated host host-1. Give each a dedicated host of its own.",
  ]);
});

test("a group that spreads nothing is denied", () => {
  const stack = compliantStack();
  named(stack, "group-balancer").props.type = "NONE";
  const expected = expect.stringContaining("has type NONE, which spreads nothing") as unknown;
  expect(found(policy, stack)).toEqual([expected, expected]);
});

test("a group from outside the stack is denied: its type cannot be told", () => {
  const stack = compliantStack();
  const host = named(stack, "etcd-1");
  host.props.placementGroupId = "ps-abcdefgh";
  delete host.from;
  expect(found(policy, stack)).toEqual([
    expect.stringContaining(
      "etcd-1: cannot decide: the placement group of a host of role etcd is not part of this stack",
    ),
  ]);
});

test.each(["type", "affinity", "strategy"])(
  "a group's %s that is not known yet leaves it undecided",
  (input) => {
    const stack = compliantStack();
    named(stack, "group-balancer").props[input] = unknown;
    const expected = expect.stringContaining(
      `cannot decide: the ${input} of the placement group of role balancer is known only after the update`,
    ) as unknown;
    expect(found(policy, stack)).toEqual([expected, expected]);
  },
);

test("an id that comes from no group of the stack leaves it undecided", () => {
  const stack = compliantStack();
  delete named(stack, "etcd-1").from;
  expect(found(policy, stack)).toEqual([
    expect.stringContaining("etcd-1: cannot decide: the placement group of a host of role etcd"),
  ]);
});

test("it is mandatory", () => {
  expect(policy.level).toBe("mandatory");
});
