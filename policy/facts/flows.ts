import { type Duty, isRole, ownDuty, type Role, tagNames } from "../../components/plan/roles";
import { flowsLetIn, type GuardedFlow, guardedFlows } from "../../components/plan/rules/flows";
import { type InboundRule, inboundRules } from "./inbound";
import { instancesOf } from "./instances";
import { type Resource, type Stack } from "./stack";
import { isUnknown, list, object } from "./values";

/** A guarded flow that a rule of a security group lets in. */
export interface OpenFlow {
  flow: GuardedFlow;
  rule: InboundRule;
  /** Roles that the rule lets in; undefined for a range, empty for a group of no role that is known. */
  from: readonly Role[] | undefined;
  /** Whether it may be any one of {@link from}, as the id of the group is known only after the update. */
  oneOf: boolean;
}

/** Guarded flows that the security groups of a stack let in, to hosts whose role is known. */
export function openFlows(stack: Stack): readonly OpenFlow[] {
  return stack.facts(readFlows);
}

/** Inputs that say which group a rule is of. */
const groupInput = "securityGroupId";

function readFlows(stack: Stack): OpenFlow[] {
  return inboundRules(stack).flatMap((rule) => {
    const [group] = stack.sources(rule.resource, groupInput, "securityGroup");
    if (group === undefined) return [];
    return rolesOf(stack, group).flatMap((to) =>
      flowsLetIn(to, rule, stack.facts(readGuarded)).map((flow) => ({
        flow,
        rule,
        ...sourceOf(stack, rule),
      })),
    );
  });
}

/** Guarded flows among roles whose hosts do what their tags say. */
function readGuarded(stack: Stack): GuardedFlow[] {
  const duties = new Map<Role, Duty[]>();
  for (const instance of instancesOf(stack)) {
    if (instance.role === undefined) continue;
    duties.set(instance.role, [...(duties.get(instance.role) ?? []), ...instance.duties]);
  }
  return guardedFlows((role) => [ownDuty[role], ...(duties.get(role) ?? [])]);
}

function sourceOf(stack: Stack, rule: InboundRule): Pick<OpenFlow, "from" | "oneOf"> {
  if (rule.group === undefined) return { from: undefined, oneOf: false };
  // Providers that keep a resource's id among its outputs tell which group a known id is of.
  const named = stack
    .of("securityGroup")
    .find(({ props }) => props.id === rule.group && !isUnknown(props.id));
  if (named !== undefined) return { from: rolesOf(stack, named), oneOf: false };
  const planned = plannedSource(stack, rule);
  if (planned !== undefined) return { from: [planned], oneOf: false };
  const inputs = ["ingresses", "ingress", "sourceSgid"];
  const groups = inputs.flatMap((input) => stack.sources(rule.resource, input, "securityGroup"));
  return { from: groups.flatMap((group) => rolesOf(stack, group)), oneOf: groups.length > 1 };
}

/**
 * The role that the Network component says a rule lets in. In a preview of a new stack it is the only one who knows which of
 * a set's rules names which group. Not taken from a plan that has another rule in that place.
 */
function plannedSource(
  stack: Stack,
  { resource, index, protocol, ports }: InboundRule,
): Role | undefined {
  const [group] = stack.sources(resource, groupInput, "securityGroup");
  const network = stack.within(resource, "network");
  if (group === undefined || network === undefined) return undefined;
  const plan = list(network.props.securityGroups)
    .map(object)
    .find(({ name }) => name === group.props.name);
  const rule = object(list(plan?.ingress)[index]);
  const same = rule.protocol === protocol && rule.port === ports;
  return same && isRole(rule.role) ? rule.role : undefined;
}

/** Roles of the hosts in a group: by its tag, or else by the instances that are in it. */
function rolesOf(stack: Stack, group: Resource): Role[] {
  const tagged = object(group.props.tags)[tagNames.role];
  if (isRole(tagged)) return [tagged];
  return [...(stack.facts(rolesByGroup).get(group.urn) ?? [])];
}

function rolesByGroup(stack: Stack): Map<string, Set<Role>> {
  const roles = new Map<string, Set<Role>>();
  for (const { resource, role } of instancesOf(stack)) {
    if (role === undefined) continue;
    for (const input of ["orderlySecurityGroups", "securityGroups"]) {
      for (const { urn } of stack.sources(resource, input, "securityGroup")) {
        roles.set(urn, (roles.get(urn) ?? new Set()).add(role));
      }
    }
  }
  return roles;
}
