import { inboundRules } from "../../../policy/facts/inbound";
import { Stack } from "../../../policy/facts/stack";
import { type FixtureResource, tokenOf, toResource, unknown } from "../judge";

function read(kind: "Set" | "LiteRule" | "Rule", props: Record<string, unknown>) {
  const types = {
    Set: tokenOf("securityGroupRuleSet"),
    LiteRule: tokenOf("securityGroupLiteRule"),
    Rule: tokenOf("securityGroupRule"),
  };
  const fixture: FixtureResource = { type: types[kind], name: "rules", props };
  return inboundRules(new Stack([toResource(fixture)])).map(({ resource, ...rule }) => {
    expect(resource.name).toBe("rules");
    return rule;
  });
}
const everybody = "0.0.0.0/0";

describe("a set", () => {
  test("has one rule a source, each with its place", () => {
    const ingresses = [
      { action: "DROP", cidrBlock: "10.0.0.0/8" },
      {
        action: "accept",
        protocol: "TCP",
        port: "22",
        cidrBlock: "10.1.0.0/16",
        ipv6CidrBlock: "::/0",
      },
      { protocol: "UDP", port: "53", sourceSecurityId: "sg-1" },
    ];
    expect(read("Set", { ingresses })).toEqual([
      { index: 1, protocol: "TCP", ports: "22", cidr: "10.1.0.0/16", unknown: [] },
      { index: 1, protocol: "TCP", ports: "22", cidr: "::/0", unknown: [] },
      { index: 2, protocol: "UDP", ports: "53", group: "sg-1", unknown: [] },
    ]);
  });

  test("a rule that names nobody names everybody; a group not known yet is one", () => {
    const ingresses = [
      { port: "1", cidrBlock: "" },
      { port: "2", sourceSecurityId: unknown },
    ];
    expect(read("Set", { ingresses })).toEqual([
      { index: 0, protocol: undefined, ports: "1", cidr: everybody, unknown: [] },
      { index: 1, protocol: undefined, ports: "2", group: unknown, unknown: [] },
    ]);
  });

  test.each([
    ["serviceTemplateId", "ppm-1", true],
    ["serviceTemplateGroup", "ppmg-1", true],
    ["serviceTemplateId", "", false],
    ["serviceTemplateId", null, false],
  ])("%s %j hides protocol and ports: %s", (input, template, hidden) => {
    const rule = { protocol: "TCP", port: "80", cidrBlock: "10.0.0.0/8", [input]: template };
    expect(read("Set", { ingresses: [rule] })).toEqual([
      {
        index: 0,
        cidr: "10.0.0.0/8",
        unknown: [],
        ...(hidden ? {} : { protocol: "TCP", ports: "80" }),
      },
    ]);
  });

  test("what is not known is the widest it may be, and named", () => {
    expect(read("Set", { ingresses: unknown })).toEqual([
      { index: 0, cidr: everybody, unknown: ["ingresses"] },
    ]);
    const ingresses = [
      unknown,
      {
        action: unknown,
        cidrBlock: unknown,
        ipv6CidrBlock: unknown,
        protocol: unknown,
        port: unknown,
      },
    ];
    const open = ["action", "cidrBlock", "ipv6CidrBlock", "protocol", "port"];
    const widest = {
      index: 1,
      protocol: undefined,
      ports: undefined,
      cidr: everybody,
      unknown: open,
    };
    expect(read("Set", { ingresses })).toEqual([
      { index: 0, cidr: everybody, unknown: ["ingresses[0]"] },
      widest,
      widest,
    ]);
  });

  test("without rules has none", () => {
    expect(read("Set", {})).toEqual([]);
    expect(read("Set", { egresses: [{ cidrBlock: everybody }] })).toEqual([]);
  });
});

describe("a lite rule", () => {
  test.each([["ingress"], ["ingresses"]])("is read from %s", (input) => {
    const rules = ["ACCEPT#10.0.0.0/8#22#TCP", "DROP#0.0.0.0/0#ALL#ALL", "ACCEPT#sg-1#80#TCP"];
    expect(read("LiteRule", { [input]: rules })).toEqual([
      { index: 0, cidr: "10.0.0.0/8", ports: "22", protocol: "TCP", unknown: [] },
      { index: 2, group: "sg-1", ports: "80", protocol: "TCP", unknown: [] },
    ]);
  });

  test.each([
    ["ipm-12345678", everybody],
    ["ipmg-12345678", everybody],
    ["ip-12345678", everybody],
    ["x-ipm-1", "x-ipm-1"],
    ["", ""],
  ])("source %j is %j", (source, cidr) => {
    expect(read("LiteRule", { ingress: [`ACCEPT#${source}#22#TCP`] })).toMatchObject([{ cidr }]);
  });

  test("that says nothing more than ACCEPT is read as far as it goes", () => {
    expect(read("LiteRule", { ingress: ["ACCEPT"] })).toEqual([
      { index: 0, cidr: "", ports: undefined, protocol: undefined, unknown: [] },
    ]);
  });
});

describe("a rule of its own", () => {
  const rule = { type: "ingress", policy: "accept", ipProtocol: "tcp", portRange: "22" };

  test("is read when it lets in", () => {
    expect(read("Rule", { ...rule, cidrIp: "10.0.0.0/8" })).toEqual([
      { index: 0, protocol: "tcp", ports: "22", cidr: "10.0.0.0/8", unknown: [] },
    ]);
    expect(read("Rule", { ...rule, sourceSgid: "sg-1" })).toMatchObject([{ group: "sg-1" }]);
    expect(read("Rule", { ...rule, type: unknown, cidrIp: "10.0.0.0/8" })).toHaveLength(1);
  });

  test.each([{ type: "egress" }, { type: undefined }, { policy: "drop" }])(
    "not with %j",
    (change) => {
      expect(read("Rule", { ...rule, cidrIp: "10.0.0.0/8", ...change })).toEqual([]);
    },
  );
});
