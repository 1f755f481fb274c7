import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { must } from "../../process";
import { apiAddress, metadataAddress, resolvers, storageAddress } from "../addresses";
import type { LoadBalancerSpec, TargetHealth } from "../loadBalancer";
import { Balancers } from "./balancers";
import { parseConnections } from "./connections";
import { renderForwarding } from "./forwarding";
import { serveNames, type Names } from "./nameServer";
import { instancesSocket, platformFiles } from "./files";
import { probe } from "./probe";
import { relay } from "./relay";

/** All that the platform serves in the VPCs. */
export interface PlatformState extends Names {
  loadBalancers: LoadBalancerSpec[];
}

const log = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * What a VPC's platform does for its instances beside routing: forwards load balancers, probes their targets, resolves private names. Runs in the
 * fabric's network namespace, apart from the lab's daemon and outliving it: the daemon is the control plane, this the data plane. Killed, it leaves
 * the forwarding as it is, in the kernel; started again, it goes on from the health it last knew.
 */
async function main(dir: string): Promise<void> {
  const files = platformFiles(dir);
  mkdirSync(files.dir, { recursive: true, mode: 0o700 });
  let names: Names = { zones: [], subnets: [] };
  const keep = (): void => {
    writeFileSync(`${files.health}.new`, JSON.stringify(balancers.health()));
    renameSync(`${files.health}.new`, files.health);
  };
  const balancers = new Balancers({
    probe,
    known: lastKnown(files.health),
    install: async (forwardings) => {
      await must(["nft", "-f", "-"], { input: renderForwarding(forwardings) });
    },
    connections: () => parseConnections(readFileSync("/proc/net/nf_conntrack", "utf8")),
    healthChanged: keep,
    log,
  });

  const api = new Hono();
  api.get("/health", (c) => c.json({ pid: process.pid, targets: balancers.health() }));
  api.put("/state", async (c) => {
    const { loadBalancers, zones, subnets } = await c.req.json<PlatformState>();
    names = { zones, subnets };
    await balancers.apply(loadBalancers);
    keep();
    return c.json({ pid: process.pid, targets: balancers.health() });
  });
  api.onError((error, c) => c.json({ error: error.message }, 500));

  await Promise.all([
    ...resolvers.map((address) => serveNames(address, () => names, log)),
    ...[metadataAddress, storageAddress, apiAddress].map((address) =>
      relay(address, instancesSocket(dir)),
    ),
  ]);
  // One that was killed leaves its socket.
  rmSync(files.socket, { force: true });
  const server = createAdaptorServer({ fetch: api.fetch }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(files.socket, resolve);
  });
  log(`serving, process ${process.pid}`);
  process.once("SIGTERM", () => process.exit(0)).once("SIGINT", () => process.exit(0));
}

function lastKnown(file: string): TargetHealth[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TargetHealth[];
  } catch {
    return [];
  }
}

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error("usage: main.ts <directory of the lab>");
main(dir).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
