import { mkdir, readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { linkOrCopy } from "../linkOrCopy";
import type { PackageSet } from "./packages";
import { runSysrootProgram } from "./sysroot";

/** One package of the repository, as its index tells. */
export interface PackageRecord {
  name: string;
  version: string;
  file: string;
  size: number;
  sha256: string;
}

/**
 * Writes a flat apt repository: the .deb files, `Packages`, `Packages.gz` and `Release` in one directory.
 * It is not signed: hosts of the lab name it with `[trusted=yes]`, and what they get is what apt verified when it was downloaded.
 * A production mirror signs its `Release` (`InRelease`) and hosts carry its key; the setting `packages.aptSources` holds either line.
 */
export async function writeRepository(
  root: string,
  packages: PackageSet,
): Promise<PackageRecord[]> {
  await mkdir(root, { recursive: true });
  for (const file of packages.repository) {
    await linkOrCopy(join(packages.directory, file), join(root, file));
  }
  const archive = (args: string[]): Promise<string> =>
    runSysrootProgram(packages.sysroot, "usr/bin/apt-ftparchive", args, root);
  const index = await archive(["packages", "."]);
  await writeFile(join(root, "Packages"), index);
  await writeFile(join(root, "Packages.gz"), gzipSync(index));
  // Written after the indexes it lists, and not by redirection into the directory it describes.
  const release = await archive([
    ...["-o", "APT::FTPArchive::Release::Origin=tencentcloud-kubernetes-ha"],
    ...["-o", "APT::FTPArchive::Release::Label=host packages"],
    ...["-o", "APT::FTPArchive::Release::Architectures=amd64"],
    "release",
    ".",
  ]);
  await writeFile(join(root, "Release"), release);
  return parsePackagesIndex(await readFile(join(root, "Packages"), "utf8"));
}

/** Reads the paragraphs of a `Packages` index. */
export function parsePackagesIndex(index: string): PackageRecord[] {
  return index
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => {
      const field = (name: string): string => {
        const value = new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1];
        if (value === undefined) {
          throw new Error(`Packages: a paragraph has no ${name}: ${paragraph.slice(0, 80)}`);
        }
        return value;
      };
      return {
        name: field("Package"),
        version: field("Version"),
        file: field("Filename").replace(/^\.\//, ""),
        size: Number(field("Size")),
        sha256: field("SHA256"),
      };
    });
}
