import { assertDistinctSubnets, plannedRoutes } from "../../../../lab/hosts/fabric";
import { parseLinkUp, parseNeighbour } from "../../../../lab/hosts/haVipWatch";
import { host, loadBalancer, world } from "./worlds";

const desired = world({
  hosts: [host("one", "10.0.1.2"), host("two", "10.0.1.3")],
  haVips: [{ haVipId: "havip-1", vip: "10.0.1.100", subnetId: "subnet-1" }],
  routes: [{ vpcId: "vpc-1", destinationCidr: "10.244.1.0/24", nextHopIp: "10.0.1.2" }],
});
const up = (): boolean => true;

describe("routes of the fabric", () => {
  it("send what no living host has nowhere", () => {
    expect([...plannedRoutes(desired, new Map(), up)]).toEqual([
      ["10.0.1.0/24", "dev nowhere"],
      ["10.244.1.0/24", "via 10.0.1.2 dev h-one onlink"],
      ["10.0.1.100/32", "dev nowhere"],
    ]);
  });

  it("send a HAVIP to its owner", () => {
    const routes = plannedRoutes(desired, new Map([["havip-1", "ins-two"]]), up);
    expect(routes.get("10.0.1.100/32")).toBe("via 10.0.1.3 dev h-two onlink");
  });

  it("leave a HAVIP in the dark while its owner has no link", () => {
    const routes = plannedRoutes(
      desired,
      new Map([["havip-1", "ins-two"]]),
      (link) => link !== "h-two",
    );
    expect(routes.get("10.0.1.100/32")).toBe("dev nowhere");
  });

  it("lead the VIPs of load balancers to itself", () => {
    const balanced = world({ ...desired, loadBalancers: [loadBalancer({ vip: "10.0.1.200" })] });
    expect(plannedRoutes(balanced, new Map(), up).get("local 10.0.1.200/32")).toBe("dev lo");
  });

  it("are refused when subnets of two VPCs overlap", () => {
    const clash = world({
      hosts: [
        host("one", "10.0.1.2"),
        host("two", "10.0.1.3", { vpcId: "vpc-2", subnetCidr: "10.0.0.0/16" }),
      ],
    });
    expect(() => assertDistinctSubnets(clash)).toThrow(
      /10\.0\.1\.0\/24 of vpc-1 overlaps 10\.0\.0\.0\/16 of vpc-2/,
    );
    expect(() => assertDistinctSubnets(desired)).not.toThrow();
  });
});

describe("what ip monitor says", () => {
  it.each([
    [
      "10.0.1.100 dev h-one lladdr 52:54:0a:00:01:02 STALE",
      { address: "10.0.1.100", link: "h-one", mac: "52:54:0a:00:01:02" },
    ],
    [
      "10.0.1.100 dev h-one lladdr 52:54:0a:00:01:02 used 3/1/0 probes 0 STALE",
      { address: "10.0.1.100", link: "h-one", mac: "52:54:0a:00:01:02" },
    ],
    ["Deleted 10.0.1.100 dev h-one lladdr 52:54:0a:00:01:02 STALE", undefined],
    ["10.0.1.100 dev h-one  FAILED", undefined],
  ])("%s", (line, heard) => expect(parseNeighbour(line)).toEqual(heard));

  it.each([
    ["7: h-one@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP", "h-one"],
    ["7: h-one@if2: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN", undefined],
    ["Deleted 7: h-one@NONE: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500", undefined],
    ["3: op0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500", undefined],
  ])("%s", (line, link) => expect(parseLinkUp(line)).toBe(link));
});
