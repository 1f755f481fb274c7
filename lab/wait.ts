import { setTimeout as delay } from "node:timers/promises";

export interface Wait {
  /** What is awaited, for the error: "etcd to answer". */
  what: string;
  /** Seconds until the wait gives up. */
  deadlineSeconds: number;
  /** Milliseconds between two looks. Default 500. */
  everyMs?: number;
}

/** Thrown when a deadline passes; its message ends with what was last seen. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
}

/** Thrown by a look that knows that what is awaited will not come; ends the wait at once. */
export class HopelessError extends Error {
  override name = "HopelessError";
}

/**
 * Looks until `look` returns something other than undefined; `look` throws or calls `seen` (and returns what that returns) to tell what it saw.
 *
 * @throws DeadlineError after `deadlineSeconds`, with the last thing seen; HopelessError when `look` throws one.
 */
export async function waitFor<T>(
  wait: Wait,
  look: (seen: (what: string) => undefined) => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + wait.deadlineSeconds * 1000;
  let last = "nothing yet";
  for (;;) {
    try {
      const result = await look((what) => {
        last = what;
        return undefined;
      });
      if (result !== undefined) return result;
    } catch (error) {
      if (error instanceof HopelessError) throw error;
      last = error instanceof Error ? error.message : String(error);
    }
    if (performance.now() > deadline)
      throw new DeadlineError(
        `gave up waiting for ${wait.what} after ${wait.deadlineSeconds} s; last seen: ${last}`,
      );
    await delay(wait.everyMs ?? 500);
  }
}
