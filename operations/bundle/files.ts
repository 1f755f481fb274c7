import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { linkOrCopy } from "../../mirror/linkOrCopy";

/** A file of a bundle: one that is there, or a text. */
export type BundleFile = { /** Path in the bundle. */ path: string } & (
  { source: string } | { text: string; /** @default false */ executable?: boolean }
);

/**
 * All files below a directory, as files of a bundle below `path`.
 *
 * @param skip names of directories that are left out, wherever they are
 * @throws Error for what is neither file nor directory: a link could lead anywhere on the host that unpacks it.
 */
export function filesBelow(
  directory: string,
  path: string,
  skip: readonly string[] = [],
): BundleFile[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): BundleFile[] => {
      const source = join(directory, entry.name);
      const target = join(path, entry.name);
      if (entry.isDirectory())
        return skip.includes(entry.name) ? [] : filesBelow(source, target, skip);
      if (entry.isFile()) return [{ path: target, source }];
      throw new Error(`${source} is neither a file nor a directory: a bundle has nothing else`);
    });
}

/** Puts files below a directory by their paths: hard links where it is on their file system, else copies. None of them is written to afterwards. */
export async function stage(directory: string, files: readonly BundleFile[]): Promise<void> {
  for (const file of files) {
    const target = join(directory, file.path);
    if (relative(directory, target).startsWith(".."))
      throw new Error(`${file.path} is outside of the bundle`);
    mkdirSync(dirname(target), { recursive: true });
    if ("source" in file) await linkOrCopy(file.source, target);
    else {
      writeFileSync(target, file.text, { flag: "wx" });
      chmodSync(target, file.executable === true ? 0o755 : 0o644);
    }
  }
}
