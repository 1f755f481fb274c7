import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { digest, toolchainCache } from "./cache";
import { execute } from "./execute";
import { withLock } from "./lock";
import { step } from "./progress";

const checkout = resolve(__dirname, "..");
const directory = join(checkout, "addons");
const modules = join(directory, "node_modules");
const stamp = join(modules, ".kubernetes-ha-lock");

/**
 * Installs what the package of add-ons is compiled against into its own node_modules, which no other program of this checkout looks into: the language host
 * would have the engine get the Kubernetes plugin for each that does. Instant when it is there.
 */
export async function ensureAddonsModules(): Promise<void> {
  const wanted = digest(readFileSync(join(directory, "package-lock.json"), "utf8"));
  const installed = (): boolean => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (installed()) return;
  await withLock(toolchainCache("locks", `addons-${digest(checkout)}.lock`), async () => {
    if (installed()) return;
    await step("modules of the add-ons", () =>
      npm("installing modules of the add-ons", ["ci", "--ignore-scripts", "--prefer-offline"]),
    );
    writeFileSync(stamp, wanted);
  });
}

/**
 * node_modules of a stack that uses the package of add-ons, as from its tarball: all it needs, and the package as it is published.
 *
 * @param target Directory of the stack.
 */
export async function installAddons(target: string): Promise<void> {
  await ensureAddonsModules();
  await withLock(toolchainCache("locks", `addons-${digest(checkout)}.lock`), () =>
    step("the package of add-ons", () => npm("building the add-ons", ["run", "build"])),
  );
  const staging = join(target, "node_modules.new");
  rmSync(staging, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await cp(modules, staging, { recursive: true, verbatimSymlinks: true });
  const { name } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as {
    name: string;
  };
  for (const part of ["package.json", "dist"])
    await cp(join(directory, part), join(staging, name, part), { recursive: true });
  // Whole or not at all.
  await rm(join(target, "node_modules"), { recursive: true, force: true });
  await rename(staging, join(target, "node_modules"));
}

function npm(what: string, args: readonly string[]): Promise<void> {
  return execute(what, ["npm", ...args, "--no-audit", "--no-fund"], {
    cwd: directory,
    log: toolchainCache("logs", "addons-package.log"),
    remedy: `see that \`npm ${args.join(" ")}\` works in ${directory}`,
  });
}
