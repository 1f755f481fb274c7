import { type FixtureResource, tokenOf, unknown } from "../judge";

/** Rules of a security group that the policy allows: every guarded port open, to somebody declared. */
export function compliantRuleSet(): FixtureResource {
  return {
    type: tokenOf("securityGroupRuleSet"),
    name: "rules",
    props: {
      securityGroupId: unknown,
      ingresses: [
        { action: "ACCEPT", protocol: "TCP", port: "22", cidrBlock: "203.0.113.0/24" },
        { action: "ACCEPT", protocol: "TCP", port: "6443", sourceSecurityId: unknown },
        { action: "ACCEPT", protocol: "TCP", port: "2379-2380", cidrBlock: "10.0.0.0/16" },
        { action: "ACCEPT", protocol: "ALL", port: "ALL", sourceSecurityId: unknown },
        { action: "ACCEPT", protocol: "TCP", port: "80,443", cidrBlock: "0.0.0.0/0" },
        { action: "ACCEPT", protocol: "ICMP", port: "ALL", cidrBlock: "0.0.0.0/0" },
        { action: "DROP", protocol: "ALL", port: "ALL", cidrBlock: "0.0.0.0/0" },
      ],
      egresses: [{ action: "ACCEPT", protocol: "ALL", port: "ALL", cidrBlock: "0.0.0.0/0" }],
    },
  };
}

/** One of its rules, to change it in place. */
export function ruleOf(resource: FixtureResource, index: number): Record<string, unknown> {
  const rule = (resource.props.ingresses as Record<string, unknown>[])[index];
  if (rule === undefined) throw new Error(`the fixture has no rule ${index}`);
  return rule;
}
