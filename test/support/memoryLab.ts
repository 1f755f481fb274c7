import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Admin } from "../../lab/admin";
import type { Inventory } from "../../lab/cloud";
import type { ConfiguredPolicy } from "../../lab/cloud/permissions";
import { Engine } from "../../lab/engine";
import type { SshLogEntry } from "../../lab/hosts/memory/host";
import { labIdentity, type LabIdentity } from "../../lab/identity";
import { Lab } from "../../lab/lab";
import { run } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import { toolchain } from "../../toolchain";
import { examples } from "./examples";

const checkout = resolve(__dirname, "../..");

export interface MemoryLabOptions {
  /** Name of the lab, one a test file: two of one name share everything. */
  name: string;
  /** Stack configuration the engine is prepared with. Default: the example for one zone. */
  config?: string;
  /** Physical hosts. Default: four large ones in each of three zones. */
  inventory?: Inventory;
  /** What the engine's credentials may do. Default: everything. */
  policy?: ConfiguredPolicy;
}

/** The real engine and provider on a local cloud whose hosts are no machines. */
export interface MemoryLab {
  identity: LabIdentity;
  engine: Engine;
  admin: Admin;
  /** kill -9 of the cloud. */
  killCloud(): Promise<void>;
  /** Starts the cloud again, with the state it had. */
  startCloud(): Promise<void>;
  /** What hosts were asked since the lab was made, in order. */
  sshLog(): Promise<SshLogEntry[]>;
  /** `pulumi up` as people give it, which begins with its preview unless a flag says otherwise, however it ends. @returns what it said, errors included. */
  tryUp(...flags: string[]): Promise<{ code: number; said: string }>;
  /** For tests that run pulumi themselves, in the namespace `identity.operatorNetns`. */
  environment(): Record<string, string>;
  /** Ends and removes everything. */
  close(): Promise<void>;
}

/** Enough for any cluster of the tests: `hosts` physical hosts in each zone of the region. */
export function roomyInventory(hosts = 4): Inventory {
  return {
    zones: ["ap-guangzhou-3", "ap-guangzhou-4", "ap-guangzhou-6"].map((zone) => ({
      name: zone,
      switches: Array.from({ length: hosts }, (_, i) => ({
        name: `${zone}-switch-${i + 1}`,
        racks: [
          {
            name: `${zone}-rack-${i + 1}`,
            hosts: [{ name: `${zone}-host-${i + 1}`, cpus: 2048, memoryGiB: 8192 }],
          },
        ],
      })),
    })),
  };
}

/**
 * Starts a lab on the memory backend: needs root and the toolchain, no hosts. What an earlier run left of it is removed first.
 */
export async function startMemoryLab(options: MemoryLabOptions): Promise<MemoryLab> {
  const { name, config = examples.oneZone, inventory, policy } = options;
  const identity = labIdentity(checkout, name);
  const lab = new Lab(identity);
  const engine = new Engine(identity, toolchain().env());
  const startCloud = (): Promise<void> =>
    lab.start({
      inventory: inventory ?? roomyInventory(),
      publicRange: "198.51.100.0/24",
      ...(policy && { policy }),
    });
  await lab.down();
  await startCloud();
  await engine.prepare(config);
  return {
    identity,
    engine,
    admin: lab.admin,
    startCloud,
    async killCloud() {
      process.kill(Number(readFileSync(join(identity.dir, "daemon.pid"), "utf8")), "SIGKILL");
      await waitFor(
        { what: "the cloud to be dead", deadlineSeconds: 60, everyMs: 20 },
        async (seen) => ((await lab.admin.alive()) ? seen("it answers") : true),
      );
    },
    sshLog() {
      const file = join(identity.dir, "ssh.jsonl");
      const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
      return Promise.resolve(lines.map((line) => JSON.parse(line) as SshLogEntry));
    },
    async tryUp(...flags) {
      const command = ["pulumi", "up", "--yes", ...flags, ...engine.selection()];
      const { code, stdout, stderr } = await run(command, {
        ...{ cwd: checkout, netns: identity.operatorNetns },
        ...{ env: engine.environment(), timeoutSeconds: 300 },
      });
      return { code, said: `${stdout}${stderr}` };
    },
    environment: () => engine.environment(),
    async close() {
      await lab.down();
    },
  };
}
