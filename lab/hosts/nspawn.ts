import { readdirSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { LabIdentity } from "../identity";
import { defaultLabSettings, type LabSettings } from "../settings";
import { bridgedNetwork } from "./bridgedNetwork";
import { Cgroups } from "./cgroups";
import { Disks } from "./disks";
import { Fabric } from "./fabric";
import { kernelModules } from "./kernelModules";
import { sweep } from "./leftovers";
import { Machine, type MachineContext } from "./machine";
import { raiseLimit } from "./machineLimits";
import { routedNetwork } from "./routedNetwork";
import type { DesiredWorld, HostSpec, HostStatus, World } from "./types";

export interface NspawnWorldOptions {
  lab: Pick<LabIdentity, "id" | "dir" | "operatorNetns" | "fabricNetns" | "cgroup">;
  /** Directory of the host image, from `ensureImage`. */
  image: string;
  /** Default: {@link defaultLabSettings}. */
  settings?: LabSettings;
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
  private readonly listeners: ((haVipId: string, instanceId: string) => void)[] = [];
  private readonly errors = new Map<string, string>();
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
      kernelModules: kernelModules(),
      ownKernelMiB: ({ tags }) => settings.ownKernel[tags?.[roleTag] ?? ""],
    };
    this.fabric = new Fabric(
      lab,
      (haVipId, instanceId) => this.listeners.forEach((listener) => listener(haVipId, instanceId)),
      this.log,
      network,
    );
  }

  /** A host that cannot be started does not stop the others: `status` tells. @throws Error when network or disks cannot be made. */
  apply(desired: DesiredWorld): Promise<void> {
    const next = this.queue.then(() => this.converge(desired));
    this.queue = next.catch(() => undefined);
    return next;
  }

  status(): Promise<HostStatus[]> {
    const hosts = this.desired?.hosts ?? [];
    return Promise.resolve(hosts.map((host) => this.statusOf(host)));
  }

  onHaVipMoved(listener: (haVipId: string, instanceId: string) => void): void {
    this.listeners.push(listener);
  }

  async close({ keepDisks }: { keepDisks: boolean }): Promise<void> {
    await this.queue;
    await this.fabric.close();
    await sweep(this.options.lab.id, {
      labDir: this.options.lab.dir,
      keepDisks,
      keepServices: true,
    });
  }

  /** Leaves hosts, network and disks as they are, for the next process to adopt. */
  async release(): Promise<void> {
    await this.queue;
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
    const dying = failing.filter((machine) => machine.liveness() !== "off");
    await Promise.all(dying.map((machine) => machine.cutLink()));
    await Promise.all(dying.map((machine) => machine.cutPower()));

    await fabric.setRules(desired);
    const wanted = new Set(desired.hosts.map(({ instanceId }) => instanceId));
    await Promise.all(
      this.present()
        .filter((id) => !wanted.has(id))
        .map((id) => this.machine(id).destroy()),
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
    const machine = this.machine(host.instanceId);
    try {
      const now = machine.liveness();
      switch (host.power) {
        case "running":
        case "frozen":
          if (now === "off") await machine.start(host);
          else await machine.connectDisks(host);
          machine.setFrozen(host.power === "frozen");
          break;
        case "stopped":
          if (now !== "off") await machine.stop();
          else if (machine.exists) await machine.reap();
          break;
        case "failed":
          break;
      }
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
        if (!host) return;
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
    return [...new Set([...withFiles, ...this.context.cgroups.living()])];
  }
}
