import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ArtifactSpec, Binaries } from "../layout";
import { checksumLine, copyExecutable } from "./digest";

/** One file of the artifact tree as it was written. */
export interface ArtifactRecord {
  /** `<name>/<version>/<arch>/<file>`. */
  path: string;
  size: number;
  sha256: string;
}

/**
 * Writes `<root>/<path>` and `<root>/<path>.sha256` for every artifact.
 * @param checksums SHA-256 that a path must have, as in the setting `artifacts.checksums`; paths absent from it are taken as they are
 * @throws Error naming the file when what was copied is not what was pinned
 */
export async function writeArtifacts(
  root: string,
  specs: ArtifactSpec[],
  binaries: Binaries,
  checksums: Record<string, string> = {},
): Promise<ArtifactRecord[]> {
  const records: ArtifactRecord[] = [];
  for (const { path, binary } of specs) {
    const source = binaries[binary];
    if (source === undefined) throw new Error(`artifact ${path}: no path was given for ${binary}`);
    const destination = join(root, path);
    const digest = await copyExecutable(source, destination);
    const pinned = checksums[path];
    if (pinned !== undefined && pinned.toLowerCase() !== digest.sha256) {
      throw new Error(
        `artifact ${path}: ${source} has SHA-256 ${digest.sha256}, pinned is ${pinned}; ` +
          "build or download it again, or correct the pinned checksum",
      );
    }
    await writeFile(`${destination}.sha256`, checksumLine(digest.sha256, basename(path)));
    records.push({ path, ...digest });
  }
  return records;
}
