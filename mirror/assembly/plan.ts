import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import {
  artifactSpecs,
  binariesOf,
  hostPackages,
  imageSpecs,
  mirrorPackagesFor,
  mirrorVersions,
  type ArtifactSpec,
  type BinaryName,
  type ImageSpec,
} from "../layout";
import type { ContentsOptions } from "../contents";
import { sourceRoot } from "./programs";

/** What is going to be in the contents. */
export interface ContentsPlan {
  artifacts: ArtifactSpec[];
  images: ImageSpec[];
}

/**
 * What can be made with the binaries that were given: everything, or with `partial` what their absence leaves.
 * @throws Error naming every binary that is missing, unless `partial`
 */
export function planContents(
  options: Pick<ContentsOptions, "versions" | "binaries" | "partial">,
): ContentsPlan {
  const has = (name: BinaryName): boolean => options.binaries[name] !== undefined;
  const versions = options.versions ?? mirrorVersions;
  const artifacts = artifactSpecs(versions);
  const images = imageSpecs(versions);
  const missing = neededFor({ artifacts, images }).filter((name) => !has(name));
  if (missing.length > 0 && options.partial !== true) {
    throw new Error(
      `mirror: no path was given for ${missing.join(", ")}; have the toolchain provide them, or ask for partial contents`,
    );
  }
  return {
    artifacts: artifacts.filter((artifact) => has(artifact.binary)),
    images: has("crane") ? images.filter((image) => binariesOf([], [image]).every(has)) : [],
  };
}

/** Binaries that a plan takes; crane is what puts images into the registry. */
export function neededFor(plan: ContentsPlan): BinaryName[] {
  const crane = plan.images.length > 0 ? ["crane" as const] : [];
  return [...binariesOf(plan.artifacts, plan.images), ...crane];
}

/**
 * Name of the contents directory: a digest of all that goes in. Binaries count by size and time of change, since reading a gigabyte
 * at every start would not be instant; of our own source everything counts that shapes the contents.
 */
export async function contentsKey(options: ContentsOptions, plan: ContentsPlan): Promise<string> {
  const hash = createHash("sha256");
  const add = (value: unknown): unknown => hash.update(JSON.stringify(value) + "\n");
  const versions = options.versions ?? mirrorVersions;
  add([plan, versions, options.checksums, options.debianSources]);
  add([options.packages ?? hostPackages, mirrorPackagesFor(versions)]);
  for (const name of neededFor(plan)) {
    const path = options.binaries[name] ?? "";
    const found = await stat(path).catch(() => {
      throw new Error(
        `mirror: ${name}: there is no file ${path}; have the toolchain make it again`,
      );
    });
    add([name, found.size, found.mtimeMs]);
  }
  for (const root of [__dirname, sourceRoot]) {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
    for (const path of paths.sort()) add([relative(root, path), await readFile(path, "utf8")]);
  }
  return hash.digest("hex").slice(0, 16);
}
