import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { must } from "../process";
import { waitFor } from "../wait";
import { gatewayOf, prefixOf } from "./addresses";
import type { Body } from "./body";
import type { Device } from "./devices";
import type { DeviceNumbers } from "./disks";
import { commandOf } from "./inventory";
import type { MachineContext } from "./machine";
import type { HostSpec } from "./types";

/** What the machine's package `user-mode-linux` brings. */
export const kernel = { program: "linux.uml", modules: "/usr/lib/uml/modules" };

/** Of the kernel and of its processes on the machine, beside its own memory. */
const overheadMiB = 256;

/** Block devices of User-mode Linux: major number, and minor numbers a device. */
const ubd = { major: 98, minors: 16 };

/** A host with a kernel of its own, User-mode Linux: for what the machine's kernel does not have, IPVS above all. One CPU. */
export class UmlBody implements Body {
  readonly programs = {
    "uml-init.sh": "machine/init",
    "uml-agent.sh": "machine/agent",
    "uml-agent.service": "machine/agent.service",
    "host-devices.sh": "machine/devices.sh",
    "uml-run.sh": "run.sh",
    "host-link.sh": "link.sh",
    "uml-control.pl": "control",
  };
  readonly directories = ["root", "memory", "uml", "machine/modules"];
  readonly journal = true;

  constructor(
    private readonly context: MachineContext,
    private readonly instanceId: string,
    private readonly dir: string,
  ) {}

  settings(spec: HostSpec): Record<string, string> {
    return {
      MEMORY_MIB: String(this.memoryMiB(spec)),
      DISKS: this.context.disks.dir,
      KERNEL_MODULES: this.context.kernelModules,
    };
  }

  memoryLimitMiB(spec: HostSpec): number {
    return this.memoryMiB(spec) + overheadMiB;
  }

  prepare(spec: HostSpec): void {
    rmSync(this.answersFile, { force: true });
    writeFileSync(
      join(this.dir, "machine", "network"),
      `ADDRESS=${spec.privateIp}\nPREFIX=${prefixOf(spec.subnetCidr)}\nGATEWAY=${gatewayOf(spec.subnetCidr)}\n`,
    );
  }

  isOn(): boolean {
    return this.context.cgroups
      .pids(this.instanceId)
      .some((pid) => commandOf(pid) === kernel.program);
  }

  hasBooted(): boolean {
    return this.answers().includes("booted");
  }

  powerOff(): void {
    this.order("off");
  }

  attach({ name }: Pick<Device, "name">): Promise<DeviceNumbers> {
    return Promise.resolve(ubdNumbers(name));
  }

  async change(before: readonly Device[], after: readonly Device[]): Promise<void> {
    if (!this.isOn()) return;
    const without = (some: readonly Device[], others: readonly Device[]): Device[] =>
      some.filter(({ diskId }) => !others.some((other) => other.diskId === diskId));
    for (const { name, diskId } of without(after, before))
      await this.control(`config ${unitOf(name)}=${this.context.disks.file(diskId)}`);
    await this.show(after);
    // Whoever has it open keeps it busy, lazily unmounted or not.
    for (const { name } of without(before, after))
      await waitFor(
        { what: `${unitOf(name)} of ${this.instanceId} to be let go`, deadlineSeconds: 10 },
        async () => {
          await this.control(`remove ${unitOf(name)}`);
          return true;
        },
      );
  }

  detach(): Promise<void> {
    return Promise.resolve(); // The kernel had its file open, and has closed it.
  }

  /** Has the host make its device nodes what they should be. */
  private async show(devices: readonly Device[]): Promise<void> {
    const token = randomUUID();
    const list = devices.map(({ name, major, minor, diskId }) =>
      [name, major, minor, diskId].join(","),
    );
    this.order(["devices", token, ...list].join(" "));
    const what = `${this.instanceId} to take its disks`;
    const code = await waitFor({ what, deadlineSeconds: 60, everyMs: 50 }, () =>
      Promise.resolve(
        this.answers()
          .map((line) => line.split(" "))
          .find(([first]) => first === token)?.[1],
      ),
    );
    if (code !== "0") throw new Error(`${this.instanceId} did not take its disks: status ${code}`);
  }

  /** Over the serial line; it waits there until the host listens. */
  private order(line: string): void {
    const orders = openSync(join(this.dir, "orders"), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeSync(orders, `${line}\n`);
    } finally {
      closeSync(orders);
    }
  }

  private answers(): string[] {
    if (!existsSync(this.answersFile)) return [];
    return readFileSync(this.answersFile, "utf8").split(/\r?\n/);
  }

  private control(order: string): Promise<unknown> {
    return must(["perl", "control", order], { cwd: this.dir, timeoutSeconds: 20 });
  }

  private memoryMiB(spec: HostSpec): number {
    return this.context.ownKernelMiB(spec) ?? spec.memoryMiB;
  }

  private get answersFile(): string {
    return join(this.dir, "answers");
  }
}

/** `ubdb` of `vdb`: the kernel's name of a disk. `ubda` is the system disk. */
const unitOf = (name: string): string => name.replace("vd", "ubd");

/** Numbers of a disk's device by its name, `vdb` to `vdz`. */
export function ubdNumbers(name: string): DeviceNumbers {
  const unit = name.charCodeAt(2) - "a".charCodeAt(0);
  return { major: ubd.major, minor: unit * ubd.minors };
}
