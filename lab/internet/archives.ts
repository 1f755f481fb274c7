import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checksumLine, fileDigest } from "../../mirror/assembly/digest";
import { buildInto } from "../../mirror/assembly/staging";
import type { Contents } from "../../mirror/manifest";
import { must } from "../process";

/** An archive as its project publishes it. */
interface Archive {
  name: string;
  /** Directory in it that programs are in. @default its root */
  within?: string;
  /** File that says its sha256. */
  sums: string;
  /** What that file says the sha256 of before. @default nothing */
  before?: string;
  /** It has the sha256 alone, without a name. */
  bare?: true;
}

const archiveOf: Readonly<Record<string, (version: string, architecture: string) => Archive>> = {
  containerd: (version, architecture) => {
    const name = `containerd-${version.slice(1)}-linux-${architecture}.tar.gz`;
    return { name, within: "bin", sums: `${name}.sha256sum` };
  },
  etcd: (version, architecture) => {
    const within = `etcd-${version}-linux-${architecture}`;
    const before = `etcd-${version}-darwin-${architecture}.zip`;
    return { name: `${within}.tar.gz`, within, sums: `etcd-${version}-SHA256SUMS`, before };
  },
  distribution: (version, architecture) => {
    const name = `registry_${version.slice(1)}_linux_${architecture}.tar.gz`;
    return { name, sums: `${name}.sha256`, bare: true };
  },
};

/**
 * Makes the archives that projects publish of the programs that a mirror has one by one, with their sums beside them; at once when they are there.
 *
 * @param parent where their directory lies, which is named by the contents.
 * @returns the directory.
 */
export async function ensureArchives(
  { directory, manifest }: Contents,
  parent: string,
): Promise<string> {
  const made = join(parent, `releases-${manifest.key}`);
  if (existsSync(made)) return made;
  const releases = new Set(manifest.artifacts.map(({ path }) => dirname(path)));
  await buildInto(made, async (staging) => {
    for (const release of releases) {
      const [project = "", version = "", architecture = ""] = release.split("/");
      const archive = archiveOf[project]?.(version, architecture);
      if (archive === undefined) continue;
      const programs = manifest.artifacts
        .filter(({ path }) => dirname(path) === release)
        .map(({ path }) => basename(path));
      const file = join(staging, archive.name);
      await must(
        [
          ...["tar", "--create", "--file", file, "--use-compress-program", "gzip -1"],
          ...["--owner=0", "--group=0"],
          ...(archive.within === undefined ? [] : [`--transform=s,^,${archive.within}/,`]),
          ...["--directory", join(directory, "artifacts", release), ...programs],
        ],
        { timeoutSeconds: 300 },
      );
      const { sha256 } = await fileDigest(file);
      const before =
        archive.before === undefined ? "" : checksumLine("0".repeat(64), archive.before);
      const line = archive.bare ? `${sha256}\n` : checksumLine(sha256, archive.name);
      await writeFile(join(staging, archive.sums), before + line);
    }
  });
  return made;
}
