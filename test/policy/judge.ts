import { type Resource } from "../../policy/facts/stack";
import { type Kind, typesOf } from "../../policy/facts/types";
import { judge, type Rule, sentence } from "../../policy/rules/rule";

/** What a preview has in place of a text it does not know yet: the engine's own mark. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A resource of a stack, as a test writes it; its name is its URN. */
export interface FixtureResource {
  type: string;
  name: string;
  props: Record<string, unknown>;
  /** Inputs that come from other resources, by those resources' names. */
  from?: Record<string, string[]>;
  parent?: string;
  additionalSecretOutputs?: string[];
}

/** Type token of a kind, as this project's SDK has it. */
export function tokenOf(kind: Kind): string {
  const [type] = typesOf(kind);
  if (type === undefined) throw new Error(`no type is of kind ${kind}`);
  return type;
}

export function toResource({ from = {}, ...resource }: FixtureResource): Resource {
  return { ...resource, urn: resource.name, propertyDependencies: from };
}

/** What a rule says of resources, as people read it: `<resource>: <message>. <fix>.` */
export function found<P extends object>(
  rule: Rule<P>,
  fixtures: readonly FixtureResource[],
  parameters: Partial<P> = {},
): string[] {
  return judge([rule], fixtures.map(toResource), { [rule.id]: { ...parameters } }).map(
    (violation) => `${violation.urn ?? "(the stack)"}: ${sentence(violation)}`,
  );
}
