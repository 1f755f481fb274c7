import type { State } from "./preview";

/** What the engine does for what: a resource is made after all that it depends on, and deleted before them. */
export class Graph {
  private readonly known = new Map<string, ReadonlySet<string>>();

  constructor(private readonly states: ReadonlyMap<string, State>) {}

  /** Everything a resource waits for, directly or through others. */
  before(urn: string): ReadonlySet<string> {
    const known = this.known.get(urn);
    if (known !== undefined) return known;
    const found = new Set<string>();
    this.known.set(urn, found);
    const open = this.direct(urn);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(...this.direct(next));
    }
    return found;
  }

  /** Resources whose parent this is, at any depth. */
  below(urn: string): State[] {
    return [...this.states.values()].filter((state) => this.isBelow(state, urn));
  }

  private isBelow({ parent }: State, urn: string): boolean {
    for (let at = parent; at !== undefined && at !== null; at = this.states.get(at)?.parent) {
      if (at === urn) return true;
    }
    return false;
  }

  private direct(urn: string): string[] {
    const state = this.states.get(urn);
    if (state === undefined) return [];
    // A child waits for what its parent waits for: it is registered after it, and deleted before it.
    return [
      ...state.dependencies,
      ...Object.values(state.propertyDependencies).flat(),
      ...(state.parent ? [state.parent] : []),
    ];
  }
}
