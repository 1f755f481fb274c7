import { type Artifact } from "./needs";
import { type ClusterConfig } from "./schema";
import { type Architecture } from "./schema/machines";
import { type Preset, type Project } from "./schema/sources";

/** What a host downloads for a program. */
export interface Download {
  /** The program itself, or an archive that holds it. */
  url: string;
  /** Path of the program in the archive. @default the download is the program */
  member?: string;
  /** sha256 of the download, or where its project publishes that. */
  sum: { sha256: string } | { url: string };
}

/** A release's file below a base address. */
interface Layout {
  path: string;
  member?: string;
  /** What publishes its sha256. */
  sums: string;
}

interface Release {
  version: string;
  architecture: Architecture;
  binary: string;
}

/**
 * How each project lays its releases out. Kubernetes: kubernetes.io, "Download Kubernetes"; containerd: its Makefile (`pack_release`), linked against glibc
 * 2.35, which Debian 12 has; etcd: its scripts/release.sh.
 */
const upstreamLayouts: Readonly<Record<Project, (release: Release) => Layout>> = {
  kubernetes: ({ version, architecture, binary }) => {
    const path = `${version}/bin/linux/${architecture}/${binary}`;
    return { path, sums: `${path}.sha256` };
  },
  containerd: ({ version, architecture, binary }) => {
    const path = `${version}/containerd-${version.slice(1)}-linux-${architecture}.tar.gz`;
    return { path, member: `bin/${binary}`, sums: `${path}.sha256sum` };
  },
  etcd: ({ version, architecture, binary }) => {
    const name = `etcd-${version}-linux-${architecture}`;
    const path = `${version}/${name}.tar.gz`;
    return { path, member: `${name}/${binary}`, sums: `${version}/SHA256SUMS` };
  },
};

const releases: Readonly<Record<Project, string>> = {
  kubernetes: "dl.k8s.io/release",
  containerd: "github.com/containerd/containerd/releases/download",
  etcd: "github.com/etcd-io/etcd/releases/download",
};

/** What goes before a project's own address. */
const prefixes: Readonly<Record<Preset, string>> = {
  global: "https://",
  // Tencent Cloud has no mirror of these files.
  china: "https://files.m.daocloud.io/",
};

/** What a program is, wherever it comes from, and where a mirror has it: `kubernetes/v1.36.3/amd64/kubelet`. */
export function programPath(
  architecture: Architecture,
  { name, version, binary }: Artifact,
): string {
  return `${name}/${version}/${architecture}/${binary}`;
}

/** Where a program for hosts of an architecture comes from. */
export function downloadOf(
  { sources }: Pick<ClusterConfig, "sources">,
  architecture: Architecture,
  artifact: Artifact,
): Download {
  const { name, version, binary } = artifact;
  const own = programPath(architecture, artifact);
  const [base, { path, member, sums }]: [string, Layout] =
    sources.kind === "mirror"
      ? [sources.baseUrl, { path: own, sums: `${own}.sha256` }]
      : [
          sources.releases[name] ?? `${prefixes[sources.preset]}${releases[name]}`,
          upstreamLayouts[name]({ version, architecture, binary }),
        ];
  const sha256 = sources.checksums[path];
  return {
    url: `${base}/${path}`,
    ...(member === undefined ? {} : { member }),
    sum: sha256 === undefined ? { url: `${base}/${sums}` } : { sha256 },
  };
}
