import type { HealthState, ListenerSpec, LoadBalancerSpec, TargetSpec } from "../loadBalancer";
import type { Endpoint } from "./forwarding";
import { targetKey } from "./keys";

/** Targets of listeners that end established connections ("two-way RST", rescheduling), and since when theirs are unwanted. */
export class Resets {
  private readonly unwanted = new Map<string, { since: number; endpoint: Endpoint }>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Notes targets that leave a listener between one wanted state and the next. */
  note(before: readonly LoadBalancerSpec[], after: readonly LoadBalancerSpec[]): void {
    const listenersOf = (specs: readonly LoadBalancerSpec[]): ListenerSpec[] =>
      specs.flatMap(({ listeners }) => listeners);
    const next = new Map(listenersOf(after).map((each) => [each.listenerId, each]));
    for (const { listenerId, targets } of listenersOf(before)) {
      const listener = next.get(listenerId);
      const staying = new Set(listener?.targets.map((each) => targetKey(listenerId, each)));
      for (const target of targets) {
        const key = targetKey(listenerId, target);
        if (listener?.reset.deregistered && !staying.has(key)) this.add(key, target);
      }
    }
    for (const key of this.unwanted.keys())
      if (!next.has(key.split(" ")[0] as string)) this.unwanted.delete(key);
  }

  /** Targets of a listener whose established connections are ended now. */
  of(
    { listenerId, reset, targets }: ListenerSpec,
    stateOf: (target: TargetSpec) => HealthState,
  ): Endpoint[] {
    for (const target of targets) {
      const key = targetKey(listenerId, target);
      const isUnwanted =
        (reset.unhealthy && stateOf(target) === "Dead") ||
        (reset.zeroWeight && target.weight === 0);
      if (isUnwanted) this.add(key, target);
      else this.unwanted.delete(key);
    }
    const due = this.now() - reset.afterSeconds * 1000;
    return [...this.unwanted]
      .filter(([key, { since }]) => key.startsWith(`${listenerId} `) && since <= due)
      .map(([, { endpoint }]) => endpoint);
  }

  private add(key: string, { address, port }: TargetSpec): void {
    if (!this.unwanted.has(key))
      this.unwanted.set(key, { since: this.now(), endpoint: { address, port } });
  }
}
