import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { writeArtifacts, type ArtifactRecord } from "./assembly/artifacts";
import { fileDigest } from "./assembly/digest";
import { ensurePackages, publish } from "./assembly/packages";
import { sourceRoot } from "./assembly/programs";
import { pushImages, type ImageRecord } from "./assembly/images";
import { writeRepository, type PackageRecord } from "./assembly/repository";
import {
  artifactSpecs,
  binariesOf,
  hostPackages,
  imageSpecs,
  mirrorPackages,
  type Binaries,
  type BinaryName,
  type MirrorVersions,
} from "./layout";
import { copyExecutable } from "./assembly/digest";

/** What a contents directory holds; its `contents.json`. */
export interface ContentsManifest {
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

export interface ContentsOptions {
  /** Kept between runs and shared by labs: `<cache root>/mirror`. */
  cache: string;
  versions: MirrorVersions;
  /** Executables by name; `crane` is needed whenever there are images. */
  binaries: Binaries;
  /** Leaves out what no binary was given for, instead of failing; default false. */
  partial?: boolean;
  /** SHA-256 by artifact path that must hold, as in the setting `artifacts.checksums`. */
  checksums?: Record<string, string>;
  /** `deb` lines of Debian 12; default its own archives. */
  debianSources?: readonly string[];
  /** Packages for hosts, default {@link hostPackages}. */
  packages?: readonly string[];
  /** Told what goes on, a line at a time, with the time since the start. */
  progress?: (line: string) => void;
}

/**
 * The contents of a mirror, assembled unless they are there already. The directory is named by everything that goes in (versions,
 * binaries, package list, the assembly's own source) and appears whole or not at all.
 * @throws Error naming the binaries that are missing, or the step that failed
 */
export async function ensureContents(options: ContentsOptions): Promise<Contents> {
  const plan = planContents(options);
  const key = await contentsKey(options, plan);
  const directory = join(options.cache, key);
  const present = await openContents(directory).catch(() => undefined);
  if (present) return present;

  const started = Date.now();
  const progress = (line: string): void =>
    options.progress?.(`mirror: ${line} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  await mkdir(options.cache, { recursive: true });
  await removeAbandoned(options.cache);
  // Whatever is there cannot be opened, so it is damaged.
  await rm(directory, { recursive: true, force: true });
  const staging = join(options.cache, `.${key}-${process.pid}`);
  try {
    await assemble(staging, key, plan, options, progress);
    await publish(staging, directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  progress("ready");
  return openContents(directory);
}

/**
 * Opens a directory that {@link ensureContents} made, here or on another machine. Looks at presence and size of every file;
 * {@link verifyContents} reads them.
 * @throws Error naming the first file that is absent or has another size
 */
export async function openContents(directory: string): Promise<Contents> {
  const text = await readFile(join(directory, "contents.json"), "utf8");
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

interface ContentsPlan {
  artifacts: ReturnType<typeof artifactSpecs>;
  images: ReturnType<typeof imageSpecs>;
}

/** What is going to be in the contents, with the binaries that were given. */
export function planContents(
  options: Pick<ContentsOptions, "versions" | "binaries" | "partial">,
): ContentsPlan {
  const has = (name: BinaryName): boolean => options.binaries[name] !== undefined;
  const all = { artifacts: artifactSpecs(options.versions), images: imageSpecs(options.versions) };
  const missing = [...binariesOf(all.artifacts, all.images), "crane" as const].filter(
    (name) => !has(name),
  );
  if (missing.length > 0 && options.partial !== true) {
    throw new Error(
      `mirror: no path was given for ${missing.join(", ")}; have the toolchain provide them, or ask for partial contents`,
    );
  }
  return {
    artifacts: all.artifacts.filter((artifact) => has(artifact.binary)),
    images: has("crane") ? all.images.filter((image) => binariesOf([], [image]).every(has)) : [],
  };
}

async function assemble(
  staging: string,
  key: string,
  plan: ContentsPlan,
  options: ContentsOptions,
  progress: (line: string) => void,
): Promise<void> {
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging);
  const packages = await ensurePackages({
    cache: options.cache,
    hostPackages: options.packages ?? hostPackages,
    mirrorPackages,
    sources: options.debianSources,
    progress,
  });
  progress(`apt repository of ${packages.repository.length} packages`);
  const packageRecords = await writeRepository(join(staging, "apt"), packages);
  progress(`${plan.artifacts.length} artifacts`);
  const artifacts = await writeArtifacts(
    join(staging, "artifacts"),
    plan.artifacts,
    options.binaries,
    options.checksums,
  );
  const program = join(staging, "bin/docker-registry");
  await copyExecutable(join(packages.sysroot, "usr/bin/docker-registry"), program);
  const images = await pushImages({
    specs: plan.images,
    binaries: options.binaries,
    sysroot: packages.sysroot,
    registryProgram: program,
    storage: join(staging, "registry"),
    scratch: join(staging, "scratch"),
    progress,
  });
  await rm(join(staging, "scratch"), { recursive: true, force: true });
  const manifest: ContentsManifest = {
    key,
    versions: options.versions,
    artifacts,
    images,
    packages: packageRecords,
  };
  await writeFile(join(staging, "contents.json"), JSON.stringify(manifest, null, 2));
}

/** Name of the directory: digest of all that goes in. Binaries count by size and time, since reading a gigabyte each time would not be instant. */
async function contentsKey(options: ContentsOptions, plan: ContentsPlan): Promise<string> {
  const hash = createHash("sha256");
  const add = (value: unknown): unknown => hash.update(JSON.stringify(value) + "\n");
  add([plan, options.versions, options.checksums ?? {}, options.debianSources ?? []]);
  add([options.packages ?? hostPackages, mirrorPackages]);
  for (const name of [...binariesOf(plan.artifacts, plan.images), "crane" as const]) {
    const path = options.binaries[name];
    if (path === undefined) continue;
    const found = await stat(path).catch(() => {
      throw new Error(
        `mirror: ${name}: there is no file ${path}; have the toolchain build it again`,
      );
    });
    add([name, found.size, found.mtimeMs]);
  }
  for (const root of [join(__dirname, "assembly"), sourceRoot]) {
    for (const file of (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()) {
      add([relative(root, file), await readFile(file, "utf8")]);
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Removes what assemblies of processes that are gone left half done. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const pid = /^\..*-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(join(cache, name), { recursive: true, force: true });
    }
  }
}
