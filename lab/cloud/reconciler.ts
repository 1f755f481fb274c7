import { setTimeout as delay } from "node:timers/promises";

import type { DesiredWorld, World } from "../hosts/types";
import { desiredWorld, hasBody } from "./desiredWorld";
import { coveredNow, settleCovered, settleInstances } from "./settle";
import type { Store } from "./store";

/** How often the world is asked for its hosts' states while something is under way, in ms. */
const pollMs = 200;
const firstRetryMs = 500;
const longestRetryMs = 10_000;

/** What the reconciler did last; shown by the admin API. */
export interface ReconcilerState {
  applies: number;
  lastApplyMs?: number;
  lastError?: string;
  busy: boolean;
}

/**
 * Keeps the world like the stored state. Hands the whole desired state over after each accepted change and at start, one at
 * a time, several changes at once when they come while the world is busy; and moves instances on by what the world reports.
 */
export class Reconciler {
  readonly state: ReconcilerState = { applies: 0, busy: false };
  private requested = false;
  private readonly closing = new AbortController();
  private appliedJson: string | undefined;
  private running: Promise<void> | undefined;
  private waiters: { version: number; resolve: () => void }[] = [];
  private version = 0;
  private cached: { version: number; desired: DesiredWorld; json: string } | undefined;

  constructor(
    private readonly store: Store,
    private readonly world: World,
    private readonly log: (line: string) => void,
  ) {
    world.onHaVipMoved((haVipId, instanceId) => this.haVipMoved(haVipId, instanceId));
  }

  /** Asks for a hand-over of the state as it is now; returns at once. */
  schedule(): void {
    this.version += 1;
    this.requested = true;
    if (!this.running && !this.closing.signal.aborted) {
      this.running = this.run().finally(() => {
        this.running = undefined;
        if (this.requested) {
          this.schedule();
        }
      });
    }
  }

  /** Resolves once the world has carried out the state as it is now. @throws Error after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => {
        // A hand-over under way began before this version, so it does not count.
        this.schedule();
        this.waiters.push({ version: this.version, resolve });
      }),
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () =>
            reject(
              new Error(
                `the world has not carried out the change after ${timeoutMs} ms; last error: ${this.state.lastError ?? "none"}`,
              ),
            ),
          timeoutMs,
        );
      }),
    ]).finally(() => clearTimeout(timer));
  }

  /** Stops at once; a hand-over under way goes on without anyone waiting for it. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    let retryMs = firstRetryMs;
    this.state.busy = true;
    try {
      // Calls that arrive in the same breath go over together.
      await delay(5, undefined, { signal });
      let unsettled = true;
      while (unsettled || this.requested) {
        this.requested = false;
        const version = this.version;
        try {
          unsettled = await this.step();
        } catch (error) {
          signal.throwIfAborted();
          this.state.lastError = error instanceof Error ? error.message : String(error);
          this.log(`the world could not carry out the desired state: ${this.state.lastError}`);
          await delay(retryMs, undefined, { signal });
          retryMs = Math.min(retryMs * 2, longestRetryMs);
          unsettled = true;
          continue;
        }
        retryMs = firstRetryMs;
        delete this.state.lastError;
        // Hosts that boot are in nobody's way, but an order is carried out once they are up.
        void this.world.booted().then(() => this.release(version));
        if (unsettled) {
          await delay(pollMs, undefined, { signal });
        }
      }
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
    } finally {
      this.state.busy = false;
    }
  }

  /** Tells those who wait that the state of `version` has been carried out. */
  private release(version: number): void {
    const isDone = (waiter: { version: number }): boolean => waiter.version <= version;
    this.waiters.filter(isDone).forEach((waiter) => waiter.resolve());
    this.waiters = this.waiters.filter((waiter) => !isDone(waiter));
  }

  /** One hand-over if anything differs, then one look at the world. @returns whether anything is still under way. */
  private async step(): Promise<boolean> {
    const { desired, json } = this.wanted();
    const covered = coveredNow(this.store);
    if (json !== this.appliedJson) {
      const started = Date.now();
      this.appliedJson = undefined;
      await this.apply(desired);
      this.appliedJson = json;
      this.state.applies += 1;
      this.state.lastApplyMs = Date.now() - started;
    }
    this.store.transaction(() => settleCovered(this.store, covered));
    const unsettled = await this.look();
    return unsettled || this.wanted().json !== this.appliedJson;
  }

  /** Hands a state over; hosts that are up are reported while others still boot. */
  private async apply(desired: DesiredWorld): Promise<void> {
    const applying = this.world.apply(desired);
    while (!(await endsWithin(applying, pollMs))) {
      await this.look();
    }
    await applying;
  }

  /** The desired state and its text, worked out once for each version of the stored state. */
  private wanted(): { desired: DesiredWorld; json: string } {
    if (this.cached?.version !== this.store.version) {
      const desired = desiredWorld(this.store);
      this.cached = { version: this.store.version, desired, json: JSON.stringify(desired) };
    }
    return this.cached;
  }

  private async look(): Promise<boolean> {
    const statuses = await this.world.status();
    this.closing.signal.throwIfAborted();
    return this.store.transaction(() => settleInstances(this.store, statuses)).result;
  }

  private haVipMoved(haVipId: string, instanceId: string): void {
    if (this.closing.signal.aborted) {
      return;
    }
    const { changed } = this.store.transaction(() => {
      const haVip = this.store.tables.haVips.get(haVipId);
      const instance = this.store.tables.instances.get(instanceId);
      const mayOwn =
        instance !== undefined &&
        haVip !== undefined &&
        hasBody(instance) &&
        instance.vpcId === haVip.vpcId &&
        (!haVip.checkAssociate || haVip.associations.includes(instanceId));
      if (mayOwn && haVip.ownerInstanceId !== instanceId) {
        this.store.tables.haVips.put({
          ...haVip,
          ownerInstanceId: instanceId,
          flushedAt: new Date().toISOString(),
        });
      }
    });
    if (changed) {
      this.log(`${haVipId} is now held by ${instanceId}`);
      this.schedule();
    }
  }
}

/** Whether a promise ends, well or badly, within `ms`. */
async function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const over = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([over, late]).finally(() => clearTimeout(timer));
}
