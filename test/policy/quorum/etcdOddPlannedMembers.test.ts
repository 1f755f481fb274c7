import { types } from "../../../policy/facts/types";
import { etcdOddPlannedMembers } from "../../../policy/rules/quorum/etcdOddPlannedMembers";
import { type FixtureResource, judgeResource, unknown } from "../judge";

function compliantComponent(): FixtureResource {
  return {
    type: types.etcdCluster,
    name: "prod-etcd",
    props: { members: ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"], version: "v3.7.3" },
  };
}

test("three members are allowed", async () => {
  expect(await judgeResource(etcdOddPlannedMembers, compliantComponent())).toEqual([]);
});

test.each([
  [["a", "b"], "got 2, which loses its quorum"],
  [["a", "b", "c", "d"], "got 4; an even count tolerates 1 lost"],
  [[], "got 0"],
  [undefined, "does not say which members it has"],
  [3, "does not say which members it has"],
])("members %j are denied", async (members, expected) => {
  const component = compliantComponent();
  component.props.members = members;
  expect(await judgeResource(etcdOddPlannedMembers, component)).toEqual([
    expect.stringContaining(expected),
  ]);
});

test("names that are not known yet still count", async () => {
  const component = compliantComponent();
  component.props.members = [unknown, unknown, unknown];
  expect(await judgeResource(etcdOddPlannedMembers, component)).toEqual([]);
});

test("members that are not known yet leave it undecided", async () => {
  const component = compliantComponent();
  component.props.members = unknown;
  expect(await judgeResource(etcdOddPlannedMembers, component)).toBe("cannot decide yet");
});

test("other components are none of its business", async () => {
  const component = { ...compliantComponent(), type: "other:index:EtcdCluster" };
  component.props.members = [];
  expect(await judgeResource(etcdOddPlannedMembers, component)).toEqual([]);
});
