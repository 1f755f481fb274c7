import { requiredTags as policy } from "../../../policy/rules/cluster/requiredTags";
import { found, tokenOf, unknown } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

const taggable = ["instance", "disk", "vpc", "subnet", "securityGroup", "keyPair", "eip"] as const;

test("tagged resources are allowed", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test.each(["etcd-1", "etcd-1-data"])("%s without its cluster's tag is denied", (name) => {
  for (const value of [undefined, ""]) {
    const stack = compliantStack();
    tagsOf(named(stack, name))["kubernetes-ha/cluster"] = value;
    expect(found(policy, stack)).toEqual([
      `${name}: the resource has no tag kubernetes-ha/cluster. Set the tag.`,
    ]);
  }
});

test.each(["etcd-1", "etcd-1-data"])("%s whose tags are not known leaves it undecided", (name) => {
  const stack = compliantStack();
  named(stack, name).props.tags = unknown;
  expect(found(policy, stack)).toEqual([
    `${name}: cannot decide: the tags of the resource are known only after the update. Write them down in the program.`,
  ]);
});

test("a value that is not known yet is a value", () => {
  const stack = compliantStack();
  tagsOf(named(stack, "etcd-1"))["kubernetes-ha/cluster"] = unknown;
  expect(found(policy, stack)).toEqual([]);
});

test.each(taggable)("tags of your own may be asked for: %s", (kind) => {
  const tags = { "kubernetes-ha/cluster": "prod", owner: "me" };
  const resource = { type: tokenOf(kind), name: "x", props: { tags } };
  expect(found(policy, [resource], { tags: ["owner"] })).toEqual([]);
  expect(found(policy, [resource], { tags: ["owner", "a", "b"] })).toEqual([
    "x: the resource has no tag a, b. Set the tag.",
  ]);
});

test("what takes no tags needs none", () => {
  const vip = { type: tokenOf("haVip"), name: "vip", props: {} };
  expect(found(policy, [vip], { tags: ["owner"] })).toEqual([]);
});
