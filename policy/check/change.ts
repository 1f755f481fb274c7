import type { Preview, State, Step } from "./preview";
import { type Member, World } from "./world";

/** What becomes of a resource. Every operation of the engine is one of these. */
export type Act = "same" | "create" | "update" | "replace" | "delete";

const acts: Readonly<Record<string, Act>> = {
  same: "same",
  read: "same",
  refresh: "same",
  discard: "same",
  create: "create",
  import: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "read-replacement": "replace",
  "discard-replaced": "replace",
  "import-replacement": "replace",
  // What is left of a replacement that was interrupted: its successor is there.
  "remove-pending-replace": "same",
  delete: "delete",
};

/** A plan: the stack before and after, and what becomes of every resource. */
export class Change {
  readonly before: World;
  readonly after: World;
  private readonly steps = new Map<string, Step & { act: Act }>();

  /** @throws Error for an operation that no engine known here has. */
  constructor({ steps }: Preview) {
    const before = new Map<string, State>();
    const after = new Map<string, State>();
    for (const step of steps) {
      const act = acts[step.op];
      if (act === undefined) {
        throw new Error(
          `step ${step.urn} has operation "${step.op}"; known are ${Object.keys(acts).join(", ")}`,
        );
      }
      const { urn, oldState, newState } = step;
      // A replacement may show as several steps; what one of them leaves out another has.
      if (oldState && !before.has(urn)) before.set(urn, oldState);
      // The id of what is not made anew is told of the old state only.
      const keeps = act === "same" || act === "update";
      if (newState) after.set(urn, keeps ? { ...newState, id: oldState?.id } : newState);
      // A refresh comes before what is done to the resource.
      const known = this.steps.get(urn)?.act ?? "same";
      if (known === "same" || act === "replace") this.steps.set(urn, { ...step, act });
    }
    this.before = new World(before);
    this.after = new World(after);
  }

  act(urn: string): Act {
    return this.steps.get(urn)?.act ?? "same";
  }

  /** Top-level properties that an update or a replacement changes. */
  changed(urn: string): string[] {
    const step = this.steps.get(urn);
    if (step === undefined || step.act === "same") return [];
    const paths = Object.keys(step.detailedDiff).map((path) => path.split(/[.[]/)[0] ?? path);
    return [...new Set([...step.diffReasons, ...step.replaceReasons, ...paths])];
  }

  /** Names of all clusters, before and after. */
  get clusters(): string[] {
    const members = [...this.before.members, ...this.after.members];
    return [...new Set(members.map(({ cluster }) => cluster))].sort();
  }

  /** Members that are gone afterwards, or are what they were no more. */
  get leaving(): Member[] {
    return this.before.members.filter((member) => !has(this.after, member));
  }

  get joining(): Member[] {
    return this.after.members.filter((member) => !has(this.before, member));
  }

  /** Members there before and after, as they were. */
  get staying(): Member[] {
    return this.before.members.filter((member) => has(this.after, member));
  }

  /** The member as it is to be. */
  next(member: Member): Member | undefined {
    return this.after.members.find((other) => same(other, member));
  }
}

function has(world: World, member: Member): boolean {
  return world.members.some((other) => same(other, member));
}

/** Who a member is: its resource, and what it is tagged as. */
function same(one: Member, other: Member): boolean {
  return one.urn === other.urn && one.role === other.role && one.cluster === other.cluster;
}
