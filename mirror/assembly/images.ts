import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { imagePrefix, type Binaries, type ImageSpec } from "../layout";
import { startRegistry } from "../registry";
import { must } from "../../lab/process";
import { buildImage } from "./image";
import { compilePrograms } from "./programs";

/** One image as it stands in the registry. */
export interface ImageRecord {
  /** `kubernetes-ha/<name>:<tag>`. */
  reference: string;
  /** Digest of the manifest, `sha256:...`. */
  digest: string;
  /** Manifest, configuration and layer. */
  blobs: { size: number; sha256: string }[];
}

export interface PushOptions {
  specs: ImageSpec[];
  binaries: Binaries;
  sysroot: string;
  registryProgram: string;
  /** Storage directory of the registry, filled by pushes. */
  storage: string;
  /** Directory for what is not kept. */
  scratch: string;
  progress: (line: string) => void;
}

/** Builds the images and pushes them into a registry that runs over `storage` meanwhile, as people fill theirs. */
export async function pushImages(options: PushOptions): Promise<ImageRecord[]> {
  await mkdir(options.storage);
  if (options.specs.length === 0) return [];
  const crane = options.binaries.crane;
  if (crane === undefined) throw new Error("images: no path was given for crane");
  options.progress("compiling pause and probe");
  const compiled = await compilePrograms(join(options.scratch, "programs"));
  const sources = { binaries: options.binaries, sysroot: options.sysroot, compiled };
  const registry = await startRegistry({
    program: options.registryProgram,
    storage: options.storage,
    address: "127.0.0.1",
    port: 0,
    writable: true,
  });
  try {
    const records: ImageRecord[] = [];
    for (const spec of options.specs) {
      const reference = `${imagePrefix}/${spec.name}:${spec.tag}`;
      options.progress(`image ${reference}`);
      const directory = join(options.scratch, spec.name);
      const layout = await buildImage(spec, sources, directory);
      await must([crane, "push", layout, `${registry.endpoint}/${reference}`], {
        timeoutSeconds: 300,
      });
      records.push(await readRecord(reference, layout));
      await rm(directory, { recursive: true });
    }
    return records;
  } finally {
    await registry.close();
  }
}

interface Descriptor {
  digest: string;
  size: number;
}

async function readRecord(reference: string, layout: string): Promise<ImageRecord> {
  const read = async <T>(path: string): Promise<T> =>
    JSON.parse(await readFile(join(layout, path), "utf8")) as T;
  const hex = (descriptor: Descriptor): string => descriptor.digest.replace("sha256:", "");
  const [manifest] = (await read<{ manifests: Descriptor[] }>("index.json")).manifests;
  if (manifest === undefined) throw new Error(`${layout}: index.json names no manifest`);
  const { config, layers } = await read<{ config: Descriptor; layers: Descriptor[] }>(
    `blobs/sha256/${hex(manifest)}`,
  );
  return {
    reference,
    digest: manifest.digest,
    blobs: [manifest, config, ...layers].map((blob) => ({ size: blob.size, sha256: hex(blob) })),
  };
}

/** Copies a contents directory to where people take it from: another disk, a mirror of their own. */
export async function exportContents(directory: string, destination: string): Promise<void> {
  await cp(directory, destination, { recursive: true, force: false, errorOnExist: true });
}
