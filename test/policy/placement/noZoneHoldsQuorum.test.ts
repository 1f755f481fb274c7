import { noZoneHoldsQuorum as policy } from "../../../policy/rules/placement/noZoneHoldsQuorum";
import { found, unknown } from "../judge";
import { compliantStack, named } from "../stack";

function inZones(...zones: unknown[]) {
  const stack = compliantStack();
  zones.forEach((zone, index) => {
    named(stack, `etcd-${index + 1}`).props.availabilityZone = zone;
  });
  return stack;
}

test.each([
  ["one zone", ["a", "a", "a"]],
  ["three zones", ["a", "b", "c"]],
])("members in %s are allowed", (_, zones) => {
  expect(found(policy, inZones(...zones))).toEqual([]);
});

test("two of three in one zone are denied", () => {
  expect(found(policy, inZones("a", "b", "a"))).toEqual([
    "etcd-1: cluster prod: a holds 2 of 3 etcd members, a quorum, so the other zones add nothing. " +
      "Leave at most 1 in one zone, or put all in one.",
  ]);
});

test("a member without a zone counts as one elsewhere", () => {
  expect(found(policy, inZones("a", undefined, "a"))).toEqual([
    expect.stringContaining("a holds 2 of 3"),
  ]);
});

test("masters may be where they like", () => {
  const stack = compliantStack();
  named(stack, "master-3").props.availabilityZone = "b";
  expect(found(policy, stack)).toEqual([]);
});

test("a zone that is not known yet leaves it undecided", () => {
  expect(found(policy, inZones("a", unknown))).toEqual([
    "etcd-1: cannot decide: cluster prod: the zone of an etcd member is known only after the update. " +
      "Write the zones down in the program.",
  ]);
});
