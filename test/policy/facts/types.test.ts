import { kindOf, typesOf } from "../../../policy/facts/types";

test.each([
  ["tencentcloud:index/instance:Instance", "instance"],
  ["tencentcloud:Instance/instance:Instance", "instance"],
  ["tencentcloud:Cvm/instance:Instance", "instance"],
  ["tencentcloud:Vpc/instance:Instance", "vpc"],
  ["tencentcloud:Vpc/subnet:Subnet", "subnet"],
  ["tencentcloud:Subnet/instance:Instance", "subnet"],
  ["tencentcloud:Placement/group:Group", "placementGroup"],
  ["tencentcloud:index/placementGroup:PlacementGroup", "placementGroup"],
  ["tencentcloud:Security/groupRuleSet:GroupRuleSet", "securityGroupRuleSet"],
  ["tencentcloud:Ha/haVip:HaVip", "haVip"],
  ["tencentcloud:Clb/serverAttachment:ServerAttachment", "balancerTargets"],
  ["tencentcloud:Cos/cosBucket:CosBucket", "bucket"],
  ["kubernetes-ha:index:HaCluster", "cluster"],
  ["kubernetes-ha:index:PoolPreparation", "poolPreparation"],
  ["command:remote:Command", "command"],
])("%s is of kind %s", (type, kind) => {
  expect(kindOf(type)).toBe(kind);
});

test.each(["tencentcloud:Clb/instance:Other", "tencentcloud:Eip/association:Association", "x"])(
  "%s is of none",
  (type) => {
    expect(kindOf(type)).toBeUndefined();
  },
);

test("the types of a kind, this project's first", () => {
  expect(typesOf("haVip")).toEqual([
    "tencentcloud:index/haVip:HaVip",
    "tencentcloud:Ha/vip:Vip",
    "tencentcloud:Ha/haVip:HaVip",
  ]);
});

test("a type has one kind only", () => {
  const all = (["instance", "vpc", "subnet", "eip", "balancer"] as const).flatMap(typesOf);
  expect(new Set(all).size).toBe(all.length);
});
