import { etcdOddPlannedMembers } from "../../../policy/rules/quorum/etcdOddPlannedMembers";
import { type FixtureResource, found, tokenOf, unknown } from "../judge";

function compliantComponent(): FixtureResource {
  return {
    type: tokenOf("etcdCluster"),
    name: "prod-etcd",
    props: { members: ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"], version: "v3.7.3" },
  };
}

test("three members are allowed", () => {
  expect(found(etcdOddPlannedMembers, [compliantComponent()])).toEqual([]);
});

test.each([
  [["a", "b"], "got 2, which loses its quorum"],
  [["a", "b", "c", "d"], "got 4; an even count tolerates 1 lost"],
  [[], "got 0"],
  [undefined, "does not say which members it has"],
  [3, "does not say which members it has"],
])("members %j are denied", (members, expected) => {
  const component = compliantComponent();
  component.props.members = members;
  expect(found(etcdOddPlannedMembers, [component])).toEqual([expect.stringContaining(expected)]);
});

test("names that are not known yet still count", () => {
  const component = compliantComponent();
  component.props.members = [unknown, unknown, unknown];
  expect(found(etcdOddPlannedMembers, [component])).toEqual([]);
});

test("members that are not known yet leave it undecided", () => {
  const component = compliantComponent();
  component.props.members = unknown;
  expect(found(etcdOddPlannedMembers, [component])).toEqual([
    expect.stringContaining("cannot decide: the members of the component are known only after"),
  ]);
});

test("other components are none of its business", () => {
  const component = { ...compliantComponent(), type: "other:index:EtcdCluster" };
  component.props.members = [];
  expect(found(etcdOddPlannedMembers, [component])).toEqual([]);
});
