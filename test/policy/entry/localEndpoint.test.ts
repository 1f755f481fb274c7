import { localEndpoint as policy } from "../../../policy/rules/entry/localEndpoint";
import { listener, targetGroup, targets } from "../clb";
import { found, type FixtureResource, tokenOf } from "../judge";
import { compliantStack, named, tagsOf } from "../stack";
import { step } from "../steps";

/** A cluster with a step that makes a master, and with a way past the load balancer if it has one. */
function stack(hasWay: boolean): FixtureResource[] {
  const hosts = compliantStack();
  named(hosts, "master-1").props.instanceName = "master-1";
  return [
    ...hosts,
    step("control-plane", "master-1"),
    ...(hasWay ? [step("local-endpoint", "master-1")] : []),
  ];
}

const behind = [
  ["targets of its listener", [listener(), targets("master-1", "master-2")]],
  ["a target group", [listener(), ...targetGroup("master-1", "master-2")]],
] as const;

describe.each(behind)("a CLB with %s", (_, clb) => {
  test("before masters that have a way past it is allowed", () =>
    expect(found(policy, [...stack(true), ...clb])).toEqual([]));

  test("before a master that has none is denied", () =>
    expect(found(policy, [...stack(false), ...clb])).toEqual([
      "master-1-control-plane: master master-1 is behind a CLB, and has no other way to the API. " +
        "Lead what masters and their pods send to the CLB to a proxy of their own, as the entry of kind clb does, and bind its address nowhere.",
    ]));
});

test("masters behind no CLB need none", () => expect(found(policy, stack(false))).toEqual([]));

test("masters of another cluster are none of its", () => {
  const both = [...stack(false), listener(), ...targetGroup("master-2", "master-3")];
  expect(found(policy, both)).toHaveLength(1);
  tagsOf(named(both, "master-1"))["kubernetes-ha/cluster"] = "other";
  expect(found(policy, both)).toEqual([]);
});

describe("the address of a CLB", () => {
  const clb: FixtureResource = {
    type: tokenOf("balancer"),
    name: "clb",
    props: { networkType: "INTERNAL", vip: "10.0.0.11" },
  };
  const keepalived = (address: string) =>
    step("balancer", "master-1", [
      {
        path: "/etc/keepalived/keepalived.conf",
        content: `virtual_ipaddress {\n  ${address}/32 dev eth0\n}`,
      },
    ]);

  test("on an interface of a host is denied", () =>
    expect(found(policy, [clb, keepalived("10.0.0.11")])).toEqual([
      expect.stringContaining("puts 10.0.0.11, the address of a CLB, on an interface of master-1"),
    ]));

  test("is not another one that begins alike", () =>
    expect(found(policy, [clb, keepalived("10.0.0.110")])).toEqual([]));
});
