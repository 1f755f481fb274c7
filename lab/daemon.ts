import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startCloud } from "./cloud";
import { credentials } from "./engine";
import { NspawnWorld } from "./hosts/nspawn";
import { labIdentity } from "./identity";

/**
 * The lab's one long-lived process: cloud API, admin port, and the world of hosts behind them. It runs in the operator's network namespace.
 * It may be killed at any moment: state is durable, hosts go on living, and the next daemon adopts them.
 */
async function main(): Promise<void> {
  const image = process.argv[2];
  if (image === undefined) throw new Error("usage: daemon.ts <host image directory>");
  const lab = labIdentity();
  const world = new NspawnWorld({ lab, image });
  const cloud = await startCloud(
    {
      stateDir: join(lab.dir, "cloud"),
      credentials: [credentials],
      api: { address: "127.0.0.1", port: 80 },
      admin: { socketPath: join(lab.dir, "admin.sock"), address: "127.0.0.1", port: 8080 },
    },
    world,
  );
  writeFileSync(join(lab.dir, "daemon.pid"), `${process.pid}\n`, { mode: 0o600 });
  const stop = (): void => {
    void cloud.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
