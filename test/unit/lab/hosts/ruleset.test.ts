import * as fc from "fast-check";
import { renderBridgedRuleset } from "../../../../lab/hosts/bridgedRuleset";
import { renderRuleset, sourcesOf } from "../../../../lab/hosts/ruleset";
import type { SecurityGroupRule } from "../../../../lab/hosts/types";
import { anyWorld, block, chainOf, host, loadBalancer, world } from "./worlds";

const nobody = new Map<string, string>();
const group = (ingress: SecurityGroupRule[], egress: SecurityGroupRule[] = []) => ({
  securityGroupId: "sg-a",
  ingress,
  egress,
});
const member = host("one", "10.0.1.2", { securityGroupIds: ["sg-a"] });
const ingressOf = (rules: SecurityGroupRule[]): string[] => {
  const text = renderRuleset(world({ hosts: [member], securityGroups: [group(rules)] }), nobody);
  return block(text, chainOf(text, "ingress", "ins-one"));
};

describe("the internet", () => {
  const inside = host("one", "10.0.1.2");
  const withAddress = host("two", "10.0.1.3", { publicIp: "198.51.100.1" });
  const behindNat = host("three", "10.0.1.4", { behindNat: true });

  it.each([
    ["vpc", renderRuleset],
    ["l2", renderBridgedRuleset],
  ])(
    "is reached by those who have an address there or a gateway, and no others: %s",
    (_, render) => {
      const text = render(world({ hosts: [inside, withAddress, behindNat] }), nobody);
      expect(/set outbound \{[^}]*elements = \{ ([^}]*) \}/.exec(text)?.[1]).toBe(
        "10.0.1.4, 10.0.1.3",
      );
      const accepted = text.split("\n").filter((line) => line.includes("192.0.2.80"));
      expect(accepted.at(-1)).toMatch(/ip daddr 192\.0\.2\.80 ip saddr @outbound accept$/);
    },
  );
});

describe("a security group's rule", () => {
  it.each<[string, SecurityGroupRule, string]>([
    [
      "one port",
      { protocol: "TCP", ports: "22", cidr: "10.0.0.0/8", action: "ACCEPT" },
      "ip saddr 10.0.0.0/8 tcp dport { 22 } return",
    ],
    [
      "several ports",
      { protocol: "TCP", ports: "80,443", cidr: "0.0.0.0/0", action: "ACCEPT" },
      "tcp dport { 80, 443 } return",
    ],
    [
      "a range",
      { protocol: "UDP", ports: "30000-32767", cidr: "0.0.0.0/0", action: "ACCEPT" },
      "udp dport { 30000-32767 } return",
    ],
    [
      "every port",
      { protocol: "TCP", ports: "ALL", cidr: "0.0.0.0/0", action: "ACCEPT" },
      "meta l4proto tcp return",
    ],
    [
      "a group",
      { protocol: "ALL", ports: "ALL", securityGroupId: "sg-a", action: "ACCEPT" },
      "ip saddr @members_sg_a return",
    ],
    [
      "ICMP",
      { protocol: "ICMP", ports: "ALL", cidr: "0.0.0.0/0", action: "ACCEPT" },
      "meta l4proto icmp return",
    ],
    [
      "a refusal",
      { protocol: "TCP", ports: "22", cidr: "0.0.0.0/0", action: "DROP" },
      "tcp dport { 22 } drop",
    ],
    [
      "everything",
      { protocol: "ALL", ports: "ALL", cidr: "0.0.0.0/0", action: "ACCEPT" },
      "return",
    ],
  ])("of %s becomes a match and a verdict", (_, rule, line) => {
    expect(ingressOf([rule])).toEqual([line, "drop"]);
  });

  it("of a group that does not exist matches nothing", () => {
    expect(
      ingressOf([{ protocol: "ALL", ports: "ALL", securityGroupId: "sg-gone", action: "ACCEPT" }]),
    ).toEqual(["drop"]);
  });

  it("looks at the destination when it is an egress rule", () => {
    const egress: SecurityGroupRule = {
      protocol: "TCP",
      ports: "22",
      cidr: "10.0.0.0/8",
      action: "ACCEPT",
    };
    const text = renderRuleset(
      world({ hosts: [member], securityGroups: [group([], [egress])] }),
      nobody,
    );
    expect(block(text, chainOf(text, "egress", "ins-one"))).toEqual([
      "ip daddr 10.0.0.0/8 tcp dport { 22 } return",
      "drop",
    ]);
  });

  it("keeps its place: groups in the instance's order, rules in the group's", () => {
    const rule = (ports: string, action: "ACCEPT" | "DROP"): SecurityGroupRule => ({
      protocol: "TCP",
      ports,
      cidr: "0.0.0.0/0",
      action,
    });
    const text = renderRuleset(
      world({
        hosts: [host("one", "10.0.1.2", { securityGroupIds: ["sg-b", "sg-a"] })],
        securityGroups: [
          group([rule("1", "ACCEPT")]),
          {
            securityGroupId: "sg-b",
            ingress: [rule("2", "DROP"), rule("3", "ACCEPT")],
            egress: [],
          },
        ],
      }),
      nobody,
    );
    expect(block(text, chainOf(text, "ingress", "ins-one"))).toEqual([
      "tcp dport { 2 } drop",
      "tcp dport { 3 } return",
      "tcp dport { 1 } return",
      "drop",
    ]);
  });
});

describe("the ruleset", () => {
  it("is closed to whom no rule opens it", () => {
    fc.assert(
      fc.property(anyWorld, (desired) => {
        const text = renderRuleset(desired, nobody);
        for (const each of desired.hosts)
          for (const direction of ["ingress", "egress"] as const) {
            const lines = block(text, chainOf(text, direction, each.instanceId));
            expect(lines.at(-1)).toBe("drop");
            const opens = desired.securityGroups.some(
              (sg) =>
                each.securityGroupIds.includes(sg.securityGroupId) &&
                sg[direction].some(({ action }) => action === "ACCEPT"),
            );
            if (!opens) expect(lines.filter((line) => line.endsWith("return"))).toEqual([]);
          }
        expect(block(text, "forward")[0]).toContain("policy drop");
        expect(block(text, "input")[0]).toContain("policy drop");
      }),
    );
  });

  it("does not depend on the order of hosts", () => {
    fc.assert(
      fc.property(anyWorld, (desired) => {
        const turned = { ...desired, hosts: [...desired.hosts].reverse() };
        expect(renderRuleset(turned, nobody)).toBe(renderRuleset(desired, nobody));
      }),
    );
  });

  it("replaces the one before it in one transaction", () => {
    expect(renderRuleset(world(), nobody)).toMatch(
      /^table ip lab\ndelete table ip lab\ntable ip lab \{\n/,
    );
  });

  it("translates public addresses both ways, those of HAVIPs too", () => {
    const text = renderRuleset(
      world({
        hosts: [{ ...member, publicIp: "198.51.100.2" }],
        haVips: [
          { haVipId: "havip-1", vip: "10.0.1.100", subnetId: "subnet-1", publicIp: "198.51.100.3" },
        ],
      }),
      nobody,
    );
    expect(block(text, "inward")).toContain(
      "dnat to ip daddr map { 198.51.100.2 : 10.0.1.2, 198.51.100.3 : 10.0.1.100 }",
    );
    expect(block(text, "outward").at(-1)).toContain(
      "snat to ip saddr map { 10.0.1.2 : 198.51.100.2, 10.0.1.100 : 198.51.100.3 }",
    );
  });

  it("lets the operator in by public addresses only, and out only those that have one", () => {
    const text = renderRuleset(world({ hosts: [member] }), nobody);
    expect(block(text, "forward")).toEqual(
      expect.arrayContaining([
        'iifname "op0" ct status & dnat == 0 drop',
        'oifname "op0" ip saddr != @public drop',
      ]),
    );
    expect(block(text, "public")).toEqual(["type ipv4_addr"]);
  });

  it("lets nothing in or out over a link that is cut, established or not", () => {
    const hosts = [member, host("two", "10.0.1.3", { linkCut: true })];
    const text = renderRuleset(world({ hosts }), nobody);
    expect(block(text, "cut")).toContain('elements = { "h-two" }');
    expect(block(text, "spoof")[1]).toBe("iifname @cut drop");
    expect(block(text, "unreachable")[1]).toBe("oifname @cut drop");
    expect(block(renderRuleset(world({ hosts: [member] }), nobody), "cut")).toEqual([
      "type ifname",
    ]);
  });

  it("keeps VPCs apart", () => {
    const hosts = [member, host("two", "10.1.1.2", { vpcId: "vpc-2", subnetCidr: "10.1.1.0/24" })];
    const text = renderRuleset(world({ hosts }), nobody);
    expect(block(text, "forward")).toContain('iifname @vpc_0 oifname "h-*" oifname != @vpc_0 drop');
    expect(block(text, "vpc_1")).toContain('elements = { "h-two" }');
  });
});

describe("the addresses an instance may send from", () => {
  const two = host("two", "10.0.1.3");
  const desired = world({
    hosts: [member, two],
    haVips: [{ haVipId: "havip-1", vip: "10.0.1.100", subnetId: "subnet-1" }],
    routes: [
      { vpcId: "vpc-1", destinationCidr: "10.244.1.0/24", nextHopIp: "10.0.1.2" },
      { vpcId: "vpc-1", destinationCidr: "10.245.0.0/24", nextHopIp: "10.0.1.100" },
    ],
  });

  it("are its own and what is routed to it", () => {
    expect(sourcesOf(desired, nobody, member)).toEqual(["10.0.1.2", "10.244.1.0/24"]);
  });

  it("include a HAVIP, and what is routed to that, for its owner alone", () => {
    const owners = new Map([["havip-1", "ins-two"]]);
    expect(sourcesOf(desired, owners, member)).toEqual(["10.0.1.2", "10.244.1.0/24"]);
    expect(sourcesOf(desired, owners, two)).toEqual(["10.0.1.3", "10.0.1.100", "10.245.0.0/24"]);
  });
});

describe("traffic through a load balancer", () => {
  const text = renderRuleset(
    world({
      hosts: [member],
      securityGroups: [group([])],
      loadBalancers: [
        loadBalancer({ vip: "10.0.1.200" }),
        loadBalancer({ vip: "10.0.1.201", securityGroupIds: ["sg-a"], passToTarget: true }),
      ],
    }),
    nobody,
  );
  const [egress, ingress] = (["egress", "ingress"] as const).map((direction) =>
    chainOf(text, direction, "ins-one"),
  ) as [string, string];

  it("is judged before its destination is translated, by the caller's groups and the load balancer's own", () => {
    expect(block(text, "callers")).toEqual([
      "type filter hook prerouting priority -110; policy accept;",
      "ct direction reply return",
      `ip daddr @balancers iifname vmap { "h-one" : jump ${egress} }`,
      `ip daddr 10.0.1.201 jump ${ingress}`,
    ]);
    expect(block(text, "balancers")[1]).toBe("elements = { 10.0.1.200, 10.0.1.201 }");
  });

  it("is judged by the target's groups unless it passes by them", () => {
    const forward = block(text, "forward");
    const [passing, judged] = [
      "ct original ip daddr @passing_balancers accept",
      "ct original ip daddr @balancers goto balanced",
    ].map((line) => forward.indexOf(line)) as [number, number];
    expect(passing).toBeGreaterThan(forward.indexOf("ct state invalid drop"));
    expect(judged).toBe(passing + 1);
    expect(forward[judged + 1]).toContain("iifname vmap");
    expect(block(text, "passing_balancers")[1]).toBe("elements = { 10.0.1.201 }");
    expect(block(text, "balanced")).toEqual([
      `oifname vmap { "h-one" : jump ${ingress} }`,
      "accept",
    ]);
  });
});
