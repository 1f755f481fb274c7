import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { buildInto } from "../mirror/assembly/staging";
import { toolchainCache } from "./cache";
import { execute } from "./execute";
import { withLock } from "./lock";
import { step } from "./progress";

/** Prometheus and its tool for rules. */
export interface Prometheus {
  prometheus: string;
  promtool: string;
}

/**
 * Debian's Prometheus, unpacked into the cache: installed, its service would start on this machine. At once when it is there.
 *
 * @throws Error when it cannot be had.
 */
export async function ensurePrometheus(): Promise<Prometheus> {
  const directory = toolchainCache("prometheus");
  if (!existsSync(directory))
    await withLock(toolchainCache("locks", "prometheus.lock"), async () => {
      if (!existsSync(directory)) await step("Prometheus, from Debian", () => download(directory));
    });
  const programs = join(directory, "usr/bin");
  return { prometheus: join(programs, "prometheus"), promtool: join(programs, "promtool") };
}

async function download(directory: string): Promise<void> {
  const log = toolchainCache("logs", "prometheus.log");
  const remedy = "check `apt-get update` by hand, then run again";
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const apt = ["-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"] as const;
  await buildInto(directory, async (staging) => {
    const get = () =>
      execute("apt-get download prometheus", ["apt-get", ...apt, "download", "prometheus"], {
        ...{ cwd: staging, env, log, remedy },
      });
    // The machine may have read no lists yet, or ones of before the last point release.
    await get().catch(async () => {
      await execute("apt-get update", ["apt-get", ...apt, "update"], { env, log, remedy });
      await get();
    });
    const [archive = ""] = (await readdir(staging)).filter((name) => name.endsWith(".deb"));
    await execute("unpacking prometheus", ["dpkg-deb", "-x", join(staging, archive), staging], {
      ...{ log, remedy },
    });
  });
}
