import type { Hono } from "hono";
import type { TargetHealth } from "./loadBalancer";
import type { MemorySsh } from "./memory/ssh";
import { type DesiredWorld, emptyWorld, type HostStatus, type World } from "./types";

/**
 * A world without machines: an instance is running as soon as it is wanted. With `ssh`, instances can be logged in to, and take
 * steps without doing them; without, it is for tests of the API alone.
 */
export class MemoryWorld implements World {
  /** The last state handed over. */
  desired: DesiredWorld = emptyWorld;
  /** Host names whose start fails, and why. */
  readonly failStart = new Map<string, string>();
  /** Orders for it on the admin port. */
  readonly routes: Hono | undefined;
  private readonly listeners: ((haVipId: string, instanceId: string) => void)[] = [];

  constructor(private readonly ssh?: MemorySsh) {
    this.routes = ssh?.faults.routes;
  }

  async apply(desired: DesiredWorld): Promise<void> {
    this.desired = structuredClone(desired);
    await this.ssh?.open();
    this.ssh?.converge(this.desired.hosts);
  }

  booted(): Promise<void> {
    return Promise.resolve();
  }

  status(): Promise<HostStatus[]> {
    return Promise.resolve(
      this.desired.hosts.map((host): HostStatus => {
        const error = this.failStart.get(host.hostName);
        if (error !== undefined && host.power === "running") {
          return { instanceId: host.instanceId, state: "failed", error };
        }
        const state =
          host.power === "stopped" ? "stopped" : host.power === "failed" ? "failed" : "running";
        return { instanceId: host.instanceId, state };
      }),
    );
  }

  /** Nothing is forwarded or probed: a target is alive while its machine would be. */
  targetHealth(): TargetHealth[] {
    const power = new Map(this.desired.hosts.map((host) => [host.instanceId, host.power]));
    return this.desired.loadBalancers
      .flatMap(({ listeners }) => listeners)
      .flatMap(({ listenerId, targets }) =>
        targets.map(({ instanceId, port }) => ({
          listenerId,
          instanceId,
          port,
          state: power.get(instanceId) === "running" ? ("Alive" as const) : ("Dead" as const),
        })),
      );
  }

  onHaVipMoved(listener: (haVipId: string, instanceId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Plays the gratuitous ARP of an instance that takes a HAVIP. */
  announce(haVipId: string, instanceId: string): void {
    this.listeners.forEach((listener) => listener(haVipId, instanceId));
  }

  async close(): Promise<void> {
    await this.ssh?.close();
  }
}
