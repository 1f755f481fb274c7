import { type Kind, kindOf } from "./types";
import { type Props } from "./values";

/** A resource as the engine knows it, in a preview or in state. Plain data: a preview's JSON has all of it. */
export interface Resource {
  type: string;
  urn: string;
  name: string;
  /** Inputs, and outputs where they are known. A value that is not has the engine's mark (see {@link isUnknown}). */
  props: Props;
  /** URNs of the resources that each input was made from. */
  propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** URN of the parent. */
  parent?: string;
  /** Outputs that are kept secret. @default none */
  additionalSecretOutputs?: readonly string[];
}

/** All resources of a stack, found by what they are and by URN, as stacks have thousands; made once for all rules. */
export class Stack {
  private readonly byKind = new Map<Kind, Resource[]>();
  private readonly byUrn = new Map<string, Resource>();
  private readonly derived = new Map<(stack: Stack) => unknown, unknown>();

  constructor(readonly resources: readonly Resource[]) {
    for (const resource of resources) {
      this.byUrn.set(resource.urn, resource);
      const kind = kindOf(resource.type);
      if (kind === undefined) continue;
      const same = this.byKind.get(kind);
      if (same === undefined) this.byKind.set(kind, [resource]);
      else same.push(resource);
    }
  }

  /** Resources of a kind, in the order they were registered. */
  of(kind: Kind): readonly Resource[] {
    return this.byKind.get(kind) ?? [];
  }

  /** The resource of a URN. */
  find(urn: string | undefined): Resource | undefined {
    return urn === undefined ? undefined : this.byUrn.get(urn);
  }

  /**
   * Resources of a kind that an input of a resource was made from. The id of one that is about to be made is not known in a
   * preview, but which resource it will come from is.
   */
  sources(resource: Resource, input: string, kind: Kind): Resource[] {
    return (resource.propertyDependencies[input] ?? []).flatMap((urn) => {
      const source = this.byUrn.get(urn);
      return source !== undefined && kindOf(source.type) === kind ? [source] : [];
    });
  }

  /** The nearest component of a kind round a resource. */
  within(resource: Resource, kind: Kind): Resource | undefined {
    let parent = this.find(resource.parent);
    while (parent !== undefined && kindOf(parent.type) !== kind) parent = this.find(parent.parent);
    return parent;
  }

  /** What a function finds in this stack, found once however many rules ask. */
  facts<T>(derive: (stack: Stack) => T): T {
    if (!this.derived.has(derive)) this.derived.set(derive, derive(this));
    return this.derived.get(derive) as T;
  }
}
