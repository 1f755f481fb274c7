import { isDeepStrictEqual } from "node:util";
import type {
  HealthCheckSpec,
  HealthState,
  LoadBalancerSpec,
  TargetHealth,
  TargetSpec,
} from "../loadBalancer";
import { targetKey } from "./keys";
import type { ProbePath } from "./probe";
import { TargetCheck } from "./targetCheck";

/** Where probes come from whose source is not the VIP: an address of the documented range. */
export const probeAddress = "100.64.0.10";

export type Probe = (check: HealthCheckSpec, path: ProbePath) => Promise<boolean>;

/** The checks of all targets of load balancers. Those of weight 0 are probed too. */
export class Checks {
  private readonly running = new Map<string, { check: TargetCheck; settings: unknown }>();

  /**
   * @param known what targets were taken for by the process before this one.
   * @param changed called whenever the state of a target is another one.
   */
  constructor(
    private readonly probe: Probe,
    private known: readonly TargetHealth[],
    private readonly changed: (told: string) => void,
  ) {}

  /** A check for every target that has to have one, with the settings it has to have. One whose settings change keeps its state. */
  converge(specs: readonly LoadBalancerSpec[]): void {
    const wanted = new Set<string>();
    for (const { vip, listeners } of specs)
      for (const { listenerId, healthCheck, targets } of listeners)
        for (const target of healthCheck ? targets : []) {
          wanted.add(targetKey(listenerId, target));
          if (healthCheck) this.ensure(vip, listenerId, healthCheck, target);
        }
    for (const [key, { check }] of this.running)
      if (!wanted.has(key)) {
        check.stop();
        this.running.delete(key);
      }
    // A target that is registered again later starts anew.
    this.known = [];
  }

  stateOf(listenerId: string, target: TargetSpec): HealthState {
    return this.running.get(targetKey(listenerId, target))?.check.state ?? "Unknown";
  }

  stop(): void {
    for (const { check } of this.running.values()) check.stop();
  }

  private ensure(
    vip: string,
    listenerId: string,
    healthCheck: HealthCheckSpec,
    target: TargetSpec,
  ): void {
    const key = targetKey(listenerId, target);
    const path = {
      source: healthCheck.source === "vip" ? vip : probeAddress,
      address: target.address,
      port: healthCheck.port ?? target.port,
    };
    const settings = { healthCheck, path };
    const before = this.running.get(key);
    if (isDeepStrictEqual(before?.settings, settings)) return;
    before?.check.stop();
    const known = this.known.find((each) => targetKey(each.listenerId, each) === key);
    const check = new TargetCheck(
      before?.check.state ?? known?.state ?? "Unknown",
      healthCheck,
      () => this.probe(healthCheck, path),
      (state) =>
        this.changed(
          `${listenerId}: ${target.instanceId} (${path.address}:${path.port}) is ${state}`,
        ),
    );
    this.running.set(key, { check, settings });
  }
}
