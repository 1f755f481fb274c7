import { isDeepStrictEqual } from "node:util";
import type { ListenerSpec, LoadBalancerSpec, TargetHealth, TargetSpec } from "../loadBalancer";
import { Checks, type Probe } from "./checks";
import type { TrackedConnection } from "./connections";
import type { Forwarding } from "./forwarding";
import { Resets } from "./resets";
import { inRotation, leastConnections, weightedRound } from "./rotation";

/** How many connections ahead a listener of least connections is planned; they are counted again every second. */
const leastConnectionsAhead = 64;

export interface BalancersParts {
  probe: Probe;
  /** What targets were taken for by the process before this one. */
  known: readonly TargetHealth[];
  /** Puts forwardings into effect. */
  install: (forwardings: Forwarding[]) => Promise<void>;
  connections: () => TrackedConnection[];
  /** Called when the state of a target is another one. */
  healthChanged: () => void;
  log: (line: string) => void;
}

/** Load balancers at work: probes their targets and keeps the forwarding as the probes say. */
export class Balancers {
  private specs: readonly LoadBalancerSpec[] = [];
  private readonly checks: Checks;
  private readonly resets = new Resets();
  private installed: Forwarding[] | undefined;
  private installing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: BalancersParts) {
    this.checks = new Checks(parts.probe, parts.known, (told) => {
      parts.log(told);
      parts.healthChanged();
      this.reinstall();
    });
  }

  /** Takes over what is wanted; resolves when new connections go by it. */
  async apply(specs: readonly LoadBalancerSpec[]): Promise<void> {
    this.resets.note(this.specs, specs);
    this.specs = specs;
    this.checks.converge(specs);
    await this.install();
    clearInterval(this.timer);
    // What changes without anything happening: connections are counted anew, a delayed reset becomes due.
    const moves = ({ scheduler, reset }: ListenerSpec): boolean =>
      scheduler === "LEAST_CONN" || reset.afterSeconds > 0;
    if (specs.some(({ listeners }) => listeners.some(moves)))
      this.timer = setInterval(() => this.reinstall(), 1000);
  }

  health(): TargetHealth[] {
    return this.specs
      .flatMap(({ listeners }) => listeners)
      .filter(({ healthCheck }) => healthCheck)
      .flatMap(({ listenerId, targets }) =>
        targets.map((target) => ({
          listenerId,
          instanceId: target.instanceId,
          port: target.port,
          state: this.checks.stateOf(listenerId, target),
        })),
      );
  }

  stop(): void {
    clearInterval(this.timer);
    this.checks.stop();
  }

  private reinstall(): void {
    void this.install().catch((error: unknown) =>
      this.parts.log(`the forwarding could not be changed: ${String(error)}`),
    );
  }

  private install(): Promise<void> {
    const next = this.installing.then(async () => {
      const forwardings = this.forwardings();
      if (isDeepStrictEqual(forwardings, this.installed)) return;
      await this.parts.install(forwardings);
      this.installed = forwardings;
    });
    this.installing = next.catch(() => undefined);
    return next;
  }

  private forwardings(): Forwarding[] {
    const isCounted = ({ scheduler }: ListenerSpec): boolean => scheduler === "LEAST_CONN";
    const connections = this.specs.some(({ listeners }) => listeners.some(isCounted))
      ? this.parts.connections()
      : [];
    return this.specs.flatMap(({ vip, listeners }) =>
      listeners.map((listener) => {
        const { listenerId, port, sticky, idleSeconds } = listener;
        const stateOf = (target: TargetSpec) => this.checks.stateOf(listenerId, target);
        const targets = inRotation(listener, stateOf);
        const countOf = (target: TargetSpec): number =>
          connections.filter(
            (each) =>
              each.vip === vip &&
              each.port === port &&
              each.target === target.address &&
              each.targetPort === target.port,
          ).length;
        const turns = isCounted(listener)
          ? leastConnections(targets, countOf, leastConnectionsAhead)
          : weightedRound(targets);
        return {
          vip,
          port,
          slots: turns.map(({ address, port }) => ({ address, port })),
          sticky,
          idleSeconds,
          resets: this.resets.of(listener, stateOf),
        };
      }),
    );
  }
}
