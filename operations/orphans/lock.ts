import { existsSync, readFileSync, readdirSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const lockSchema = z.object({
  pid: z.number(),
  username: z.string(),
  hostname: z.string(),
  timestamp: z.string(),
});

/** Who holds a stack, as the engine wrote it down. */
export type StackLock = z.infer<typeof lockSchema>;

/** Directory of a file backend (`file:///srv/state`, `file://~`); undefined for any other backend, whose locks are its own affair. */
export function fileBackendDirectory(url: string): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const path = url.slice("file://".length);
  if (path.startsWith("~")) return join(homedir(), path.slice(1));
  return path.startsWith("/") ? fileURLToPath(url) : path;
}

/** Locks on a stack of a file backend; more than one after two engines met. */
export function readLocks(directory: string, project: string, stack: string): StackLock[] {
  const locks = join(directory, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(locks)) return [];
  return readdirSync(locks)
    .filter((name) => name.endsWith(".json"))
    .map((name) => lockSchema.parse(JSON.parse(readFileSync(join(locks, name), "utf8"))));
}

/** What can be told of a lock's holder from here: `elsewhere` when it runs on another machine. */
export type HolderState = "alive" | "dead" | "elsewhere";

/** Whether the engine that holds a lock still lives. Its pid counts only while an engine has it: pids are used again. */
export function holderState(
  lock: StackLock,
  host = hostname(),
  processName: (pid: number) => string | undefined = nameOfProcess,
): HolderState {
  if (lock.hostname !== host) return "elsewhere";
  return processName(lock.pid)?.startsWith("pulumi") ? "alive" : "dead";
}

/** Who and since when, for people. */
export function describeLock({ username, hostname: host, pid, timestamp }: StackLock): string {
  return `${username}@${host} (pid ${pid}) since ${timestamp}`;
}

function nameOfProcess(pid: number): string | undefined {
  try {
    // A zombie has a name too, and holds nothing.
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    if (/^State:\s+Z/m.test(status)) return undefined;
    return /^Name:\s+(\S+)/m.exec(status)?.[1];
  } catch {
    return undefined;
  }
}
