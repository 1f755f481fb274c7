import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { linkOrCopy } from "./linkOrCopy";

/**
 * Storage directory for a registry over a contents directory: the shared one, or a copy of it that pushes may change.
 * Blobs of the copy are hard links, as the registry never writes into a blob; its small files, which it does overwrite, are copied.
 * @param own directory of the copy; made once, later starts find what was pushed
 */
export async function registryStorage(contents: string, own: string | undefined): Promise<string> {
  const shared = join(contents, "registry");
  if (own === undefined) return shared;
  if (existsSync(own)) return own;
  const staging = `${own}.new`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  for (const entry of await readdir(shared, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(staging, relative(shared, source));
    await mkdir(dirname(target), { recursive: true });
    await (entry.name === "data" ? linkOrCopy(source, target) : copyFile(source, target));
  }
  await rename(staging, own);
  return own;
}
