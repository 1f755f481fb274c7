import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startCloud, type CloudSettingsInput } from "./cloud";
import type { ConfiguredPolicy } from "./cloud/permissions";
import { inventoryOf } from "./cloud/settings";
import { credentials } from "./engine";
import { instancesSocket } from "./hosts/platform/files";
import { MemoryWorld } from "./hosts/memory";
import { MemorySsh } from "./hosts/memory/ssh";
import { NspawnWorld } from "./hosts/nspawn";
import type { World } from "./hosts/types";
import { labIdentity, type LabIdentity } from "./identity";
import type { MemoryBackend } from "./lab";
import { readLabSettings } from "./settings";

const usage =
  "usage: daemon.ts nspawn <host image directory> | memory <file with settings of the cloud>";

/**
 * The lab's one long-lived process: cloud API, admin port, and the world of hosts behind them. It runs in the operator's network namespace.
 * It may be killed at any moment: state is durable, hosts go on living, and the next daemon adopts them.
 */
async function main(): Promise<void> {
  const lab = labIdentity();
  const { world, settings, policy } = backend(lab, process.argv[2], process.argv[3]);
  const cloud = await startCloud(
    {
      ...settings,
      stateDir: join(lab.dir, "cloud"),
      credentials: [{ ...credentials, policy }],
      api: { address: "127.0.0.1", port: 80 },
      instances: { socketPath: instancesSocket(lab.dir) },
      admin: { socketPath: join(lab.dir, "admin.sock"), address: "127.0.0.1", port: 8080 },
    },
    world,
  );
  writeFileSync(join(lab.dir, "daemon.pid"), `${process.pid}\n`, { mode: 0o600 });
  const stop = (): void => {
    // No longer looked after, lest what is ended with us be started again.
    if (world instanceof NspawnWorld) void world.release();
    void cloud.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

function backend(
  lab: LabIdentity,
  kind?: string,
  file?: string,
): { world: World; settings: Partial<CloudSettingsInput>; policy?: ConfiguredPolicy | undefined } {
  if (file === undefined) throw new Error(usage);
  switch (kind) {
    case "nspawn": {
      const settings = readLabSettings(lab.dir);
      return {
        world: new NspawnWorld({ lab, image: file, settings }),
        settings: { inventory: inventoryOf(settings.zones) },
      };
    }
    case "memory": {
      const { policy, ...settings } = JSON.parse(readFileSync(file, "utf8")) as MemoryBackend;
      return { world: new MemoryWorld(new MemorySsh({ dir: lab.dir })), settings, policy };
    }
    default:
      throw new Error(usage);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
