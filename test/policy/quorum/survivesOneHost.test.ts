import { survivesOneHost as policy } from "../../../policy/rules/quorum/survivesOneHost";
import { type FixtureResource, found, unknown } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

type Stack = FixtureResource[];
const drop = (stack: Stack, ...names: string[]) =>
  stack.filter(({ name }) => !names.includes(name));

test("3 etcd members, 3 masters and 2 balancers in strict groups are allowed", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test.each<[string, (stack: Stack) => Stack, string]>([
  [
    "two etcd members",
    (stack) => drop(stack, "etcd-3"),
    "it has 2 etcd members, 3 masters and 2 balancers",
  ],
  [
    "one master",
    (stack) => drop(stack, "master-1", "master-2"),
    "it has 3 etcd members, 1 masters and 2 balancers",
  ],
  [
    "one balancer",
    (stack) => drop(stack, "balancer-2"),
    "it has 3 etcd members, 3 masters and 1 balancers",
  ],
])("%s is denied", (_, change, expected) => {
  expect(found(policy, change(compliantStack()))).toEqual([
    `etcd-1: cluster prod survives the loss of 0 physical machines, not 1: ${expected}. ` +
      "Add members, and put those of a role in one strict group.",
  ]);
});

test.each<[string, (stack: Stack) => unknown]>([
  ["a group with affinity 2", (stack) => (named(stack, "group-etcd").props.affinity = 2)],
  ["a group of type NONE", (stack) => (named(stack, "group-master").props.type = "NONE")],
  ["a group of a type not known yet", (stack) => (named(stack, "group-etcd").props.type = unknown)],
  [
    "a member in no group",
    (stack) => {
      delete named(stack, "master-2").from;
      delete named(stack, "master-2").props.placementGroupId;
    },
  ],
  ["a first member in a foreign group", (stack) => delete named(stack, "etcd-1").from],
  [
    "a role in no group",
    (stack) => {
      for (const name of ["balancer-1", "balancer-2"]) {
        delete named(stack, name).from;
        delete named(stack, name).props.placementGroupId;
      }
    },
  ],
  [
    "a role in a foreign group",
    (stack) => {
      delete named(stack, "balancer-1").from;
      delete named(stack, "balancer-2").from;
    },
  ],
  [
    "members in two groups",
    (stack) => {
      stack.push({ ...structuredClone(named(stack, "group-etcd")), name: "other" });
      named(stack, "etcd-2").from = { placementGroupId: ["other"] };
    },
  ],
])("%s is denied: members may share a machine", (_, change) => {
  const stack = compliantStack();
  change(stack);
  expect(found(policy, stack)).toEqual([
    expect.stringContaining("not 1: members of a role may share a machine"),
  ]);
});

test.each(["etcd", "master", "balancer"])(
  "a cluster whose %s hosts are elsewhere is judged by the others",
  (role) => {
    const stack = compliantStack().filter(({ name }) => !name.startsWith(`${role}-`));
    expect(found(policy, stack)).toEqual([]);
  },
);

test("workers and bastions are no part of it", () => {
  const stack = compliantStack().filter(({ name }) => /^(worker|bastion)/.test(name));
  expect(found(policy, stack)).toEqual([]);
});

test("two machines may be asked for, which takes five members", () => {
  const stack = compliantStack();
  const add = (like: string, name: string) =>
    stack.push({ ...structuredClone(named(stack, like)), name });
  expect(found(policy, stack, { physicalHosts: 2 })).toEqual([
    expect.stringContaining("survives the loss of 1 physical machines, not 2"),
  ]);
  add("etcd-1", "etcd-4");
  add("etcd-1", "etcd-5");
  add("balancer-1", "balancer-3");
  expect(found(policy, stack, { physicalHosts: 2 })).toEqual([]);
});

test("clusters are judged apart", () => {
  const stack = compliantStack();
  tagsOf(named(stack, "balancer-2"))["kubernetes-ha/cluster"] = "other";
  expect(found(policy, stack)).toEqual([
    expect.stringContaining("etcd-1: cluster prod survives the loss of 0"),
    expect.stringContaining("balancer-2: cluster other survives the loss of 0"),
  ]);
});
