import { etcdSnapshots as policy } from "../../../policy/rules/data/etcdSnapshots";
import { found } from "../judge";
import { clusterComponent, step } from "../steps";

const members = ["etcd-1", "etcd-2", "etcd-3"];
const stack = (taking: (host: string) => string | undefined) => [
  clusterComponent(),
  ...members.flatMap((host) => {
    const enabled = taking(host);
    const snapshots =
      enabled === undefined ? [] : [step("etcd-upkeep", host, [], { SNAPSHOTS: enabled })];
    return [step("etcd", host), ...snapshots];
  }),
];

test("members that take snapshots are allowed", () => {
  expect(
    found(
      policy,
      stack(() => "yes"),
    ),
  ).toEqual([]);
});

test.each([
  ["has them switched off", "no"],
  ["has no step for them", undefined],
])("a member that %s is denied", (_, enabled) => {
  expect(
    found(
      policy,
      stack((host) => (host === "etcd-2" ? enabled : "yes")),
    ),
  ).toEqual(["etcd-2-etcd: etcd-2 takes no snapshots. Set etcd.snapshots.enabled to true."]);
});
