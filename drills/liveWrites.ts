import { closeSync, openSync, readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Position } from "./positions";
import { Probers } from "./probers";
import { type Attempt, parseRecords } from "./records";
import type { Site } from "./site";

/** New connections are few here: it is writes that are looked at. */
const terms = { everyMs: 500, limitMs: 2000, watches: 0 };

/** Milliseconds between two looks at what was written. */
const lookEvery = 400;

/**
 * Has a client on a worker write until it is told to stop, and tells of each write, and of each new connection that failed, soon after it ended. When the worker
 * dies another one takes over.
 *
 * @param told Who writes, and what has ended since it was told last; undefined while nobody can write.
 */
export async function liveWrites(
  site: Site,
  told: (writer: string | undefined, attempts: Attempt[]) => void,
  stop: AbortSignal,
): Promise<void> {
  for (let turn = 0; !stop.aborted; turn++) {
    const running = (await site.cluster.admin.placement()).filter(
      ({ power }) => power === "running",
    );
    const workers = site.plan.workers.flatMap((host) => {
      const row = running.find(({ name }) => name === host.name);
      return row === undefined ? [] : [{ host, id: row.instanceId }];
    });
    const next = workers[turn % Math.max(1, workers.length)];
    try {
      if (next === undefined) throw new Error("no worker runs");
      const position: Position = {
        ...{ name: "worker", place: "worker", host: next.host, pod: false },
        ...{ way: "entry", resolve: "always" },
      };
      await new Probers(site, [position], terms).during(() =>
        follow(site, next.id, (attempts) => told(next.host.name, attempts), stop),
      );
    } catch {
      // Whatever it was, it is looked for another one: that nobody writes is seen on the page.
      told(undefined, []);
      await delay(2000);
    }
  }
}

/** Tells what is added to the log of a host's prober, read from the machine below it, until the host is gone. */
async function follow(
  { cluster }: Site,
  instanceId: string,
  told: (attempts: Attempt[]) => void,
  stop: AbortSignal,
): Promise<void> {
  let offset = 0;
  while (!stop.aborted) {
    const file = cluster.hostFile(instanceId, "/var/lib/drill/worker/log");
    if (file === undefined) throw new Error("its host is off");
    const text = readFrom(file, offset);
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    offset += Buffer.byteLength(whole);
    const { tries, pulses } = parseRecords(whole);
    told([...pulses, ...tries.filter(({ error }) => error !== "")]);
    await delay(lookEvery);
  }
}

function readFrom(file: string, offset: number): string {
  const handle = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(256 * 1024);
    return buffer.toString("utf8", 0, readSync(handle, buffer, 0, buffer.length, offset));
  } finally {
    closeSync(handle);
  }
}
