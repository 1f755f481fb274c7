import { execFile } from "node:child_process";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { modulesRoot } from "./cache";
import { execute } from "./execute";
import type { Group } from "./groups";

/**
 * A group's go.mod with a changed copy of one of its modules in that module's place: what the group's patch makes of it.
 *
 * @param directory Is made; everything lies in it.
 * @returns go.mod, for `go build -modfile`.
 */
export async function patchedModfile(
  { name, module: own, patch }: Pick<Group<string>, "name" | "module"> & { patch: ModulePatch },
  directory: string,
  log: string,
): Promise<string> {
  const from = join(modulesRoot, own);
  const copy = join(directory, "module");
  const modfile = join(directory, "go.mod");
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  for (const file of ["go.mod", "go.sum"]) await copyFile(join(from, file), join(directory, file));
  const steps: [string, ...string[]][] = [
    // What lies in the cache of modules cannot be written to.
    ["cp", "-r", "--no-preserve=mode", await placeOf(patch.module, from), copy],
    ["git", "-C", copy, "apply", join(from, patch.file)],
    ["go", "mod", "edit", `-replace=${patch.module}=${copy}`, modfile],
  ];
  for (const step of steps)
    await execute(`changing ${patch.module} for ${name}`, step, {
      // A repository around it is none of its business.
      env: { GIT_CEILING_DIRECTORIES: dirname(copy) },
      log,
      remedy: `see that ${own}/${patch.file} is made for the version that go.mod has of ${patch.module}`,
    });
  return modfile;
}

/** A change of ours to a module that programs are built with. */
export interface ModulePatch {
  /** Path of the module, `github.com/google/nftables`. */
  module: string;
  /** File beside the group's go.mod, as `git apply` takes it. */
  file: string;
}

/** Where a module of some go.mod lies. */
export async function placeOf(module: string, cwd: string): Promise<string> {
  const download = await promisify(execFile)("go", ["mod", "download", "-json", module], { cwd });
  return (JSON.parse(download.stdout) as { Dir: string }).Dir;
}
