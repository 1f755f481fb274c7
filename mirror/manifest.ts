import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactRecord } from "./assembly/artifacts";
import { fileDigest } from "./assembly/digest";
import type { ImageRecord } from "./assembly/images";
import type { PackageRecord } from "./assembly/repository";
import type { MirrorVersions } from "./layout";

/** What a contents directory holds; its `contents.json`. */
export interface ContentsManifest {
  /** Name of the directory in the cache. */
  key: string;
  versions: MirrorVersions;
  artifacts: ArtifactRecord[];
  images: ImageRecord[];
  packages: PackageRecord[];
}

/** A directory that a mirror serves: `artifacts/`, `apt/`, `registry/`, `bin/docker-registry`, `contents.json`. */
export interface Contents {
  directory: string;
  manifest: ContentsManifest;
}

/**
 * Opens a directory that the assembly made, here or on another machine. Looks at presence and size of every file;
 * {@link verifyContents} reads them.
 * @throws Error naming the first file that is absent or has another size
 */
export async function openContents(directory: string): Promise<Contents> {
  const text = await readFile(join(directory, "contents.json"), "utf8").catch((error: unknown) => {
    throw new Error(
      `${directory} is no contents directory of a mirror (${String(error)}); make one with: ` +
        "npx tsx mirror/main.ts assemble",
    );
  });
  const manifest = JSON.parse(text) as ContentsManifest;
  for (const { path, size } of files(manifest)) {
    const found = await stat(join(directory, path)).catch(() => undefined);
    if (found?.size !== size) {
      throw new Error(
        `mirror contents ${directory}: ${path} has ${found?.size ?? "no"} bytes, should have ${size}; ` +
          "remove the directory and assemble again",
      );
    }
  }
  return { directory, manifest };
}

/** Reads every file that hosts may be given and names those whose SHA-256 is not the recorded one. */
export async function verifyContents(contents: Contents): Promise<string[]> {
  const wrong: string[] = [];
  for (const { path, sha256 } of files(contents.manifest)) {
    const digest = await fileDigest(join(contents.directory, path));
    if (digest.sha256 !== sha256) wrong.push(path);
  }
  return wrong;
}

function files(manifest: ContentsManifest): ArtifactRecord[] {
  return [
    ...manifest.artifacts.map((record) => ({ ...record, path: `artifacts/${record.path}` })),
    ...manifest.packages.map((record) => ({ ...record, path: `apt/${record.file}` })),
    ...manifest.images.flatMap((image) =>
      image.blobs.map((blob) => ({ ...blob, path: `registry/${blobPath(blob.sha256)}` })),
    ),
  ];
}

/** Where the registry keeps a blob below its storage directory. */
function blobPath(sha256: string): string {
  return `docker/registry/v2/blobs/sha256/${sha256.slice(0, 2)}/${sha256}/data`;
}
