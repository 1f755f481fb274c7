import type { Device } from "./devices";
import type { DeviceNumbers } from "./disks";
import type { HostSpec } from "./types";

/** What boots a host's file system: the machine's own kernel in systemd-nspawn, or a kernel of the host's own. */
export interface Body {
  /** What is copied into the host's directory: file of lab/hosts/scripts -> path there. `run.sh` is the one program that is started. */
  readonly programs: Readonly<Record<string, string>>;
  /** Directories it needs below the host's. */
  readonly directories: readonly string[];
  /** Whether the system disk has a journal: needed where dirty pages can be lost with the host. */
  readonly journal: boolean;
  /** Settings of host.env beside those of every host. */
  settings(spec: HostSpec): Record<string, string>;
  /** Memory that all its processes may use, in MiB. */
  memoryLimitMiB(spec: HostSpec): number;
  /** Before each power on. */
  prepare(spec: HostSpec): void;
  /** Whether its first program runs. From processes alone: a restarted daemon sees the same. */
  isOn(): boolean;
  /** Whether systemd has taken over. */
  hasBooted(): boolean;
  /** Asks it to power off in order. */
  powerOff(): void;
  /** Makes a disk usable as a device of the host and tells the device's numbers. */
  attach(device: Pick<Device, "name" | "diskId">): Promise<DeviceNumbers>;
  /** Makes a living host see `after` instead of `before`. */
  change(before: readonly Device[], after: readonly Device[]): Promise<void>;
  /** After the host sees it no more. */
  detach(diskId: string): Promise<void>;
}
