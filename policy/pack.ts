import {
  type PolicyConfigSchema,
  type PolicyResource,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { type Resource, Stack } from "./facts/stack";
import { kindOf } from "./facts/types";
import { isUnknown } from "./facts/values";
import { parametersOf, type Rule, sentence } from "./rules/rule";

/**
 * Inputs of every resource, from when it was registered. At the end the engine shows outputs, and those of a component are
 * only what it registers as such: what a step does to its host is among its inputs.
 */
const inputs = new Map<string, Record<string, unknown>>();

/** The stack that is being judged, and the rules that have judged it. */
let judged: { stack: Stack; rules: Set<string> } | undefined;

/**
 * The SDK hands the resources over anew to each rule, one after another. The rules of one analysis share what the first was given, and with it
 * whatever facts they find; a rule that comes a second time is the beginning of another analysis.
 */
function stackFor(rule: Rule, resources: readonly PolicyResource[]): Stack {
  if (judged === undefined || judged.rules.has(rule.id))
    judged = { stack: new Stack(resources.map(toResource)), rules: new Set() };
  judged.rules.add(rule.id);
  return judged.stack;
}

/** A rule as a policy of a CrossGuard pack. */
export function toPolicy(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const about = {
    name: rule.id,
    description: rule.description,
    enforcementLevel: rule.level,
    ...(rule.parameters === undefined
      ? {}
      : {
          configSchema: { properties: rule.parameters as PolicyConfigSchema["properties"] },
        }),
  };
  return rule.scope === "resource"
    ? {
        ...about,
        validateResource: (args, report) => {
          if (kindOf(args.type) === undefined) return;
          const { type, urn, name, opts } = args;
          const props = plain(args.props);
          inputs.set(urn, props);
          const resource = {
            type,
            urn,
            name,
            props,
            propertyDependencies: {},
            additionalSecretOutputs: opts.additionalSecretOutputs,
          };
          run(rule, new Stack([resource]), args.getConfig(), (message) => report(message));
        },
      }
    : {
        ...about,
        validateStack: (args, report) =>
          run(rule, stackFor(rule, args.resources), args.getConfig(), report),
      };
}

function run(
  rule: Rule,
  stack: Stack,
  config: Readonly<Record<string, unknown>>,
  report: (message: string, urn?: string) => void,
): void {
  for (const finding of rule.judge(stack, parametersOf(rule, config))) {
    report(sentence({ fix: rule.fix, ...finding }), finding.urn);
  }
}

function toResource(resource: PolicyResource): Resource {
  return {
    type: resource.type,
    urn: resource.urn,
    name: resource.name,
    props: propsOf(plain(resource.props), inputs.get(resource.urn)),
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([input, sources]) => [
        input,
        sources.map(({ urn }) => urn),
      ]),
    ),
    parent: resource.parent?.urn,
    additionalSecretOutputs: resource.opts.additionalSecretOutputs,
  };
}

/**
 * What is to be judged of a resource: what the program wrote, and beyond it what the cloud is known to have. An output that is not known
 * and was not written is the provider's mark for "the cloud decides" (optional and computed in its schema): there the API's default
 * holds, which every rule takes for what is absent. What the program wrote and does not know yet stays unknown.
 */
function propsOf(
  outputs: Record<string, unknown>,
  written: Record<string, unknown> | undefined,
): Record<string, unknown> {
  if (written === undefined) return outputs;
  const known = Object.entries(outputs).filter(([, value]) => !isUnknown(value));
  return { ...Object.fromEntries(known), ...written };
}

/**
 * Properties without the SDK's guard, which turns a mandatory policy that touches an unknown value into a warning. It
 * guards reading, not descriptors. The rules know the marks of unknown values, and say what they cannot decide.
 */
function plain(props: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(props)).map(([name, { value }]) => [
      name,
      value as unknown,
    ]),
  );
}
