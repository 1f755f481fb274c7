import { redundantEntry as policy } from "../../../policy/rules/entry/redundant";
import { listener, targetGroup, targets } from "../clb";
import { found, tokenOf } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";

const without = (...gone: string[]) => compliantStack().filter(({ name }) => !gone.includes(name));
const noBalancers = () => without("balancer-1", "balancer-2");

test("two balancers are allowed", () => {
  expect(found(policy, compliantStack())).toEqual([]);
});

test("one balancer is denied, CLB or not", () => {
  const expected = [
    "balancer-2: cluster prod: the API entry needs 2 or more balancers: got 1, and the VIP has nowhere to go. " +
      "Use 2 hosts a layer, a CLB with all masters behind it, or a proxy on every node.",
  ];
  expect(found(policy, without("balancer-1"))).toEqual(expected);
  expect(
    found(policy, [...without("balancer-1"), listener(), targets("master-1", "master-2")]),
  ).toEqual(expected);
});

test("no entry at all is denied", () => {
  expect(found(policy, noBalancers())).toEqual([
    expect.stringContaining(
      "master-1: cluster prod: the API entry needs 2 or more balancers: got 0",
    ),
  ]);
});

test("a CLB with two masters behind it will do", () => {
  const stack = [...noBalancers(), listener(), targets("master-1", "master-2")];
  expect(found(policy, stack)).toEqual([]);
});

test("a target group with two masters in it, too, and one with one is denied", () => {
  const behind = (...masters: string[]) =>
    found(policy, [...noBalancers(), listener(), ...targetGroup(...masters)]);
  expect(behind("master-1", "master-2")).toEqual([]);
  expect(behind("master-1")).toEqual([
    expect.stringContaining("group: the CLB has 1 masters behind it"),
  ]);
  expect(behind("worker-1", "worker-2")).toEqual([expect.stringContaining("got 0")]);
});

test("with one master behind it, it is denied", () => {
  expect(found(policy, [...noBalancers(), listener(), targets("master-1")])).toEqual([
    "targets: the CLB has 1 masters behind it that get connections. Put all masters behind it, with a weight above 0.",
  ]);
});

test("a target that is drained gets no connections", () => {
  const drained = targets("master-1", "master-2");
  (drained.props.targets as { weight?: number }[])[1] = { weight: 0 };
  expect(found(policy, [...compliantStack(), listener(), drained])).toEqual([
    expect.stringContaining("targets: the CLB has 1 masters behind it"),
  ]);
  (drained.props.targets as { weight?: number }[])[1] = {};
  expect(found(policy, [...compliantStack(), listener(), drained])).toEqual([]);
});

test("a CLB of the workers, or of another cluster, is no entry", () => {
  const workers = [...noBalancers(), listener(), targets("worker-1", "worker-2")];
  expect(found(policy, workers)).toEqual([expect.stringContaining("got 0")]);
  const other = [...noBalancers(), listener(), targets("master-1", "master-2")];
  tagsOf(named(other, "master-3"))["kubernetes-ha/cluster"] = "other";
  expect(found(policy, other)).toEqual([
    expect.stringContaining("master-3: cluster other: the API entry needs 2 or more balancers"),
  ]);
});

test("a proxy on every node will do, for the cluster that has it", () => {
  const entry = (cluster: string) => ({
    type: tokenOf("nodeLocalEntry"),
    name: "entry",
    props: { cluster, entry: { kind: "nodeLocal" } },
  });
  expect(found(policy, [...noBalancers(), entry("prod")])).toEqual([]);
  expect(found(policy, [...noBalancers(), entry("other")])).toEqual([
    expect.stringContaining("got 0"),
  ]);
  // Whose one balancer is left over from another kind has to say which way its nodes go.
  expect(found(policy, [...without("balancer-1"), entry("prod")])).toEqual([
    expect.stringContaining("got 1"),
  ]);
});

test("a stack without masters has no API", () => {
  const stack = compliantStack().filter(({ name }) => name.startsWith("etcd"));
  expect(found(policy, stack)).toEqual([]);
});

describe("directors", () => {
  const directors = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...named(compliantStack(), "balancer-1"),
      name: `director-${index + 1}`,
      props: { tags: { "kubernetes-ha/cluster": "prod", "kubernetes-ha/role": "director" } },
    }));

  test("may stand before balancers, or straight before the masters", () => {
    expect(found(policy, [...compliantStack(), ...directors(2)])).toEqual([]);
    expect(found(policy, [...noBalancers(), ...directors(2)])).toEqual([]);
  });

  test("that are one are denied, and so is one balancer behind them", () => {
    expect(found(policy, [...noBalancers(), ...directors(1)])).toEqual([
      expect.stringContaining(
        "director-1: cluster prod: the API entry needs 2 or more directors: got 1",
      ),
    ]);
    expect(found(policy, [...without("balancer-1"), ...directors(2)])).toEqual([
      expect.stringContaining("balancer-2: cluster prod: the API entry needs 2 or more balancers"),
    ]);
  });
});
