import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execute } from "./execute";
import { say } from "./progress";

/** Where a tool's own makers publish it. */
export type OfficialRelease =
  | {
      kind: "tar";
      version?: string;
      url: string;
      /** File of `<sha256>  <name>` lines, or of one digest. */
      checksums: string;
      /** Executable -> path in the archive. */
      entries: Readonly<Record<string, string>>;
    }
  | {
      kind: "files";
      version?: string;
      files: Readonly<Record<string, string>>;
      /** Put after a file's URL gives the URL of its digest. Absent: none is published. */
      checksumSuffix?: string;
    }
  | { kind: "terraform-registry"; version?: string; url: string; executable: string };

/** Seconds a host has to answer. */
const probeSeconds = 2;
/** Seconds a download may take. */
const downloadSeconds = 900;

/** Hosts asked so far in this run, and whether they answer. */
const answers = new Map<string, Promise<boolean>>();

export type Fetch = typeof fetch;

/** Whether the host of a URL answers at all within 2 s; asked once a run. */
export function hostAnswers(url: string, get: Fetch = fetch): Promise<boolean> {
  const { origin, host } = new URL(url);
  let answer = answers.get(origin);
  if (!answer) {
    answer = get(origin, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(probeSeconds * 1000),
    }).then(
      () => true,
      () => {
        say(`${host} does not answer: what it publishes is built from Go modules instead`);
        return false;
      },
    );
    answers.set(origin, answer);
  }
  return answer;
}

/** Forgets which hosts answer; for tests. */
export function forgetHosts(): void {
  answers.clear();
}

/**
 * Fetches a release into `directory` as executables.
 *
 * @returns false if its host does not answer or does not have it, with nothing left behind that counts; then it has to be built.
 * @throws Error if what came does not match the published digest.
 */
export async function fetchOfficial(
  release: OfficialRelease,
  directory: string,
  log: string,
  get: Fetch = fetch,
): Promise<boolean> {
  const first = release.kind === "files" ? Object.values(release.files)[0] : release.url;
  if (first === undefined || !(await hostAnswers(first, get))) return false;
  const scratch = `${directory}.download`;
  await mkdir(scratch, { recursive: true });
  await mkdir(directory, { recursive: true });
  try {
    switch (release.kind) {
      case "files":
        await fetchFiles(release, directory, get);
        break;
      case "tar":
        await fetchArchive(release, scratch, directory, log, get);
        break;
      case "terraform-registry":
        await fetchFromRegistry(release, scratch, directory, log, get);
    }
    for (const file of await readdir(directory)) await chmod(join(directory, file), 0o755);
    return true;
  } catch (error) {
    if (error instanceof ChecksumMismatch) throw error;
    say(`${first}: ${(error as Error).message}; building from Go modules instead`);
    return false;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

class ChecksumMismatch extends Error {}

async function fetchFiles(
  release: OfficialRelease & { kind: "files" },
  directory: string,
  get: Fetch,
): Promise<void> {
  for (const [program, url] of Object.entries(release.files)) {
    const target = join(directory, program);
    const actual = await download(url, target, get);
    if (release.checksumSuffix)
      verify(url, actual, await text(url + release.checksumSuffix, get), basename(url));
  }
}

async function fetchArchive(
  release: OfficialRelease & { kind: "tar" },
  scratch: string,
  directory: string,
  log: string,
  get: Fetch,
): Promise<void> {
  const archive = join(scratch, "archive.tar.gz");
  const actual = await download(release.url, archive, get);
  verify(release.url, actual, await text(release.checksums, get), basename(release.url));
  await execute(`unpacking ${release.url}`, ["tar", "-xzf", archive, "-C", scratch], {
    log,
    remedy: "run again; the download is not kept",
  });
  for (const [program, path] of Object.entries(release.entries))
    await copyFile(join(scratch, path), join(directory, program));
}

/** The provider registry protocol: a JSON that names the archive and its digest. */
async function fetchFromRegistry(
  release: OfficialRelease & { kind: "terraform-registry" },
  scratch: string,
  directory: string,
  log: string,
  get: Fetch,
): Promise<void> {
  const { download_url: url, shasum } = JSON.parse(await text(release.url, get)) as {
    download_url: string;
    shasum: string;
  };
  const archive = join(scratch, "archive.zip");
  const actual = await download(url, archive, get);
  verify(url, actual, shasum, basename(url));
  await execute(`unpacking ${url}`, ["unzip", "-o", "-q", archive, "-d", scratch], {
    log,
    remedy: "install unzip and run again",
  });
  const found = (await readdir(scratch)).find((file) => file.startsWith(release.executable));
  if (found === undefined) throw new Error(`the archive has no ${release.executable}`);
  await copyFile(join(scratch, found), join(directory, release.executable));
}

/** Downloads to a file; answers the SHA-256 of what came. */
async function download(url: string, target: string, get: Fetch): Promise<string> {
  const response = await get(url, { signal: AbortSignal.timeout(downloadSeconds * 1000) });
  if (!response.ok || !response.body) throw new Error(`answers ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(target));
  return createHash("sha256")
    .update(await readFile(target))
    .digest("hex");
}

async function text(url: string, get: Fetch): Promise<string> {
  const response = await get(url, { signal: AbortSignal.timeout(downloadSeconds * 1000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.text();
}

/** Digest of `file` in a list of `<sha256>  <name>` lines, or the only digest there is. */
export function expectedDigest(list: string, file: string): string | undefined {
  const lines = list
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([sum]) => /^[0-9a-f]{64}$/.test(sum ?? ""));
  const named = lines.find(([, name]) => name?.replace(/^\*|^\.\//, "") === file);
  if (named) return named[0];
  return lines.length === 1 && lines[0]?.length === 1 ? lines[0][0] : undefined;
}

function verify(url: string, actual: string, list: string, file: string): void {
  const expected = expectedDigest(list, file);
  if (expected === undefined) throw new Error(`no SHA-256 of ${file} is published`);
  if (expected !== actual)
    throw new ChecksumMismatch(
      `${url}: SHA-256 is ${actual}, published is ${expected}: do not use it; ask who runs the network in between, then run again`,
    );
}

/** Where a group came from, kept beside its executables. */
export interface Origin {
  source: "official" | "built";
  version: string;
}

export async function writeOrigin(directory: string, origin: Origin): Promise<void> {
  await writeFile(join(directory, "origin.json"), JSON.stringify(origin) + "\n");
}
