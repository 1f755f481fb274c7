import { noOpenPorts } from "../../../policy/rules/network/noOpenPorts";
import { found, tokenOf, unknown } from "../judge";
import { compliantRuleSet, ruleOf } from "./ruleSet";

const denied = (text: string): unknown => [expect.stringContaining(text)];

describe("SecurityGroupRuleSet", () => {
  test("declared ranges and groups are allowed, though the groups' ids are not known", () => {
    expect(found(noOpenPorts, [compliantRuleSet()])).toEqual([]);
  });

  test.each<[string, number, string, unknown, string]>([
    ["SSH to everybody", 0, "cidrBlock", "0.0.0.0/0", "0.0.0.0/0 may reach SSH (22). Let in"],
    ["SSH to half of everybody", 0, "cidrBlock", "128.0.0.0/1", "may reach SSH (22)"],
    ["SSH to everybody by IPv6", 0, "ipv6CidrBlock", "::/0", "::/0 may reach SSH (22)"],
    ["etcd to everybody", 2, "cidrBlock", "0.0.0.0/0", "may reach etcd (2379-2381)"],
    ["the API among web ports", 4, "port", "80,6443", "may reach the API (6443)"],
    ["the kubelet in a span", 4, "port", "10000-10250", "may reach the kubelet (10250)"],
    ["no port, so all", 4, "port", undefined, "may reach SSH (22), the API (6443), etcd"],
    ["every protocol", 5, "protocol", "ALL", "may reach SSH (22), the API (6443), etcd"],
    ["a drop made an accept", 6, "action", "ACCEPT", "may reach SSH (22), the API (6443), etcd"],
    ["lower case", 6, "action", "accept", "may reach SSH (22)"],
    ["ports hidden in a template", 4, "serviceTemplateId", "ppm-1", "may reach SSH (22)"],
  ])("%s is denied", (_, index, field, value, expected) => {
    const rules = compliantRuleSet();
    ruleOf(rules, index)[field] = value;
    expect(found(noOpenPorts, [rules])).toEqual(denied(expected));
  });

  test("a rule that names nobody lets everybody in", () => {
    const rules = compliantRuleSet();
    delete ruleOf(rules, 1).sourceSecurityId;
    expect(found(noOpenPorts, [rules])).toEqual(denied("may reach the API (6443)"));
  });

  test("ranges hidden in a template may be everybody", () => {
    const rules = compliantRuleSet();
    delete ruleOf(rules, 0).cidrBlock;
    ruleOf(rules, 0).addressTemplateId = "ipm-12345678";
    expect(found(noOpenPorts, [rules])).toEqual(denied("may reach SSH (22)"));
  });

  test.each(["cidrBlock", "port", "protocol"])(
    "a %s that is not known yet leaves it undecided",
    (field) => {
      const rules = compliantRuleSet();
      Object.assign(ruleOf(rules, 0), { cidrBlock: "0.0.0.0/0", [field]: unknown });
      expect(found(noOpenPorts, [rules])).toEqual(
        denied(`cannot decide: ${field} of a rule is known only after the update`),
      );
    },
  );

  test("what goes out is none of its business", () => {
    const rules = compliantRuleSet();
    rules.props.ingresses = [];
    expect(found(noOpenPorts, [rules])).toEqual([]);
  });
});

describe("SecurityGroupLiteRule", () => {
  const rules = (...ingresses: string[]) => ({
    type: tokenOf("securityGroupLiteRule"),
    name: "lite",
    props: { securityGroupId: unknown, ingresses },
  });

  test("declared ranges and groups are allowed", () => {
    const lite = rules(
      "ACCEPT#203.0.113.0/24#22#TCP",
      "ACCEPT#sg-12345678#6443#TCP",
      "ACCEPT#0.0.0.0/0#80,443#TCP",
      "DROP#0.0.0.0/0#ALL#ALL",
    );
    expect(found(noOpenPorts, [lite])).toEqual([]);
  });

  test.each([
    ["ACCEPT#0.0.0.0/0#22#TCP", "SSH (22)"],
    ["ACCEPT#0.0.0.0/0#ALL#ALL", "SSH (22), the API (6443)"],
    ["ACCEPT#::/0#2379#TCP", "etcd (2379-2381)"],
    ["ACCEPT#ipm-12345678#6443#TCP", "the API (6443)"],
    ["ACCEPT#ipmg-12345678#6443#TCP", "the API (6443)"],
  ])("%s is denied", (rule, expected) => {
    expect(found(noOpenPorts, [rules(rule)])).toEqual(denied(`may reach ${expected}`));
  });
});

describe("SecurityGroupRule", () => {
  const rule = (change: Record<string, unknown> = {}) => ({
    type: tokenOf("securityGroupRule"),
    name: "rule",
    props: {
      securityGroupId: unknown,
      type: "ingress",
      policy: "accept",
      ipProtocol: "tcp",
      portRange: "22",
      cidrIp: "203.0.113.0/24",
      ...change,
    },
  });

  test.each([
    {},
    { cidrIp: "0.0.0.0/0", type: "egress" },
    { cidrIp: "0.0.0.0/0", policy: "drop" },
    { cidrIp: "0.0.0.0/0", portRange: "80" },
    { cidrIp: undefined, sourceSgid: unknown },
  ])("with %j it is allowed", (change) => {
    expect(found(noOpenPorts, [rule(change)])).toEqual([]);
  });

  test.each([
    { cidrIp: "0.0.0.0/0" },
    { cidrIp: undefined },
    { cidrIp: "0.0.0.0/0", portRange: undefined },
    { cidrIp: "0.0.0.0/0", protocolTemplate: [{ templateId: "ppm-1" }] },
  ])("with %j it is denied", (change) => {
    expect(found(noOpenPorts, [rule(change)])).toEqual(denied("may reach SSH (22)"));
  });
});

test("resources of other types are none of its business", () => {
  const other = { type: tokenOf("instance"), name: "x", props: { ingresses: unknown } };
  expect(found(noOpenPorts, [other])).toEqual([]);
});

test("it is mandatory", () => {
  expect(noOpenPorts.level).toBe("mandatory");
});
