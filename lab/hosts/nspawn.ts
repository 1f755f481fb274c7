import { readdirSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LabIdentity } from "../identity";
import { internetFiles } from "../internet/certificates";
import { publicNames } from "../internet/names";
import { defaultLabSettings, type LabSettings } from "../settings";
import { bridgedNetwork } from "./bridgedNetwork";
import { Cgroups } from "./cgroups";
import { Disks } from "./disks";
import { Fabric } from "./fabric";
import { kernelModules } from "./kernelModules";
import { sweep } from "./leftovers";
import { Machine, type MachineContext } from "./machine";
import type { TargetHealth } from "./loadBalancer";
import { raiseLimit } from "./machineLimits";
import { Platform } from "./platform";
import { routedNetwork } from "./routedNetwork";
import type { DesiredWorld, HostSpec, HostStatus, World } from "./types";

/** Of a lab's settings, those that its hosts go by. */
export type WorldSettings = Pick<LabSettings, "network" | "ownKernel"> &
  Partial<Pick<LabSettings, "internet" | "offline">>;

export interface NspawnWorldOptions {
  lab: Pick<LabIdentity, "id" | "dir" | "operatorNetns" | "fabricNetns" | "cgroup">;
  /** Directory of the host image, from `ensureImage`. */
  image: string;
  /** Default: {@link defaultLabSettings}. */
  settings?: WorldSettings;
  /** Where the world reports what it does. Default: standard error. */
  log?: (line: string) => void;
}

/** Tag whose value the lab's settings name hosts by. */
const roleTag = "kubernetes-ha/role";

/**
 * Real hosts: each instance is a Linux system on the lab's network, in systemd-nspawn, or on a kernel of its own if the lab's settings say so for its
 * role. Hosts do not depend on this object's process: a new world on the same lab finds those that live by their cgroups and goes on with
 * them. Those in systemd-nspawn share the machine's kernel, clock and /proc/meminfo; memory is limited by cgroup.
 */
export class NspawnWorld implements World {
  private readonly context: MachineContext;
  private readonly fabric: Fabric;
  private readonly platform: Platform;
  private readonly listeners: ((haVipId: string, instanceId: string) => void)[] = [];
  private readonly errors = new Map<string, string>();
  /** Machines that boot, and as what; nothing else is done to one until it is up. */
  private readonly boots = new Map<string, { as: string; up: Promise<void> }>();
  private readonly log: (line: string) => void;
  private desired: DesiredWorld | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: NspawnWorldOptions) {
    const { lab, image, settings = defaultLabSettings } = options;
    const network = settings.network === "l2" ? bridgedNetwork : routedNetwork;
    this.log = options.log ?? ((line) => void process.stderr.write(`hosts: ${line}\n`));
    this.context = {
      labId: lab.id,
      labDir: lab.dir,
      fabricNetns: lab.fabricNetns,
      image,
      cgroups: new Cgroups(lab.cgroup),
      disks: new Disks(lab.dir),
      network,
      ...(settings.internet === true && { authority: internetFiles(lab.dir).authority }),
      kernelModules: kernelModules(),
      ownKernelMiB: ({ tags }) => settings.ownKernel[tags?.[roleTag] ?? ""],
    };
    this.fabric = new Fabric(
      lab,
      (haVipId, instanceId) => this.listeners.forEach((listener) => listener(haVipId, instanceId)),
      this.log,
      network,
    );
    this.platform = new Platform(lab, this.log, {
      ...(settings.internet === true && { publicNames }),
      api: settings.offline === true,
    });
  }

  /**
   * A host that boots, or cannot be started, does not stop the others, nor what comes after: `status` tells, and {@link booted}.
   *
   * @throws Error when network or disks cannot be made.
   */
  apply(desired: DesiredWorld): Promise<void> {
    const next = this.queue.then(() => this.converge(desired));
    this.queue = next.catch(() => undefined);
    return next;
  }

  async booted(): Promise<void> {
    await this.queue;
    await Promise.all([...this.boots.values()].map(({ up }) => up));
  }

  status(): Promise<HostStatus[]> {
    const hosts = this.desired?.hosts ?? [];
    return Promise.resolve(hosts.map((host) => this.statusOf(host)));
  }

  onHaVipMoved(listener: (haVipId: string, instanceId: string) => void): void {
    this.listeners.push(listener);
  }

  targetHealth(): readonly TargetHealth[] {
    return this.platform.health();
  }

  async close({ keepDisks }: { keepDisks: boolean }): Promise<void> {
    await this.booted();
    await this.platform.stop();
    await this.fabric.close();
    await sweep(this.options.lab.id, {
      labDir: this.options.lab.dir,
      keepDisks,
      keepServices: true,
    });
  }

  /** Leaves hosts, network and disks as they are, for the next process to adopt. */
  async release(): Promise<void> {
    this.platform.release();
    await this.booted();
    await this.fabric.close();
  }

  private async converge(desired: DesiredWorld): Promise<void> {
    const { context, fabric } = this;
    this.desired = desired;
    mkdirSync(join(context.labDir, "hosts"), { recursive: true, mode: 0o700 });
    if (desired.hosts.length > 0) raiseLimit(context.labId);
    await fabric.open();
    // Power is lost at once and everywhere: all links first, before anything that takes time.
    const failing = desired.hosts
      .filter(({ power }) => power === "failed")
      .map((host) => this.machine(host.instanceId));
    await Promise.all(failing.map(async ({ instanceId }) => this.boots.get(instanceId)?.up));
    const dying = failing.filter((machine) => machine.liveness() !== "off");
    await Promise.all(dying.map((machine) => machine.cutLink()));
    await Promise.all(dying.map((machine) => machine.cutPower()));

    await fabric.setRules(desired);
    await this.platform.apply(desired);
    const wanted = new Set(desired.hosts.map(({ instanceId }) => instanceId));
    await Promise.all(
      this.present()
        .filter((id) => !wanted.has(id))
        .map(async (id) => {
          await this.boots.get(id)?.up;
          await this.machine(id).destroy();
        }),
    );
    // A disk on its way from one host to another is let go before it is taken.
    await this.releaseDisks(desired);
    await context.disks.converge(desired.disks);
    // Links of machines that live already; those that boot get theirs when they are up.
    await fabric.setRoutes();
    await Promise.all(desired.hosts.map((host) => this.convergeHost(host)));
    await fabric.setRoutes();
  }

  private async convergeHost(host: HostSpec): Promise<void> {
    const boot = this.boots.get(host.instanceId);
    if (boot?.as === bootOf(host)) return;
    await boot?.up;
    const machine = this.machine(host.instanceId);
    await this.attempt(host, async () => {
      const now = machine.liveness();
      switch (host.power) {
        case "running":
        case "frozen":
          if (now === "off") this.boot(machine, host);
          else await machine.connectDisks(host);
          if (now !== "off") machine.setFrozen(host.power === "frozen");
          break;
        case "stopped":
          if (now !== "off") await machine.stop();
          else if (machine.exists) await machine.reap();
          break;
        case "failed":
          break;
      }
    });
  }

  private boot(machine: Machine, host: HostSpec): void {
    const up = this.attempt(host, async () => {
      await machine.start(host);
      machine.setFrozen(host.power === "frozen");
      await this.fabric.setRoutes();
    }).finally(() => this.boots.delete(host.instanceId));
    this.boots.set(host.instanceId, { as: bootOf(host), up });
  }

  /** Does something to a host; `status` tells when it fails. */
  private async attempt(host: HostSpec, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.errors.delete(host.instanceId);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.log(`${host.instanceId} (${host.hostName}): ${message}`);
      this.errors.set(host.instanceId, message);
    }
  }

  private async releaseDisks(desired: DesiredWorld): Promise<void> {
    const own = new Map(desired.hosts.map((host) => [host.instanceId, host]));
    await Promise.all(
      this.present().map(async (id) => {
        const host = own.get(id);
        const boot = this.boots.get(id);
        if (!host || boot?.as === bootOf(host)) return;
        await boot?.up;
        await this.machine(id).dropDisks(host.dataDisks.map(({ diskId }) => diskId));
      }),
    );
  }

  private statusOf(host: HostSpec): HostStatus {
    const { instanceId } = host;
    const error = this.errors.get(instanceId);
    if (error !== undefined) return { instanceId, state: "failed", error };
    switch (this.machine(instanceId).liveness()) {
      case "on":
      case "frozen":
        return { instanceId, state: "running" };
      case "starting":
        return { instanceId, state: "starting" };
      case "off":
        if (host.power === "failed") return { instanceId, state: "failed" };
        return { instanceId, state: this.machine(instanceId).exists ? "stopped" : "absent" };
    }
  }

  private machine(instanceId: string): Machine {
    return new Machine(this.context, instanceId);
  }

  /** Instances with files or processes, whoever made them. */
  private present(): string[] {
    const dir = join(this.context.labDir, "hosts");
    const withFiles = existsSync(dir) ? readdirSync(dir) : [];
    return [...new Set([...withFiles, ...this.context.cgroups.living(), ...this.boots.keys()])];
  }
}

/** What of a host its machine is started with: another one has to wait until it is up. */
const bootOf = ({ power, dataDisks }: HostSpec): string => JSON.stringify([power, dataDisks]);
