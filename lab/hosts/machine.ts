import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run } from "../process";
import { waitFor } from "../wait";
import { linkOf } from "./addresses";
import type { Body } from "./body";
import type { Cgroups } from "./cgroups";
import { assignDevices, parseDevices, renderDevices, type Device } from "./devices";
import type { Disks } from "./disks";
import { firstFiles, writeMachineFiles } from "./machineFiles";
import type { Network } from "./network";
import { NspawnBody } from "./nspawnBody";
import { SystemDisk } from "./systemDisk";
import type { HostSpec } from "./types";
import { UmlBody } from "./umlBody";

/** What every machine of a lab needs of the lab. */
export interface MachineContext {
  labId: string;
  labDir: string;
  fabricNetns: string;
  image: string;
  cgroups: Cgroups;
  disks: Disks;
  network: Network;
  /** Certificate that hosts trust beside those of the image. @default none */
  authority?: string;
  /** Directory of the modules of hosts' own kernel. */
  kernelModules: string;
  /** Memory in MiB of a host that is to have a kernel of its own; undefined for all others. */
  ownKernelMiB: (spec: HostSpec) => number | undefined;
}

/** What the machine is doing, from its processes alone: a restarted daemon sees the same. */
export type Liveness = "off" | "starting" | "on" | "frozen";

/** One instance's machine: Linux on an overlay over the image. Its files and its processes outlive the daemon. */
export class Machine {
  readonly dir: string;
  private readonly systemDisk: SystemDisk;

  constructor(
    private readonly context: MachineContext,
    readonly instanceId: string,
  ) {
    this.dir = join(context.labDir, "hosts", instanceId);
    this.systemDisk = new SystemDisk(this.dir);
  }

  liveness(): Liveness {
    const { cgroups } = this.context;
    if (!cgroups.hasProcesses(this.instanceId)) return "off";
    if (cgroups.isFrozen(this.instanceId)) return "frozen";
    return this.body.isOn() ? "on" : "starting";
  }

  /** Whether it has a system disk, that is whether it was ever started. */
  get exists(): boolean {
    return existsSync(this.dir);
  }

  /**
   * Powers on with the disks it has; makes the system disk first if it has none.
   *
   * @throws Error with the end of the console when its first program does not come up in 60 s.
   */
  async start(spec: HostSpec): Promise<void> {
    const { cgroups } = this.context;
    await this.reap();
    const body = this.bodyFor(spec);
    writeMachineFiles(this.dir, this.context, body, spec);
    const files = firstFiles(this.context, spec);
    await this.systemDisk.prepare(spec.systemDisk.sizeGiB, files, body.journal);
    await this.connectDisks(spec);
    cgroups.create(this.instanceId, body.memoryLimitMiB(spec));
    const console = openSync(join(this.dir, "console.log"), "a", 0o600);
    // Its mounts are its own: what one host has mounted is in no other's way when that lets go of it.
    const launcher = spawn("unshare", ["--mount", "--", join(this.dir, "run.sh"), this.dir], {
      detached: true,
      stdio: ["ignore", console, console],
      cwd: "/",
    });
    closeSync(console);
    let ended: string | undefined;
    launcher.on("error", (error) => (ended = error.message));
    launcher.on("exit", (code, signal) => (ended = `status ${code ?? signal ?? "unknown"}`));
    launcher.unref();
    await waitFor(
      { what: `${this.instanceId} to boot`, deadlineSeconds: 60, everyMs: 50 },
      async () => {
        if (ended !== undefined) return Promise.resolve("ended");
        return Promise.resolve(body.hasBooted() ? "up" : undefined);
      },
    ).then((outcome) => {
      if (outcome === "ended")
        throw new Error(`${this.instanceId} did not boot (${ended ?? ""}): ${this.consoleTail()}`);
    });
  }

  /** Powers off in order; what has not ended after `deadlineSeconds` is killed. */
  async stop(deadlineSeconds = 60): Promise<void> {
    const { cgroups } = this.context;
    cgroups.setFrozen(this.instanceId, false);
    const { body } = this;
    if (body.isOn()) {
      body.powerOff();
      await waitFor(
        { what: `${this.instanceId} to power off`, deadlineSeconds, everyMs: 100 },
        () => Promise.resolve(cgroups.hasProcesses(this.instanceId) ? undefined : true),
      ).catch(() => undefined);
    }
    await this.cutPower();
  }

  /** First the network, then every process at once: peers see nothing of its death. */
  async cutPower(): Promise<void> {
    await this.cutLink();
    await this.context.cgroups.kill(this.instanceId);
    await this.reap();
  }

  /** Takes the link away; packets to and from the machine vanish. */
  async cutLink(): Promise<void> {
    // It may be gone already: it ends with the machine's network namespace.
    await run(["ip", "-n", this.context.fabricNetns, "link", "del", linkOf(this.instanceId)]);
  }

  setFrozen(frozen: boolean): void {
    this.context.cgroups.setFrozen(this.instanceId, frozen);
  }

  /** Gives a machine, living or not, the disks of `spec` that it has not. */
  async connectDisks(spec: HostSpec): Promise<void> {
    const names = assignDevices(
      this.devices(),
      spec.dataDisks.map(({ diskId }) => diskId),
    );
    const devices: Device[] = [];
    for (const each of names) devices.push({ ...each, ...(await this.body.attach(each)) });
    await this.setDevices(devices);
  }

  /** Takes away the disks that are not in `kept`, mounted or not. */
  async dropDisks(kept: readonly string[]): Promise<void> {
    const before = this.devices();
    const dropped = before.filter(({ diskId }) => !kept.includes(diskId));
    if (dropped.length === 0) return;
    await this.setDevices(before.filter(({ diskId }) => kept.includes(diskId)));
    for (const { diskId } of dropped) await this.body.detach(diskId);
  }

  /** Erases machine and system disk. Data disks are the lab's, not the machine's. */
  async destroy(): Promise<void> {
    await this.cutPower();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** What a machine without processes leaves: its groups, systemd-nspawn's directory. Its mounts go by themselves. */
  async reap(): Promise<void> {
    const { cgroups, labId } = this.context;
    await this.systemDisk.released();
    await cgroups.remove(this.instanceId);
    rmSync(`/run/systemd/nspawn/propagate/${labId}-${this.instanceId}`, {
      recursive: true,
      force: true,
    });
  }

  /** The last lines of the console, for error messages. */
  consoleTail(): string {
    const file = join(this.dir, "console.log");
    if (!existsSync(file)) return "(no console log)";
    return `${file}: ${readFileSync(file, "utf8").trim().split("\n").slice(-8).join(" | ")}`;
  }

  private get devicesFile(): string {
    return join(this.dir, "machine", "devices");
  }

  private devices(): Device[] {
    return existsSync(this.devicesFile) ? parseDevices(readFileSync(this.devicesFile, "utf8")) : [];
  }

  private async setDevices(devices: readonly Device[]): Promise<void> {
    const before = this.devices();
    const text = renderDevices(devices);
    if (existsSync(this.devicesFile) && readFileSync(this.devicesFile, "utf8") === text) return;
    writeFileSync(this.devicesFile, text);
    await this.body.change(before, devices);
  }

  /** Chosen when the machine is made, and its own from then on. */
  private bodyFor(spec: HostSpec): Body {
    const own = this.exists ? this.body : undefined;
    if (own) return own;
    if (this.context.ownKernelMiB(spec) !== undefined)
      mkdirSync(join(this.dir, ownKernelMark), { recursive: true });
    return this.body;
  }

  private get body(): Body {
    const { context, instanceId, dir } = this;
    return existsSync(join(dir, ownKernelMark))
      ? new UmlBody(context, instanceId, dir)
      : new NspawnBody(context, instanceId);
  }
}

/** Directory that only a machine with a kernel of its own has: that kernel's control socket is in it. */
const ownKernelMark = "uml";
