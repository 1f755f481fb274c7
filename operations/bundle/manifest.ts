import type { Origin } from "../../toolchain/official";
import type { MirrorVersions } from "../../mirror/layout";

/** What a bundle is; its `manifest.json`. The script `bundle` reads the plain texts and numbers of the first level, a line each. */
export interface BundleManifest {
  /** Another number is another layout, which an older script does not know. */
  format: 1;
  /** Version of the program, and the first digits of a SHA-256 over everything: where it is unpacked is named so. */
  id: string;
  /** Processor architecture of the programs, as `uname -m` has it. */
  machine: "x86_64";
  /** MiB that it takes unpacked. */
  unpackedMiB: number;
  /** Release of Kubernetes that its mirror has, `v1.36.3`. */
  kubernetes: string;
  /** Commit of the checkout it was made from; empty without git. With `-dirty` there was something in it that was not committed. */
  commit: string;
  node: string;
  /** Where engine, plugins and provider come from, by the toolchain's name of each. */
  tools: Record<string, Origin>;
  /** What hosts can install from it. */
  mirror: { versions: MirrorVersions; images: string[]; packages: number };
}

/**
 * What a stack's configuration says to have hosts install from a bundle's mirror, as YAML below `tencentcloud-kubernetes-ha:cluster`. `@ADDRESS@` stands
 * for the deploy node's address. Pure.
 */
export function renderSettings(of: {
  versions: MirrorVersions;
  artifacts: readonly { path: string; sha256: string }[];
}): string {
  const { kubernetes, etcd, containerd, flannel, coredns, pause } = of.versions;
  const versions = { kubernetes, etcd, containerd, flannel, coredns, pause };
  return [
    "versions:",
    ...Object.entries(versions).map(([name, version]) => `  ${name}: ${version}`),
    "sources:",
    "  kind: mirror",
    "  baseUrl: http://@ADDRESS@/artifacts",
    "  imageRepository: @ADDRESS@:5000/kubernetes-ha",
    "  checksums:",
    ...of.artifacts.map(({ path, sha256 }) => `    ${path}: "${sha256}"`),
    "images:",
    '  insecureRegistries: ["@ADDRESS@:5000"]',
    "packages:",
    '  aptSources: ["deb [trusted=yes] http://@ADDRESS@/apt ./"]',
    "",
  ].join("\n");
}
