import { text } from "../facts/values";
import type { Change } from "./change";
import type { Member } from "./world";

/** What takes a member out when it leaves. */
export interface Departure {
  urn: string;
  /** Its resources that act when they are deleted. */
  acts: string[];
}

/**
 * The departure of a member that leaves: a component of type `kubernetes-ha:remote:Departure` with input `member`, the
 * instance's name, that was there before and goes in this plan. It counts when a resource below it has a `delete` command,
 * which runs before the instance goes (so it depends on it) and is not skipped with it (so it is not `deletedWith` it).
 */
export function departureOf(change: Change, { urn, name }: Member): Departure | undefined {
  const { graph } = change.before;
  for (const component of change.before.of("departure")) {
    if (component.inputs["member"] !== name || change.act(component.urn) !== "delete") continue;
    const acts = graph
      .below(component.urn)
      .filter(
        (state) =>
          text(state.inputs["delete"]) !== undefined &&
          change.act(state.urn) === "delete" &&
          state.deletedWith !== urn &&
          graph.before(state.urn).has(urn),
      )
      .map((state) => state.urn);
    if (acts.length > 0) return { urn: component.urn, acts };
  }
  return undefined;
}
