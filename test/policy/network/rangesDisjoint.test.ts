import { rangesDisjoint as policy } from "../../../policy/rules/network/rangesDisjoint";
import { type FixtureResource, found, tokenOf, unknown } from "../judge";
import { named } from "../stack";

function stack(): FixtureResource[] {
  const subnet = (name: string, cidrBlock: string, vpc: string) => ({
    type: tokenOf("subnet"),
    name,
    props: { cidrBlock, vpcId: unknown },
    from: { vpcId: [vpc] },
  });
  return [
    { type: tokenOf("vpc"), name: "vpc", props: { cidrBlock: "10.30.0.0/16" } },
    { type: tokenOf("vpc"), name: "other", props: { cidrBlock: "10.30.0.0/16" } },
    subnet("a", "10.30.0.0/20", "vpc"),
    subnet("b", "10.30.16.0/20", "vpc"),
    subnet("c", "10.30.0.0/20", "other"),
    {
      type: tokenOf("network"),
      name: "network",
      props: {
        plan: { vpcCidr: "10.30.0.0/16", podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16" },
      },
    },
  ];
}
function edited(name: string, change: object) {
  const resources = stack();
  Object.assign(named(resources, name).props, change);
  return found(policy, resources);
}
const plan = (change: object) => ({
  plan: {
    vpcCidr: "10.30.0.0/16",
    podCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    ...change,
  },
});

test("disjoint ranges are allowed, and VPCs may have the same", () => {
  expect(found(policy, stack())).toEqual([]);
});

test.each<[string, object, string]>([
  [
    "vpc",
    { cidrBlock: "100.64.0.0/16" },
    "vpc: VPC vpc: 100.64.0.0/16 overlaps 100.64.0.0/10 of the platform",
  ],
  [
    "vpc",
    { cidrBlock: "169.254.0.0/17" },
    "169.254.0.0/17 overlaps 169.254.0.0/16 of the link-local range",
  ],
  [
    "b",
    { cidrBlock: "10.30.8.0/21" },
    "vpc: subnet a: 10.30.0.0/20 overlaps 10.30.8.0/21 of subnet b",
  ],
  [
    "network",
    plan({ podCidr: "10.30.0.0/17" }),
    "network: pods: 10.30.0.0/17 overlaps 10.30.0.0/16 of the VPC",
  ],
  [
    "network",
    plan({ serviceCidr: "10.244.0.0/20" }),
    "pods: 10.244.0.0/16 overlaps 10.244.0.0/20 of Services",
  ],
  [
    "network",
    plan({ serviceCidr: "10.30.1.0/24" }),
    "Services: 10.30.1.0/24 overlaps 10.30.0.0/16 of the VPC",
  ],
  [
    "network",
    plan({ podCidr: "100.96.0.0/16" }),
    "pods: 100.96.0.0/16 overlaps 100.64.0.0/10 of the platform",
  ],
])("%s with %j is denied", (name, change, expected) => {
  expect(edited(name, change)).toEqual([expect.stringContaining(expected)]);
  expect(edited(name, change)[0]).toContain("a range that shares no address with it.");
});

test.each<[string, object]>([
  ["vpc", { cidrBlock: unknown }],
  ["vpc", { cidrBlock: "not a range" }],
  ["network", { plan: undefined }],
])("%s with %j is not compared", (name, change) => {
  expect(edited(name, change)).toEqual([]);
});
