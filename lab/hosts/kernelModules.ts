import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot } from "../identity";
import { builtOnce } from "./builtOnce";
import { kernel } from "./umlBody";

const script = join(__dirname, "scripts", "build-kernel-modules.sh");

/** Where the modules for the installed kernel are, built or not; undefined without that kernel. */
function modulesDirectory(): string | undefined {
  const { status, stdout } = spawnSync(kernel.program, ["--version"], { encoding: "utf8" });
  if (status !== 0) return undefined;
  const made = createHash("sha256");
  for (const source of [script, join(dirname(script), "uml-registers.c")])
    made.update(readFileSync(source));
  const hash = made.digest("hex").slice(0, 10);
  return join(cacheRoot(), "kernels", `uml-${stdout.trim()}-${hash}`);
}

/** Modules that hosts with a kernel of their own boot with: those of {@link ensureKernelModules}, else Debian's, with which nftables does not work. */
export function kernelModules(): string {
  const directory = modulesDirectory();
  return directory !== undefined && existsSync(directory) ? directory : kernel.modules;
}

/**
 * Modules for hosts with a kernel of their own, with all of nftables; built when they are not in the cache, which takes about two minutes.
 *
 * @throws Error when the kernel's package is not installed, or the build fails.
 */
export async function ensureKernelModules(onProgress?: (line: string) => void): Promise<string> {
  const directory = modulesDirectory();
  if (directory === undefined)
    throw new Error(
      `${kernel.program} is not on this machine: apt-get install user-mode-linux, as \`npm run lab -- doctor\` says`,
    );
  return builtOnce({
    what: "the modules of hosts' own kernel",
    needs: "Debian's archive, gcc, make, bison, flex, bc and kmod",
    directory,
    command: [script, directory],
    deadlineSeconds: 1200,
    onProgress,
  });
}
