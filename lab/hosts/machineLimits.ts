import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A limit of the whole machine that a lab needs higher, and where the kernel keeps it. */
export interface MachineLimit {
  file: string;
  needed: number;
}

/**
 * The one limit that cannot be a host's own: all hosts' root users are one user to the kernel, and eleven hosts with kubelets, containerd and
 * apiservers open about 200 inotify instances where Debian's kernel allows 128 a user. Beyond it kubelets do not start. It is
 * raised while a lab lives and put back by the last one; on a CVM the host's own sysctl does this.
 */
export const inotifyInstances: MachineLimit = {
  file: "/proc/sys/fs/inotify/max_user_instances",
  needed: 4096,
};

/** Where labs note that they need a limit, beside its former value. In /run: a restart of the machine forgets both. */
const register = "/run/kubernetes-ha/inotify";
const former = "former";

const read = (file: string): string => readFileSync(file, "utf8").trim();

/** Raises the limit if it is too low, and notes who needs it. Safe to call again. */
export function raiseLimit(
  labId: string,
  limit: MachineLimit = inotifyInstances,
  dir: string = register,
): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, labId), "");
  const now = read(limit.file);
  if (Number(now) >= limit.needed) return;
  // Noted before it is changed: killed in between, a lab leaves a note that is true.
  writeFileSync(join(dir, former), now);
  writeFileSync(limit.file, String(limit.needed));
}

/** Takes back a lab's need; without any left, the limit is what it was, unless somebody else has changed it since. */
export function restoreLimit(
  labId: string,
  limit: MachineLimit = inotifyInstances,
  dir: string = register,
): void {
  if (!existsSync(dir)) return;
  rmSync(join(dir, labId), { force: true });
  if (readdirSync(dir).some((name) => name !== former)) return;
  const note = join(dir, former);
  if (existsSync(note) && Number(read(limit.file)) === limit.needed)
    writeFileSync(limit.file, read(note));
  rmSync(dir, { recursive: true });
  const parent = join(dir, "..");
  if (readdirSync(parent).length === 0) rmSync(parent, { recursive: true });
}

/** Whether a lab is noted as needing the limit. */
export function holdsLimit(labId: string, dir: string = register): boolean {
  return existsSync(join(dir, labId));
}

/** What the limit is without any lab: its former value while one has it raised. */
export function restingValue(
  limit: MachineLimit = inotifyInstances,
  dir: string = register,
): number {
  const noted = (): string => (existsSync(join(dir, former)) ? read(join(dir, former)) : "");
  for (;;) {
    const [before, now, after] = [noted(), read(limit.file), noted()];
    // Else a lab has raised it, or put it back, between the two looks.
    if (before === after) return Number(before === "" ? now : before);
  }
}
