import { setTimeout as delay } from "node:timers/promises";
import { duration, watching } from "../../toolchain/progress";
import type { StackOutputs } from "../access/outputs";
import type { Run } from "../access/proxy";
import { gather } from "./gather";
import { type ClusterStatus, judge } from "./judge";

/** Seconds between two looks. */
const pause = 5;

/**
 * How a cluster stands, and again until it is healthy or the time is up. Tells meanwhile what is awaited.
 *
 * @param seconds How long to wait for it to become so. 0: it is asked once.
 * @throws Error when there is no way to its bastion, up to the end.
 */
export async function watchStatus(
  outputs: StackOutputs,
  way: { directory: string; run: Run },
  seconds: number,
): Promise<ClusterStatus> {
  const began = performance.now();
  const taken = (): number => performance.now() - began;
  let awaited = "the bastion";
  const line = (): string => `asking the cluster … ${duration(taken())}, awaited: ${awaited}`;
  const { result } = await watching(line, async () => {
    for (;;) {
      try {
        const found = await look(outputs, way, (waiting) => {
          awaited = waiting;
        });
        if (found.healthy || taken() > seconds * 1000) return found;
        awaited = firstOf(found.findings.map(({ of, problem }) => `${of}: ${problem}`));
      } catch (error) {
        if (taken() > seconds * 1000) throw error;
        awaited = error instanceof Error ? error.message : String(error);
      }
      await delay(pause * 1000);
    }
  });
  return result;
}

/** A line is for one thing, and for how many more there are. */
function firstOf([first = "nothing", ...more]: readonly string[]): string {
  return more.length === 0 ? first : `${first}; and ${more.length} more`;
}

async function look(
  outputs: StackOutputs,
  way: { directory: string; run: Run },
  awaited: (what: string) => void,
): Promise<ClusterStatus> {
  const silent = new Set(outputs.nodes.map(({ name }) => name));
  return judge(
    await gather(outputs, way, (host) => {
      silent.delete(host);
      awaited(firstOf([...silent]));
    }),
  );
}
