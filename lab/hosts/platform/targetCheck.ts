import { setTimeout as delay } from "node:timers/promises";
import type { HealthCheckSpec, HealthState } from "../loadBalancer";

/** How often a target must answer, or not, before that changes what it is taken for. */
export type Thresholds = Pick<HealthCheckSpec, "healthyAfter" | "unhealthyAfter">;

/** What is known of a target: its state, and how many probes in a row have spoken against it (or, of an Unknown one, alike). */
export interface Verdict {
  state: HealthState;
  streak: number;
  /** What the probes of the streak found. */
  well: boolean;
}

/** The verdict after one more probe. */
export function judge(before: Verdict, well: boolean, thresholds: Thresholds): Verdict {
  const { state } = before;
  if (state === (well ? "Alive" : "Dead")) return { state, streak: 0, well };
  const streak = before.well === well ? before.streak + 1 : 1;
  const needed = well ? thresholds.healthyAfter : thresholds.unhealthyAfter;
  return streak < needed
    ? { state, streak, well }
    : { state: well ? "Alive" : "Dead", streak: 0, well };
}

/** Probes one target every `interval` seconds, counted from the start of one probe to that of the next, until it is stopped. */
export class TargetCheck {
  private verdict: Verdict;
  private readonly ended = new AbortController();

  /**
   * @param state what it is taken for until its probes say otherwise.
   * @param changed called whenever the state is another one.
   */
  constructor(
    state: HealthState,
    private readonly check: HealthCheckSpec,
    private readonly probe: () => Promise<boolean>,
    private readonly changed: (state: HealthState) => void,
  ) {
    this.verdict = { state, streak: 0, well: state === "Alive" };
    void this.run();
  }

  get state(): HealthState {
    return this.verdict.state;
  }

  stop(): void {
    this.ended.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    let goesOn: Promise<boolean>;
    do {
      goesOn = delay(this.check.interval * 1000, undefined, { signal }).then(
        () => true,
        () => false,
      );
      const well = await this.probe();
      if (signal.aborted) return;
      const before = this.verdict.state;
      this.verdict = judge(this.verdict, well, this.check);
      if (this.verdict.state !== before) this.changed(this.verdict.state);
    } while (await goesOn);
  }
}
