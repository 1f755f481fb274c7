import type { DesiredWorld, HostStatus, World } from "./types";

/**
 * A world without machines: an instance is running as soon as it is wanted. For tests of the API and of plans.
 * `failStart` names instances (by host name) whose start fails, with the reason.
 */
export class MemoryWorld implements World {
  /** The last state handed over. */
  desired: DesiredWorld = { hosts: [], securityGroups: [], haVips: [], routes: [], disks: [] };
  /** Host names whose start fails, and why. */
  readonly failStart = new Map<string, string>();
  private readonly listeners: ((haVipId: string, instanceId: string) => void)[] = [];

  apply(desired: DesiredWorld): Promise<void> {
    this.desired = structuredClone(desired);
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

  onHaVipMoved(listener: (haVipId: string, instanceId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Plays the gratuitous ARP of an instance that takes a HAVIP. */
  announce(haVipId: string, instanceId: string): void {
    this.listeners.forEach((listener) => listener(haVipId, instanceId));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
