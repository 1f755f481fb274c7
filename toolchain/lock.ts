import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

export interface LockOptions {
  /** Called once if somebody else holds the lock. */
  waiting?: () => void;
  /** Seconds until waiting is given up; default an hour, the longest cold build and some more. */
  timeoutSeconds?: number;
}

/**
 * Runs `work` while no other process on the machine holds the lock of that file.
 *
 * The lock is the kernel's (flock), held by a child that ends when its standard input closes: however this process dies,
 * the lock is free at once and there is no stale lock to clean.
 *
 * @throws Error after `timeoutSeconds` of waiting, naming the file.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { waiting, timeoutSeconds = 3600 }: LockOptions = {},
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const release =
    (await acquire(file, ["--nonblock"])) ??
    (waiting?.(), await acquire(file, ["--timeout", String(timeoutSeconds)]));
  if (!release)
    throw new Error(
      `another process still holds ${file} after ${timeoutSeconds} s: see who with \`fuser -v ${file}\`, end it or wait`,
    );
  try {
    return await work();
  } finally {
    await release();
  }
}

async function acquire(
  file: string,
  options: string[],
): Promise<(() => Promise<void>) | undefined> {
  const holder = spawn("flock", [...options, file, "sh", "-c", "echo held; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    // Ctrl-C goes to the whole group of the terminal; the holder must outlive it until our cleanup is done.
    detached: true,
  });
  const ended = once(holder, "close");
  const outcome = await new Promise<"held" | "busy">((resolve, reject) => {
    holder.on("error", (error) =>
      reject(new Error(`cannot run flock (Debian package util-linux): ${error.message}`)),
    );
    holder.stdout.once("data", () => resolve("held"));
    holder.once("close", () => resolve("busy"));
  });
  if (outcome === "busy") return undefined;
  return async () => {
    holder.stdin.end();
    await ended;
  };
}
