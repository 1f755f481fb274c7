import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Consumer, pack, resolutions, type Resolution, stepsOf } from "../test/package/consumer";
import { ensureToolchain } from "../toolchain";
import { say } from "../toolchain/progress";

/**
 * The package as a stack of somebody else's sees it: files and size of the tarball, packages that an install of it puts in place, the module
 * resolutions it compiles in, and the resources of a preview under Pulumi's default runtime.
 */
export async function packageBench(): Promise<Record<string, unknown>> {
  await ensureToolchain({ need: ["sdk", "command"] });
  const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-bench-package-"));
  try {
    const packed = await pack(".", dir);
    const consumer = new Consumer(join(dir, "consumer"), "own-stack");
    await consumer.install("npm", packed);
    const compiles: Resolution[] = [];
    for (const resolution of Object.keys(resolutions) as Resolution[]) {
      const faults = await consumer.compile(resolution);
      if (faults.length === 0) compiles.push(resolution);
      faults.forEach((fault) => say(`${resolution}: ${fault}`));
    }
    await consumer.init();
    const steps = stepsOf(await consumer.pulumi("preview", "--json"));
    return {
      files: packed.files.length,
      unpackedKiB: packed.unpackedKiB,
      installs: await consumer.installed(),
      compiles,
      previews: steps.length,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
