import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot } from "../lab/identity";
import { writeArtifacts } from "./assembly/artifacts";
import { copyExecutable } from "./assembly/digest";
import { pushImages } from "./assembly/images";
import { ensurePackages, type PackageSet } from "./assembly/packages";
import { contentsKey, planContents, type ContentsPlan } from "./assembly/plan";
import { writeRepository } from "./assembly/repository";
import { buildInto } from "./assembly/staging";
import {
  hostPackages,
  mirrorPackagesFor,
  mirrorVersions,
  type Binaries,
  type MirrorVersions,
} from "./layout";
import { openContents, type Contents, type ContentsManifest } from "./manifest";

export interface ContentsOptions {
  /** Executables by name; `crane` is needed whenever there are images. */
  binaries: Binaries;
  /** Kept between runs and shared by labs. Default `<cache root>/mirror`. */
  cache?: string;
  /** Where downloaded Debian packages are kept, default `cache`. */
  packageCache?: string;
  /** Default {@link mirrorVersions}. */
  versions?: MirrorVersions;
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
  const cache = options.cache ?? join(cacheRoot(), "mirror");
  const directory = join(cache, key);
  const present = await openContents(directory).catch(() => undefined);
  if (present) return present;

  const started = Date.now();
  const progress = (line: string): void =>
    options.progress?.(`mirror: ${line} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  // Whatever is there cannot be opened, so it is damaged.
  await rm(directory, { recursive: true, force: true });
  await buildInto(directory, async (staging) => {
    const manifest = await assemble(staging, plan, { ...options, cache, progress });
    await writeFile(
      join(staging, "contents.json"),
      JSON.stringify({ key, ...manifest } satisfies ContentsManifest, null, 2),
    );
  });
  progress("ready");
  return openContents(directory);
}

/** What of the contents needs no binaries: the packages, downloaded and unpacked. At once when they are there. */
export function ensureContentsPackages(
  options: Omit<ContentsOptions, "binaries">,
): Promise<PackageSet> {
  return ensurePackages({
    cache: options.packageCache ?? options.cache ?? join(cacheRoot(), "mirror"),
    hostPackages: options.packages ?? hostPackages,
    mirrorPackages: mirrorPackagesFor(options.versions ?? mirrorVersions),
    sources: options.debianSources,
    progress: (line) => options.progress?.(line),
  });
}

type AssembleOptions = ContentsOptions & { cache: string; progress: (line: string) => void };

/** Fills an empty directory and tells what is in it. */
async function assemble(
  directory: string,
  plan: ContentsPlan,
  options: AssembleOptions,
): Promise<Omit<ContentsManifest, "key">> {
  const { binaries, progress } = options;
  const packages = await ensureContentsPackages(options);
  progress(`apt repository of ${packages.repository.length} packages`);
  const packageRecords = await writeRepository(join(directory, "apt"), packages);
  progress(`${plan.artifacts.length} artifacts`);
  const artifactRoot = join(directory, "artifacts");
  await mkdir(artifactRoot);
  const artifacts = await writeArtifacts(
    artifactRoot,
    plan.artifacts,
    binaries,
    options.checksums ?? {},
  );
  const registryProgram = join(directory, "bin/docker-registry");
  await copyExecutable(join(packages.sysroot, "usr/bin/docker-registry"), registryProgram);
  const scratch = join(directory, "scratch");
  const images = await pushImages({
    specs: plan.images,
    binaries,
    sysroot: packages.sysroot,
    registryProgram,
    storage: join(directory, "registry"),
    scratch,
    progress,
  });
  await rm(scratch, { recursive: true, force: true });
  const versions = options.versions ?? mirrorVersions;
  return { versions, artifacts, images, packages: packageRecords };
}
