import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { step } from "../../toolchain/progress";
import type { LabIdentity } from "../identity";
import { LabPrometheus } from "../prometheus";
import { createDashboards } from "../ui/dashboards";
import { operatorOf } from "./operatorOf";

/** `npm run lab -- dashboards`: a Prometheus that watches the lab's cluster, and a page of what it sees, until it is interrupted. */
export async function dashboards(identity: LabIdentity, { port }: { port: number }): Promise<void> {
  const operator = await operatorOf(identity);
  const prometheus = new LabPrometheus(identity, operator);
  const interrupted = new Promise((end) => process.once("SIGINT", end).once("SIGTERM", end));
  try {
    await step("starting Prometheus", () => prometheus.start());
    const page = createDashboards(prometheus, operator.outputs.monitoring?.cluster ?? "");
    const server = createAdaptorServer({ fetch: page.fetch });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const { port: own } = server.address() as AddressInfo;
    console.log(`http://127.0.0.1:${own}/ shows alerts and dashboards, until Ctrl-C`);
    await interrupted;
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  } finally {
    await prometheus.stop();
  }
}
