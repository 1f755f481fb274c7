import { departing } from "../facts/steps";
import { text } from "../facts/values";
import type { Change } from "./change";
import type { State } from "./preview";
import type { Member } from "./world";

/** What takes a member out when it leaves. */
export interface Departure {
  urn: string;
  /** Its resources that act when they are deleted. */
  acts: string[];
  /** Whether it waits on the hosts for others, so that the plan need not order them. */
  takesTurns: boolean;
}

/**
 * The departure of a member that leaves: a command of components/remote, or in other programs a component of type `kubernetes-ha:remote:Departure` with input `member`, the
 * instance's name, that was there before and goes in this plan. It counts when it, or a resource below it, has a `delete` command,
 * which runs before the instance goes (so it depends on it) and is not skipped with it (so it is not `deletedWith` it).
 */
export function departureOf(change: Change, { urn, name }: Member): Departure | undefined {
  const { graph } = change.before;
  const acts = (state: State) =>
    text(state.inputs["delete"]) !== undefined &&
    change.act(state.urn) === "delete" &&
    state.deletedWith !== urn &&
    graph.before(state.urn).has(urn);
  const own = change.before
    .of("command")
    .find((state) => departing(state.inputs) === name && acts(state));
  if (own !== undefined) return { urn: own.urn, acts: [own.urn], takesTurns: true };
  for (const component of change.before.of("departure")) {
    if (component.inputs["member"] !== name || change.act(component.urn) !== "delete") continue;
    const acting = graph.below(component.urn).filter(acts);
    if (acting.length > 0)
      return { urn: component.urn, acts: acting.map((state) => state.urn), takesTurns: false };
  }
  return undefined;
}
