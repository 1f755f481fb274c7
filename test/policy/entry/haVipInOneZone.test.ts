import { haVipInOneZone as policy } from "../../../policy/rules/entry/haVipInOneZone";
import { type FixtureResource, found, tokenOf, unknown } from "../judge";
import { compliantStack, named } from "../stack";

function stack(): FixtureResource[] {
  const hosts = compliantStack();
  const subnet = (name: string) => ({ type: tokenOf("subnet"), name, props: {} });
  const attachment = (balancer: string) => ({
    type: tokenOf("haVipAttachment"),
    name: `vip-${balancer}`,
    props: {},
    from: { haVipId: ["vip"], instanceId: [balancer] },
  });
  for (const name of ["balancer-1", "balancer-2"]) {
    const host = named(hosts, name);
    host.props.subnetId = unknown;
    host.from = { ...host.from, subnetId: ["subnet-a"] };
  }
  return [
    subnet("subnet-a"),
    subnet("subnet-b"),
    ...hosts,
    {
      type: tokenOf("haVip"),
      name: "vip",
      props: { subnetId: unknown },
      from: { subnetId: ["subnet-a"] },
    },
    attachment("balancer-1"),
    attachment("balancer-2"),
  ];
}
function edited(change: (resources: FixtureResource[]) => unknown) {
  const resources = stack();
  change(resources);
  return found(policy, resources);
}
const move = (resources: FixtureResource[], name: string, subnet: string) => {
  const host = named(resources, name);
  host.from = { ...host.from, subnetId: [subnet] };
};

test("balancers in the HAVIP's subnet are allowed", () => {
  expect(found(policy, stack())).toEqual([]);
});

test("one in another zone is denied", () => {
  expect(edited((r) => (named(r, "balancer-2").props.availabilityZone = "ap-guangzhou-7"))).toEqual(
    [
      "balancer-1: cluster prod: the balancers are in ap-guangzhou-6, ap-guangzhou-7, but a HAVIP belongs to one subnet, so to one zone. " +
        "Put all who may take it in the subnet of the HAVIP; for an entry over zones use a CLB.",
    ],
  );
});

test("without a HAVIP they may be where they like", () => {
  const resources = stack().filter(({ name }) => name !== "vip");
  named(resources, "balancer-2").props.availabilityZone = "b";
  move(resources, "balancer-1", "subnet-b");
  expect(found(policy, resources)).toEqual([]);
});

test("one in another subnet of the zone is denied", () => {
  const expected = [
    "balancer-2: balancer-2 may take the HAVIP vip, but is in another subnet. " +
      "Put all who may take it in the subnet of the HAVIP; for an entry over zones use a CLB.",
  ];
  expect(edited((r) => move(r, "balancer-2", "subnet-b"))).toEqual(expected);
  expect(edited((r) => move(r, "vip", "subnet-b"))).toHaveLength(2);
  const byId = (r: FixtureResource[]) => {
    for (const name of ["vip", "balancer-1", "balancer-2"]) {
      Object.assign(named(r, name), { from: { placementGroupId: ["group-balancer"] } });
      named(r, name).props.subnetId = "subnet-11111111";
    }
  };
  expect(edited(byId)).toEqual([]);
  expect(
    edited((r) => {
      byId(r);
      named(r, "balancer-2").props.subnetId = "subnet-22222222";
    }),
  ).toEqual(expected);
});

test("what cannot be compared is left alone: an attachment, or a subnet, from elsewhere", () => {
  expect(edited((r) => (named(r, "vip-balancer-2").from = { haVipId: ["vip"] }))).toEqual([]);
  expect(edited((r) => (named(r, "vip-balancer-2").from = { instanceId: ["balancer-2"] }))).toEqual(
    [],
  );
  expect(
    edited((r) => {
      named(r, "vip").from = {};
      named(r, "vip").props.subnetId = "subnet-11111111";
    }),
  ).toEqual([]);
});

test("a zone not known yet leaves it undecided", () => {
  expect(edited((r) => (named(r, "balancer-2").props.availabilityZone = unknown))).toEqual([
    "balancer-1: cannot decide: cluster prod: the zone of a balancer is known only after the update. " +
      "Write the zones down in the program.",
  ]);
});

test("before balancers in two zones, directors in one will do, and not the other way round", () => {
  const director = (key: number, zone: string): FixtureResource => ({
    type: tokenOf("instance"),
    name: `director-${key}`,
    props: {
      tags: { "kubernetes-ha/cluster": "prod", "kubernetes-ha/role": "director" },
      availabilityZone: zone,
    },
  });
  const apart = (zone: string) =>
    edited((r) => {
      named(r, "balancer-2").props.availabilityZone = "ap-guangzhou-7";
      r.push(director(1, "ap-guangzhou-6"), director(2, zone));
    });
  expect(apart("ap-guangzhou-6")).toEqual([]);
  expect(apart("ap-guangzhou-7")).toEqual([
    expect.stringContaining(
      "director-1: cluster prod: the directors are in ap-guangzhou-6, ap-guangzhou-7",
    ),
  ]);
});
