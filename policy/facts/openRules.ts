import { UnknownValueError } from "@pulumi/policy";
import { type OpenRule } from "../../components/plan/rules/exposure";
import { types } from "./types";

type Props = Record<string, unknown>;

/** Whoever it is: the range of a rule that names nobody, or hides its ranges in a template. */
const everybody = "0.0.0.0/0";

/** Rules of a resource that let traffic in. Empty for resources of other types. */
export function openRulesOf(type: string, props: Props): OpenRule[] {
  switch (type) {
    case types.securityGroupRuleSet:
      return list(props.ingresses).flatMap((rule) => ruleSetRule(rule as Props));
    case types.securityGroupLiteRule:
      return list(props.ingresses ?? props.ingress).flatMap((rule) => liteRule(String(rule)));
    case types.securityGroupRule:
      return singleRule(props);
    default:
      return [];
  }
}

function ruleSetRule(rule: Props): OpenRule[] {
  if (!accepts(rule.action)) return [];
  const cidrs = texts(rule.cidrBlock, rule.ipv6CidrBlock);
  return cidrsOrEverybody(cidrs, () => rule.sourceSecurityId).map((cidr) => ({
    cidr,
    ...protocolAndPorts(
      rule.protocol,
      rule.port,
      rule.serviceTemplateId ?? rule.serviceTemplateGroup,
    ),
  }));
}

/** `ACCEPT#10.0.0.0/8#22#TCP`, with a group or a template for the range. */
function liteRule(text: string): OpenRule[] {
  const [action, source = "", ports, protocol] = text.split("#");
  if (!accepts(action) || source.startsWith("sg-")) return [];
  const cidr = /^ipm?g?-/.test(source) ? everybody : source;
  return [{ cidr, ...protocolAndPorts(protocol, ports, undefined) }];
}

function singleRule(props: Props): OpenRule[] {
  if (props.type !== "ingress" || !accepts(props.policy)) return [];
  return cidrsOrEverybody(texts(props.cidrIp), () => props.sourceSgid).map((cidr) => ({
    cidr,
    ...protocolAndPorts(props.ipProtocol, props.portRange, props.protocolTemplate),
  }));
}

function cidrsOrEverybody(cidrs: string[], group: () => unknown): string[] {
  if (cidrs.length > 0) return cidrs;
  return namesGroup(group) ? [] : [everybody];
}

/** Whether a rule names a security group. The id of one about to be made is not known in a preview, but it will be one. */
function namesGroup(group: () => unknown): boolean {
  try {
    return texts(group()).length > 0;
  } catch (error) {
    if (error instanceof UnknownValueError) return true;
    throw error;
  }
}

function protocolAndPorts(protocol: unknown, ports: unknown, template: unknown): OpenRule {
  // A template hides protocol and ports, so it may be any of them.
  if (template !== undefined && template !== null && template !== "") return {};
  return { protocol: texts(protocol)[0], ports: texts(ports)[0] };
}

function accepts(action: unknown): boolean {
  return (texts(action)[0] ?? "ACCEPT").toUpperCase() === "ACCEPT";
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(...values: unknown[]): string[] {
  return values.filter((value): value is string => typeof value === "string" && value !== "");
}
