import { must } from "../process";
import type { Body } from "./body";
import type { Device } from "./devices";
import type { DeviceNumbers } from "./disks";
import { commandOf } from "./inventory";
import type { MachineContext } from "./machine";
import type { HostSpec } from "./types";

/** SIGRTMIN+4: systemd powers off in order. */
const powerOffSignal = 38;

/** A host in systemd-nspawn: it shares the machine's kernel, and its disks are loop devices. */
export class NspawnBody implements Body {
  readonly programs = {
    "host-init.sh": "machine/init",
    "host-devices.sh": "machine/devices.sh",
    "host-run.sh": "run.sh",
    "host-link.sh": "link.sh",
    "with-loop.sh": "with-loop.sh",
  };
  readonly directories = ["disk", "root"];
  readonly journal = false;

  constructor(
    private readonly context: MachineContext,
    private readonly instanceId: string,
  ) {}

  settings(): Record<string, string> {
    return {};
  }

  memoryLimitMiB(spec: HostSpec): number {
    return Math.max(spec.memoryMiB, 1024);
  }

  prepare(): void {
    // Everything is in its files.
  }

  isOn(): boolean {
    return this.init !== undefined;
  }

  hasBooted(): boolean {
    const { init } = this;
    return init !== undefined && commandOf(init) === "systemd";
  }

  powerOff(): void {
    const { init } = this;
    if (init !== undefined) process.kill(init, powerOffSignal);
  }

  attach({ diskId }: Pick<Device, "diskId">): Promise<DeviceNumbers> {
    return this.context.disks.attach(diskId);
  }

  async change(): Promise<void> {
    const { init } = this;
    // With the host's process namespace too: its /proc shows no other, and mknod sets modes by /proc/self.
    if (init !== undefined)
      await must(["nsenter", `--target=${init}`, "--mount", "--pid", "--", "/run/lab/devices.sh"], {
        timeoutSeconds: 20,
      });
  }

  detach(diskId: string): Promise<void> {
    return this.context.disks.detach(diskId);
  }

  private get init(): number | undefined {
    return this.context.cgroups.initPid(this.instanceId);
  }
}
