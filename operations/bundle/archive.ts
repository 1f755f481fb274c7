import { createHash } from "node:crypto";
import { readdirSync, statfsSync, statSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { must, run } from "../../lab/process";
import { checksumLine, fileDigest } from "../../mirror/assembly/digest";
import { type BundleFile, filesBelow, stage } from "./files";

/** What a signature by `ssh-keygen -Y` is for, and who it is said to be by: whoever verifies it names both. */
export const signatureName = "kubernetes-ha-bundle";

/** What lies first in an archive, in this order: what is read before all is unpacked. */
const first = ["bundle", "manifest.json", "SHA256SUMS", "SHA256SUMS.sig"] as const;

export interface ArchiveOptions {
  /** Directory that is filled; must not exist. */
  staging: string;
  files: readonly BundleFile[];
  /** The script `bundle`. */
  script: string;
  /** `manifest.json`, given a digest over all files and the MiB they take. */
  manifest: (of: { digest: string; unpackedMiB: number }) => object;
  /** Private SSH key that signs the sums. @default there is no signature */
  signingKey?: string | undefined;
  /** Path of the archive. */
  out: string;
}

/**
 * Writes an archive with everything, the sums of everything, and beside it a file with the archive's own sum. It appears whole or not at all. The same
 * files give the same archive, but for a signature.
 *
 * @returns size and SHA-256 of the archive.
 * @throws Error naming what is in the way: no room, a key that cannot sign.
 */
export async function writeArchive(
  options: ArchiveOptions,
): Promise<{ size: number; sha256: string }> {
  const { staging, out } = options;
  const bytes = options.files.reduce((sum, file) => sum + sizeOf(file), 0);
  assertRoomFor(bytes, dirname(out));
  await stage(staging, [...options.files, { path: "bundle", source: options.script }]);
  const files = await sumsOf(staging);
  const text = `${JSON.stringify(
    options.manifest({ digest: digestOf(files), unpackedMiB: Math.ceil(bytes / 2 ** 20) }),
    null,
    2,
  )}\n`;
  await writeFile(join(staging, "manifest.json"), text);
  const sums = join(staging, "SHA256SUMS");
  await writeFile(sums, files + checksumLine(digestOf(text), "manifest.json"));
  if (options.signingKey !== undefined) await sign(sums, options.signingKey);
  return pack(staging, out);
}

function sizeOf(file: BundleFile): number {
  return "source" in file ? statSync(file.source).size : Buffer.byteLength(file.text);
}

/** @throws Error when a file system has no room for so many bytes and a tenth more. */
function assertRoomFor(bytes: number, directory: string): void {
  const { bavail, bsize } = statfsSync(directory);
  const mebibytes = (value: number): string => `${Math.ceil(value / 2 ** 20)} MiB`;
  const [need, free] = [bytes * 1.1, bavail * bsize];
  if (free < need)
    throw new Error(
      `${directory} has ${mebibytes(free)} free, and the bundle takes ${mebibytes(need)}: free ${mebibytes(need - free)}, or name another place with --out`,
    );
}

/** A line for each file, as `sha256sum --check` reads them. */
async function sumsOf(directory: string): Promise<string> {
  let lines = "";
  for (const { path } of filesBelow(directory, ""))
    lines += checksumLine((await fileDigest(join(directory, path))).sha256, path);
  return lines;
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Writes `<file>.sig`. ssh-keygen asks for the key's passphrase at the terminal, if it has one. */
async function sign(file: string, key: string): Promise<void> {
  const { code } = await run(["ssh-keygen", "-Y", "sign", "-n", signatureName, "-f", key, file], {
    output: "inherit",
  });
  if (code !== 0)
    throw new Error(
      `ssh-keygen could not sign with ${key}: --sign takes the file of a private SSH key, or of a public one whose private half an agent has`,
    );
}

/** No time, owner or order of this machine is in it, and no two names share a file. */
async function pack(staging: string, out: string): Promise<{ size: number; sha256: string }> {
  const there = readdirSync(staging).sort();
  const names = [...first.filter((name) => there.includes(name)), ...there.filter(isRest)];
  const partial = `${out}.partial`;
  try {
    await must([
      ...["tar", "--create", "--file", partial, "--format=gnu", "--sort=name", "--mtime=@0"],
      ...["--owner=0", "--group=0", "--numeric-owner", "--mode=u+rw,go+rX,go-w"],
      ...["--hard-dereference", "--directory", staging, ...names],
    ]);
    const digest = await fileDigest(partial);
    await rename(partial, out);
    await writeFile(`${out}.sha256`, checksumLine(digest.sha256, basename(out)));
    return digest;
  } finally {
    await rm(partial, { force: true });
  }
}

const isRest = (name: string): boolean => !(first as readonly string[]).includes(name);
