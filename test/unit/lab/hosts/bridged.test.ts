import * as fc from "fast-check";
import { bridgeOf, macOf } from "../../../../lab/hosts/addresses";
import { bridgedNetwork, bridgedRoutes } from "../../../../lab/hosts/bridgedNetwork";
import { renderBridgedRuleset } from "../../../../lab/hosts/bridgedRuleset";
import { anyWorld, block, chainOf, host, world } from "./worlds";

const one = host("one", "10.0.1.2", { securityGroupIds: ["sg-a"] });
const two = host("two", "10.0.1.3", { linkCut: true, publicIp: "198.51.100.3" });
const open = {
  securityGroupId: "sg-a",
  ingress: [{ protocol: "TCP", ports: "6443", securityGroupId: "sg-a", action: "ACCEPT" } as const],
  egress: [{ protocol: "ALL", ports: "ALL", cidr: "0.0.0.0/0", action: "ACCEPT" } as const],
};
const text = renderBridgedRuleset(world({ hosts: [two, one], securityGroups: [open] }));

describe("the ruleset of a bridged network", () => {
  it("judges frames by the groups of the ports they come and go by", () => {
    expect(block(text, chainOf(text, "ingress", "ins-one"))).toEqual([
      "ip saddr @members_sg_a tcp dport { 6443 } return",
      "drop",
    ]);
    expect(block(text, chainOf(text, "egress", "ins-one"))).toEqual(["return", "drop"]);
    expect(block(text, chainOf(text, "ingress", "ins-two"))).toEqual(["drop"]);
    const across = block(text, "across");
    const position = (part: string): number => across.findIndex((line) => line.includes(part));
    expect(across[0]).toContain("policy drop");
    expect(position("meta mark 1 accept")).toBeLessThan(position("iifname vmap"));
    expect(position("iifname vmap")).toBeLessThan(position("oifname vmap"));
  });

  it("tracks what is bridged apart from what is routed, and knows both kinds of answers", () => {
    expect(block(text, "arriving")).toContain("ether daddr != fe:ee:0b:ca:e5:69 meta mark set 2");
    expect(block(text, "zones")).toContain("meta mark 2 ct zone set 2");
    expect(block(text, "answers")).toContain(
      "ct direction reply ct state established meta mark set 1",
    );
  });

  it("lets nothing through a cut link, ARP included", () => {
    expect(block(text, "cut")).toContain('elements = { "h-two" }');
    expect(block(text, "arriving")[1]).toBe("iifname @cut drop");
    expect(block(text, "leaving")[1]).toBe("oifname @cut drop");
  });

  it("lends nobody the router's MAC, and checks no source", () => {
    expect(block(text, "arriving")).toContain("ether saddr fe:ee:0b:ca:e5:69 drop");
    expect(text).not.toContain("@sources");
  });

  it("translates public addresses as a routed network does", () => {
    expect(block(text, "inward")).toContain("dnat to ip daddr map { 198.51.100.3 : 10.0.1.3 }");
    expect(block(text, "outward")).toContain(
      'oifname "op0" snat to ip saddr map { 10.0.1.3 : 198.51.100.3 }',
    );
  });

  it("keeps VPCs apart", () => {
    const other = host("other", "10.9.1.2", {
      vpcId: "vpc-2",
      subnetId: "subnet-2",
      subnetCidr: "10.9.1.0/24",
    });
    const both = renderBridgedRuleset(world({ hosts: [one, other] }));
    expect(block(both, "forward").filter((line) => line.includes("@vpc_"))).toHaveLength(2);
    expect(text).not.toContain("@vpc_1");
  });

  it("is the same text for the same world, in whatever order its hosts come", () => {
    fc.assert(
      fc.property(anyWorld, (desired) => {
        const turned = { ...desired, hosts: [...desired.hosts].reverse() };
        expect(renderBridgedRuleset(turned)).toBe(renderBridgedRuleset(desired));
      }),
    );
  });
});

describe("a bridged network", () => {
  it("routes ranges through instances, over the switch of their subnet", () => {
    const routes = [
      { vpcId: "vpc-1", destinationCidr: "10.244.0.0/24", nextHopIp: "10.0.1.2" },
      { vpcId: "vpc-1", destinationCidr: "10.245.0.0/24", nextHopIp: "10.77.0.1" },
    ];
    expect([...bridgedRoutes(world({ hosts: [one], routes }))]).toEqual([
      ["10.244.0.0/24", "via 10.0.1.2 dev s-1 onlink"],
    ]);
  });

  it("tells who announced an address by its MAC", () => {
    const heard = { address: "10.0.1.100", link: "s-1", mac: macOf("10.0.1.3") };
    expect(bridgedNetwork.announcer(world({ hosts: [one, two] }), heard)).toBe(two);
    expect(
      bridgedNetwork.announcer(world({ hosts: [one, two] }), { ...heard, link: "s-2" }),
    ).toBeUndefined();
    expect(bridgedNetwork.announcer(world({ hosts: [one] }), heard)).toBeUndefined();
  });

  it("names switches by subnets, as short as interface names must be", () => {
    expect(bridgeOf("subnet-ab12cd34")).toBe("s-ab12cd34");
    expect(() => bridgeOf("subnet-a.b")).toThrow('subnet id "subnet-a.b" cannot name a switch');
  });
});
