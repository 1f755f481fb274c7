import { type Resource, type Stack } from "./stack";
import { isUnknown, list, object, type Props, text } from "./values";

/** A rule of a security group that lets one source in. What is not known is taken for the widest it may be. */
export interface InboundRule {
  /** Resource it is written in. */
  resource: Resource;
  /** Place in that resource. */
  index: number;
  /** Absent is all of them. */
  protocol?: string;
  /** Absent is all of them. */
  ports?: string;
  /** Range it lets in; absent for a group. */
  cidr?: string;
  /** Id of the security group it lets in, which may not be known; absent for a range. */
  group?: unknown;
  /** Inputs that are known only after the update. */
  unknown: readonly string[];
}

/** Whoever it is: the range of a rule that names nobody, or hides its ranges in a template. */
const everybody = "0.0.0.0/0";

/** All rules that let somebody in, whichever resource they are written in. */
export function inboundRules(stack: Stack): readonly InboundRule[] {
  return stack.facts(readRules);
}

function readRules(stack: Stack): InboundRule[] {
  return [
    ...stack.of("securityGroupRuleSet").flatMap((set) => inList(set, ["ingresses"], ruleSetRule)),
    ...stack
      .of("securityGroupLiteRule")
      .flatMap((lite) => inList(lite, ["ingresses", "ingress"], liteRule)),
    ...stack
      .of("securityGroupRule")
      .flatMap((single) => located(single, 0, singleRule(single.props))),
  ];
}

/** What one rule says, before it is known where it stands. */
type Said = Omit<InboundRule, "resource" | "index">;

function inList(
  resource: Resource,
  inputs: readonly string[],
  read: (rule: unknown) => Said[],
): InboundRule[] {
  const [input = ""] = inputs.filter((name) => resource.props[name] !== undefined);
  const rules = resource.props[input];
  if (isUnknown(rules)) return located(resource, 0, [{ cidr: everybody, unknown: [input] }]);
  return list(rules).flatMap((rule, index) =>
    located(
      resource,
      index,
      isUnknown(rule) ? [{ cidr: everybody, unknown: [`${input}[${index}]`] }] : read(rule),
    ),
  );
}

function located(resource: Resource, index: number, said: readonly Said[]): InboundRule[] {
  return said.map((rule) => ({ resource, index, ...rule }));
}

function ruleSetRule(given: unknown): Said[] {
  const rule = object(given);
  return accepted(rule, {
    action: "action",
    cidrs: ["cidrBlock", "ipv6CidrBlock"],
    group: "sourceSecurityId",
    protocol: "protocol",
    ports: "port",
    template: rule.serviceTemplateId ?? rule.serviceTemplateGroup,
  });
}

function singleRule(rule: Props): Said[] {
  if (text(rule.type) !== "ingress" && !isUnknown(rule.type)) return [];
  return accepted(rule, {
    action: "policy",
    cidrs: ["cidrIp"],
    group: "sourceSgid",
    protocol: "ipProtocol",
    ports: "portRange",
    template: rule.protocolTemplate,
  });
}

/** Names of a rule's inputs; they differ between resources, their meaning does not. */
interface Inputs {
  action: string;
  cidrs: readonly string[];
  group: string;
  protocol: string;
  ports: string;
  /** What hides protocol and ports, so that they may be any. */
  template: unknown;
}

function accepted(rule: Props, inputs: Inputs): Said[] {
  if (!accepts(rule[inputs.action])) return [];
  // Absent, null and empty alike: no template.
  const hidden = Boolean(inputs.template);
  const what = hidden
    ? {}
    : { protocol: text(rule[inputs.protocol]), ports: text(rule[inputs.ports]) };
  const unknown = [inputs.action, ...inputs.cidrs, inputs.protocol, inputs.ports].filter((input) =>
    isUnknown(rule[input]),
  );
  const cidrs = inputs.cidrs.flatMap((input) =>
    isUnknown(rule[input]) ? [everybody] : (text(rule[input]) ?? []),
  );
  const group = rule[inputs.group];
  const byGroup = isUnknown(group) || text(group) !== undefined ? [{ group }] : [];
  const sources = [...cidrs.map((cidr) => ({ cidr })), ...byGroup];
  return (sources.length > 0 ? sources : [{ cidr: everybody }]).map((source) => ({
    ...what,
    ...source,
    unknown,
  }));
}

/** `ACCEPT#10.0.0.0/8#22#TCP`, with a group or a template for the range. */
function liteRule(given: unknown): Said[] {
  const [action, source = "", ports, protocol] = String(given).split("#");
  if (!accepts(action)) return [];
  const what = { protocol, ports, unknown: [] };
  if (source.startsWith("sg-")) return [{ ...what, group: source }];
  return [{ ...what, cidr: /^ipm?g?-/.test(source) ? everybody : source }];
}

function accepts(action: unknown): boolean {
  return (text(action) ?? "ACCEPT").toUpperCase() === "ACCEPT";
}
