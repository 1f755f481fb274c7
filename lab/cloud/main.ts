import { readFileSync } from "node:fs";

import { startCloud } from ".";
import { MemoryWorld } from "../hosts/memory";

/**
 * Runs the local cloud with the memory world, for tests and for trying the API: `tsx lab/cloud/main.ts <settings.json>`.
 * Prints one line of JSON with the ports once it answers; ends on SIGTERM and SIGINT.
 */
async function main(): Promise<void> {
  const file = process.argv[2];
  if (file === undefined) {
    throw new Error("usage: main.ts <settings.json>; see CloudSettings in lab/cloud/settings.ts");
  }
  const settings = JSON.parse(readFileSync(file, "utf8")) as Parameters<typeof startCloud>[0];
  const cloud = await startCloud(settings, new MemoryWorld(), (line) =>
    process.stderr.write(`${line}\n`),
  );
  process.stdout.write(
    `${JSON.stringify({ api: cloud.apiPort, admin: cloud.adminPort ?? null })}\n`,
  );
  const stop = (): void => {
    void cloud.close().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
