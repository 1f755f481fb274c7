import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { must } from "../../lab/process";
import { buildInto } from "./staging";
import { extractSysroot } from "./sysroot";

/** One Debian package file, without its directory. */
export type PackageFile = string;

export interface PackageSet {
  /** Directory that holds the .deb files. */
  directory: string;
  /** What a host may install: the host packages and all they depend on. */
  repository: PackageFile[];
  /** The packages the mirror is made of, unpacked: their programs, libraries and certificates. */
  sysroot: string;
}

/** Where Debian 12 comes from: `deb` lines; default are Debian's own archives, with the archive's keys. */
export const defaultDebianSources: readonly string[] = [
  "http://deb.debian.org/debian bookworm main",
  "http://deb.debian.org/debian bookworm-updates main",
  "http://deb.debian.org/debian-security bookworm-security main",
].map((source) => `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${source}`);

export interface PackageOptions {
  /** Directory that keeps one set a list of packages; safe to share between labs. */
  cache: string;
  hostPackages: readonly string[];
  mirrorPackages: readonly string[];
  /** Lines of sources.list, default {@link defaultDebianSources}. */
  sources?: readonly string[];
  progress: (line: string) => void;
}

/**
 * Downloads the packages and what they depend on. apt resolves in a root of its own with nothing installed, so that what this
 * machine has hides no dependency; apt checks the archive's signature and every file's checksum. At once when it is there.
 */
export async function ensurePackages(options: PackageOptions): Promise<PackageSet> {
  const sources = options.sources ?? defaultDebianSources;
  const key = createHash("sha256")
    .update(JSON.stringify([sources, options.hostPackages, options.mirrorPackages]))
    .digest("hex")
    .slice(0, 16);
  const directory = join(options.cache, `packages-${key}`);
  if (!existsSync(directory)) {
    await buildInto(directory, (staging) => download(staging, sources, options));
  }
  const lists = JSON.parse(await readFile(join(directory, "lists.json"), "utf8")) as {
    repository: PackageFile[];
  };
  return {
    directory: join(directory, "debs"),
    repository: lists.repository,
    sysroot: join(directory, "sysroot"),
  };
}

async function download(
  staging: string,
  sources: readonly string[],
  options: PackageOptions,
): Promise<void> {
  const apt = await createAptRoot(join(staging, "apt"), sources);
  options.progress("package lists of Debian 12");
  await apt(["update"]);
  const hosts = parsePrintUris(await apt(resolveArguments(options.hostPackages)));
  const mirror = parsePrintUris(await apt(resolveArguments(options.mirrorPackages)));
  const all = new Map([...hosts, ...mirror].map((entry) => [entry.cacheName, entry]));
  options.progress(`${all.size} Debian packages`);
  for (const list of [options.hostPackages, options.mirrorPackages]) {
    await apt(["install", "--yes", "--download-only", ...list]);
  }
  const debs = join(staging, "debs");
  await mkdir(debs);
  for (const { cacheName, fileName } of all.values()) {
    await rename(join(staging, "apt/cache/archives", cacheName), join(debs, fileName));
  }
  options.progress("unpacking what images are made of");
  await extractSysroot(
    mirror.map((entry) => join(debs, entry.fileName)),
    join(staging, "sysroot"),
  );
  await rm(join(staging, "apt"), { recursive: true });
  const repository = hosts.map((entry) => entry.fileName).sort();
  await writeFile(join(staging, "lists.json"), JSON.stringify({ repository }, null, 2));
}

const resolveArguments = (packages: readonly string[]): string[] => [
  "install",
  "--yes",
  "--print-uris",
  ...packages,
];

/**
 * An apt of its own below `root`: own sources, own lists, an empty list of installed packages. The machine's apt.conf.d stays in
 * force, for its proxy settings.
 */
async function createAptRoot(
  root: string,
  sources: readonly string[],
): Promise<(args: string[]) => Promise<string>> {
  for (const directory of ["state/lists/partial", "cache/archives/partial", "log", "parts"]) {
    await mkdir(join(root, directory), { recursive: true });
  }
  await writeFile(join(root, "status"), "");
  await writeFile(join(root, "sources.list"), sources.join("\n") + "\n");
  const configuration = join(root, "apt.conf");
  await writeFile(configuration, renderAptConfiguration(root));
  const env = { APT_CONFIG: configuration, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  return async (args) => (await must(["apt-get", ...args], { env, timeoutSeconds: 600 })).stdout;
}

/** apt.conf that keeps apt inside `root` and leaves out what a mirror does not carry. */
export function renderAptConfiguration(root: string): string {
  return [
    `Dir::Etc::SourceList "${root}/sources.list";`,
    `Dir::Etc::SourceParts "${root}/parts";`,
    `Dir::Etc::Preferences "/dev/null";`,
    `Dir::Etc::PreferencesParts "${root}/parts";`,
    `Dir::State "${root}/state";`,
    `Dir::State::status "${root}/status";`,
    `Dir::Cache "${root}/cache";`,
    `Dir::Log "${root}/log";`,
    `APT::Architecture "amd64";`,
    `APT::Architectures { "amd64"; };`,
    `APT::Install-Recommends "false";`,
    // The files belong to whoever assembles; apt's own download user could not write them.
    `APT::Sandbox::User "";`,
    `Acquire::Languages "none";`,
    `Acquire::Retries "3";`,
    `Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";`,
    "",
  ].join("\n");
}

export interface PackageUri {
  /** Name in apt's archive cache: with the epoch, percent-encoded. */
  cacheName: string;
  /** Name in the archive's pool, which is what a repository shows. */
  fileName: PackageFile;
}

/** Reads `apt-get install --print-uris`: `'<uri>' <file> <size> <hash>` a line, among other talk. */
export function parsePrintUris(output: string): PackageUri[] {
  return [...output.matchAll(/^'([^']+)' (\S+\.deb) \d+/gm)].map((match) => {
    const [, uri = "", cacheName = ""] = match;
    return { cacheName, fileName: decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1)) };
  });
}
