import { setTimeout as delay } from "node:timers/promises";

import type { World } from "../hosts/types";
import { desiredWorld } from "./desiredWorld";
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
  private closing = false;
  private appliedJson: string | undefined;
  private running: Promise<void> | undefined;
  private waiters: { version: number; resolve: () => void }[] = [];
  private version = 0;

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
    if (!this.running && !this.closing) {
      this.running = this.run().finally(() => {
        this.running = undefined;
        if (this.requested && !this.closing) {
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

  /** Stops after the hand-over under way. */
  async close(): Promise<void> {
    this.closing = true;
    await this.running;
  }

  private async run(): Promise<void> {
    // Calls that arrive in the same breath go over together.
    await delay(5);
    let retryMs = firstRetryMs;
    this.state.busy = true;
    try {
      for (;;) {
        if (this.closing) {
          return;
        }
        this.requested = false;
        try {
          const version = this.version;
          const unsettled = await this.step();
          retryMs = firstRetryMs;
          delete this.state.lastError;
          this.waiters = this.waiters.filter((waiter) => {
            if (waiter.version <= version) {
              waiter.resolve();
            }
            return waiter.version > version;
          });
          if (!unsettled && !this.requested) {
            return;
          }
          if (unsettled) {
            await delay(pollMs);
          }
        } catch (error) {
          this.state.lastError = error instanceof Error ? error.message : String(error);
          this.log(`the world could not carry out the desired state: ${this.state.lastError}`);
          await delay(retryMs);
          retryMs = Math.min(retryMs * 2, longestRetryMs);
        }
      }
    } finally {
      this.state.busy = false;
    }
  }

  /** One hand-over if anything differs, then one look at the world. @returns whether anything is still under way. */
  private async step(): Promise<boolean> {
    const desired = desiredWorld(this.store);
    const json = JSON.stringify(desired);
    const covered = coveredNow(this.store);
    if (json !== this.appliedJson) {
      const started = Date.now();
      this.appliedJson = undefined;
      let applying = true;
      const apply = this.world.apply(desired).finally(() => {
        applying = false;
      });
      // Hosts that are up are reported while others still boot.
      const watch = (async () => {
        while (applying && !this.closing) {
          await Promise.race([apply.catch(() => undefined), delay(pollMs)]);
          if (applying) {
            await this.look();
          }
        }
      })();
      await Promise.all([apply, watch]);
      this.appliedJson = json;
      this.state.applies += 1;
      this.state.lastApplyMs = Date.now() - started;
    }
    this.store.transaction(() => settleCovered(this.store, covered));
    const unsettled = await this.look();
    return unsettled || JSON.stringify(desiredWorld(this.store)) !== this.appliedJson;
  }

  private async look(): Promise<boolean> {
    const statuses = await this.world.status();
    return this.store.transaction(() => settleInstances(this.store, statuses)).result;
  }

  private haVipMoved(haVipId: string, instanceId: string): void {
    const { changed } = this.store.transaction(() => {
      const haVip = this.store.tables.haVips.get(haVipId);
      if (haVip && haVip.ownerInstanceId !== instanceId) {
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
