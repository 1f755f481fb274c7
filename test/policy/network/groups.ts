import { type FixtureResource, tokenOf, unknown } from "../judge";

/** Id that a group gets when it is made. */
export const idOf = (role: string) => `sg-${role}`;

/** The security group of a role, told by its tag. */
export function group(role: string): FixtureResource {
  const tags = { "kubernetes-ha/cluster": "prod", "kubernetes-ha/role": role };
  return { type: tokenOf("securityGroup"), name: role, props: { name: `prod-${role}`, tags } };
}

export const groups = () =>
  ["bastion", "etcd", "master", "balancer", "director", "worker"].map(group);

/** One rule of its own into a role's group, from another role's group or from a range. */
export function single(to: string, port: string, from: string, protocol = "TCP"): FixtureResource {
  const range = /^[0-9]/.test(from);
  return {
    type: tokenOf("securityGroupRule"),
    name: `${from}-${to}`,
    props: {
      type: "ingress",
      policy: "ACCEPT",
      ipProtocol: protocol,
      portRange: port,
      ...(range ? { cidrIp: from } : { sourceSgid: unknown }),
    },
    from: { securityGroupId: [to], ...(range ? {} : { sourceSgid: [from] }) },
  };
}

/** A rule of a set. */
export interface SetRule {
  protocol: string;
  port: string;
  role?: string;
  cidr?: string;
}

/** All rules of a role's group as one set, in which a preview does not tell which rule names which group. */
export function ruleSet(to: string, rules: SetRule[], parent?: string): FixtureResource {
  const roles = rules.flatMap(({ role }) => role ?? []);
  return {
    type: tokenOf("securityGroupRuleSet"),
    name: `${to}-rules`,
    ...(parent === undefined ? {} : { parent }),
    props: {
      ingresses: rules.map(({ protocol, port, role, cidr }) => ({
        action: "ACCEPT",
        protocol,
        port,
        ...(role === undefined ? { cidrBlock: cidr } : { sourceSecurityId: unknown }),
      })),
    },
    from: { securityGroupId: [to], ingresses: roles },
  };
}

/** The Network component, with what it plans for a role's group. */
export function network(to: string, ingress: SetRule[]): FixtureResource {
  const securityGroups = [{ name: "other" }, { name: `prod-${to}`, ingress }];
  return { type: tokenOf("network"), name: "network", props: { securityGroups } };
}
