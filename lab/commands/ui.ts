import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { liveWrites } from "../../drills/liveWrites";
import { prepareProbers, removeProbers } from "../../drills/probers";
import { siteOf } from "../../drills/site";
import { gather } from "../../operations/status/gather";
import { type ClusterStatus, judge } from "../../operations/status/judge";
import { step } from "../../toolchain/progress";
import { LabCluster } from "../cluster";
import type { LabIdentity } from "../identity";
import { createUi } from "../ui/app";
import { changesOf } from "../ui/changes";
import { Feed } from "../ui/feed";
import { shownMachines } from "../ui/world";

/** Milliseconds between two looks at the machines, and from the end of one look at the cluster to the next. */
const [machinesEvery, statusEvery] = [1000, 4000];

/** `npm run lab -- ui`: a page on the loopback that shows the lab and takes its orders, until it is interrupted. The lab is up. */
export async function ui(identity: LabIdentity, { port }: { port: number }): Promise<void> {
  const cluster = new LabCluster(identity);
  const site = siteOf(cluster);
  const feed = new Feed();
  const stop = new AbortController();
  const server = createAdaptorServer({ fetch: createUi({ admin: cluster.admin, feed }).fetch });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const end = (): void => stop.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  console.log(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/ shows this lab, until Ctrl-C`,
  );
  let status: ClusterStatus | undefined;
  const lookAtMachines = async (): Promise<void> => {
    const [machines, placement] = await Promise.all([
      cluster.admin.hosts(),
      cluster.admin.placement(),
    ]);
    feed.tell("machines", shownMachines(machines, placement, status));
  };
  const lookAtCluster = async (): Promise<void> => {
    const found = judge(await gather(cluster.operator.outputs, cluster.operator.way));
    for (const change of changesOf(status, found)) feed.log(change);
    status = found;
    feed.tell("status", { status });
  };
  await Promise.all([
    repeat(lookAtMachines, machinesEvery, stop.signal),
    repeat(lookAtCluster, statusEvery, stop.signal, (error) => {
      feed.tell("status", { error });
    }),
    write().finally(() => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    }),
  ]);

  async function write(): Promise<void> {
    await step("making what the client writes", () => prepareProbers(site));
    await liveWrites(
      site,
      (writer, attempts) => {
        const shown = attempts.map(({ start, end: ended, error }) => ({
          ...{ at: start * 1000, ms: (ended - start) * 1000, error },
        }));
        feed.tell("writes", { writer, attempts: shown }, false);
      },
      stop.signal,
    );
    await removeProbers(site);
  }
}

/** Does something again and again; what keeps it from it is told, and passes. */
async function repeat(
  work: () => Promise<void>,
  everyMs: number,
  stop: AbortSignal,
  failed: (error: string) => void = () => undefined,
): Promise<void> {
  while (!stop.aborted) {
    try {
      await work();
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
    await delay(everyMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
