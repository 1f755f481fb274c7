/**
 * What a mirror holds and where: the fixed layout that hosts rely on, in the lab and in production alike.
 * Pure data and functions; `assembly/` fills a directory with it, `server.ts` serves one. docs/mirror.md tells the same
 * to whoever runs a mirror of their own.
 */

import { versions } from "../toolchain/versions";
import { conformanceImages, conformancePackages } from "./conformanceImages";

/** Processor architecture in Go's spelling; the only one the toolchain builds for. */
export type Architecture = "amd64";

/** Versions of everything a mirror holds, each spelled as it stands in paths and tags. */
export interface MirrorVersions {
  kubernetes: string;
  /** Another release of Kubernetes, for clusters to be upgraded to. @default none */
  nextKubernetes?: string;
  etcd: string;
  /** Another release of etcd, for clusters to be upgraded from. @default none */
  formerEtcd?: string;
  containerd: string;
  coredns: string;
  flannel: string;
  /** What enforces network policies. @default none */
  kubeNetworkPolicies?: string;
  /** Of add-ons. @default none */
  addons?: { metricsServer: string; traefik: string };
  pause: string;
  /** Of mirrors for clusters that have a registry of their own. @default none */
  distribution?: string;
  /** Release of Kubernetes whose conformance tests find the images there that they take. @default none */
  conformance?: string;
  /** Our own test program (mirror/images/probe). */
  probe: string;
}

/** The versions this project installs: what the toolchain provides, and the two images whose programs are ours. */
export const mirrorVersions: MirrorVersions = {
  kubernetes: `v${versions.kubernetes}`,
  etcd: `v${versions.etcd}`,
  containerd: `v${versions.containerd}`,
  coredns: `v${versions.coredns}`,
  flannel: `v${versions.flannel}`,
  pause: "3.10.2",
  probe: "v1",
};

/** The same of add-ons, which few mirrors hold. */
export const addonVersions: Required<MirrorVersions>["addons"] = {
  metricsServer: `v${versions.metricsServer}`,
  traefik: `v${versions.traefik}`,
};

const kubernetesNames = [
  "kubeadm",
  "kubelet",
  "kubectl",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
] as const;

const etcdNames = ["etcd", "etcdctl", "etcdutl"] as const;

/** Go programs, those of another release below a directory, and two files, that the caller hands to the assembly as `name -> path`. */
export const binaryNames = [
  ...kubernetesNames,
  ...kubernetesNames.map((name) => `next/${name}` as const),
  ...etcdNames,
  ...etcdNames.map((name) => `former/${name}` as const),
  "containerd",
  "ctr",
  "containerd-shim-runc-v2",
  "coredns",
  "flanneld",
  "netpol",
  "metrics-server",
  "traefik",
  "crane",
  "registry",
  "agnhost",
  "nonewprivs",
  "sample-apiserver",
  "localhost.crt",
  "localhost.key",
] as const;

export type BinaryName = (typeof binaryNames)[number];

/** Paths of executables; a name that is absent is a program that has not been built. */
export type Binaries = Partial<Record<BinaryName, string>>;

/** One file that hosts download from `<baseUrl>/<path>`; `<path>.sha256` lies next to it. */
export interface ArtifactSpec {
  /** `<name>/<version>/<arch>/<file>`. */
  path: string;
  binary: BinaryName;
}

/** Where one executable of an image comes from. */
export type ProgramSource =
  | { binary: BinaryName }
  | { compiled: "pause" | "probe" | "iptables" }
  | { debian: string }
  /** Of Debian too, and asks for no library. */
  | { static: string };

/** One image: a single layer made of programs and the shared libraries they ask for. */
export interface ImageSpec {
  /** Name below the repository prefix, `etcd` in `169.254.0.3:5000/kubernetes-ha/etcd:v3.7.3`. */
  name: string;
  tag: string;
  /** Absolute path in the image -> the program put there. */
  programs: Record<string, ProgramSource>;
  /** Absolute path in the image -> target of a symbolic link. */
  links?: Record<string, string>;
  /** Absolute path in the image -> text of the file. */
  files?: Record<string, string>;
  /** Every name that busybox, which is one of the programs, goes by is a link to it, where nothing else is. @default false */
  applets?: boolean;
  /** Path of the one program that runs with its owner's rights, whoever starts it. @default none */
  setuid?: string;
  /** Directories of the Debian file system copied whole: plug-ins that a program opens at run time. */
  debianDirectories?: string[];
  /** False for an image that is one static program and nothing else: no users, certificates or /tmp. */
  base: boolean;
  entrypoint?: string[];
  command?: string[];
  /** `uid:gid` the container runs as; default root. */
  user?: string;
}

/** Every image lies below this prefix: `<registry>/kubernetes-ha/<name>:<tag>`. */
export const imagePrefix = "kubernetes-ha";

/**
 * Debian packages that hosts install from the mirror; what these depend on comes along.
 * nginx and ipvsadm serve the `nodeLocal` and `lvs` kinds of API entry.
 */
export const hostPackages: readonly string[] = [
  "ca-certificates",
  "chrony",
  "conntrack",
  "containernetworking-plugins",
  "curl",
  "e2fsprogs",
  "ethtool",
  "haproxy",
  "age",
  "ioping",
  "iproute2",
  "ipset",
  "iptables",
  "ipvsadm",
  "keepalived",
  "kmod",
  "libnginx-mod-stream",
  "nftables",
  "nginx-light",
  "openssl",
  "procps",
  "prometheus-node-exporter",
  "psmisc",
  "runc",
  "socat",
  "util-linux",
  "xfsprogs",
];

/** Packages the mirror itself is made of: the registry server, the index writer, what images carry. */
export const mirrorPackages: readonly string[] = [
  "apt-utils",
  "ca-certificates",
  "conntrack",
  "docker-registry",
  "ipset",
  "iptables",
  "netbase",
  "nftables",
];

/** The same, with what is asked for by few. */
export function mirrorPackagesFor({ conformance }: MirrorVersions): readonly string[] {
  return conformance === undefined ? mirrorPackages : [...mirrorPackages, ...conformancePackages];
}

/**
 * Files that hosts download.
 * @param versions what stands in the paths
 * @param arch default amd64
 */
export function artifactSpecs(
  versions: MirrorVersions,
  arch: Architecture = "amd64",
): ArtifactSpec[] {
  const group = (name: string, version: string, binaries: BinaryName[]): ArtifactSpec[] =>
    binaries.map((binary) => ({
      path: `${name}/${version}/${arch}/${binary.replace(/^(next|former)\//, "")}`,
      binary,
    }));
  return [
    ...kubernetesReleases(versions).flatMap(({ version, of }) =>
      group("kubernetes", version, [of("kubeadm"), of("kubelet"), of("kubectl")]),
    ),
    ...group("containerd", versions.containerd, ["containerd", "ctr", "containerd-shim-runc-v2"]),
    ...etcdReleases(versions).flatMap(({ version, of }) =>
      group("etcd", version, [of("etcdctl"), of("etcdutl")]),
    ),
    ...(versions.distribution === undefined
      ? []
      : group("distribution", versions.distribution, ["registry"])),
  ];
}

/** A release of some programs that a mirror holds. */
interface Release<Program extends string, Directory extends string> {
  version: string;
  /** What its programs are called here. */
  of: (name: Program) => Program | `${Directory}/${Program}`;
}

/** The release that clusters have, and another one where there is one, with its programs in a directory of their own. */
function releases<Program extends string, Directory extends string>(
  version: string,
  directory: Directory,
  another: string | undefined,
): Release<Program, Directory>[] {
  const own: Release<Program, Directory> = { version, of: (name) => name };
  if (another === undefined) return [own];
  return [own, { version: another, of: (name) => `${directory}/${name}` }];
}

type KubernetesProgram = (typeof kubernetesNames)[number];
type EtcdProgram = (typeof etcdNames)[number];

const kubernetesReleases = ({ kubernetes, nextKubernetes }: MirrorVersions) =>
  releases<KubernetesProgram, "next">(kubernetes, "next", nextKubernetes);
const etcdReleases = ({ etcd, formerEtcd }: MirrorVersions) =>
  releases<EtcdProgram, "former">(etcd, "former", formerEtcd);

const nftPrograms: Record<string, ProgramSource> = {
  "/usr/sbin/nft": { debian: "/usr/sbin/nft" },
  "/usr/sbin/conntrack": { debian: "/usr/sbin/conntrack" },
  "/usr/sbin/xtables-nft-multi": { debian: "/usr/sbin/xtables-nft-multi" },
  "/usr/sbin/xtables-legacy-multi": { debian: "/usr/sbin/xtables-legacy-multi" },
  "/usr/sbin/iptables-multi": { compiled: "iptables" },
};

const iptablesLinks: Record<string, string> = Object.fromEntries(
  ["iptables", "ip6tables"].flatMap((name) =>
    ["", "-save", "-restore"].map((verb) => [`/usr/sbin/${name}${verb}`, "iptables-multi"]),
  ),
);

/** Extensions (`-m comment`, `-j DNAT`, ...) that xtables-nft-multi loads by name. */
const xtablesExtensions = "/usr/lib/x86_64-linux-gnu/xtables";

/** Images that hosts pull, named so that kubeadm finds them with `imageRepository: <registry>/kubernetes-ha`. */
export function imageSpecs(versions: MirrorVersions): ImageSpec[] {
  return [
    {
      name: "pause",
      tag: versions.pause,
      programs: { "/pause": { compiled: "pause" } },
      base: false,
      entrypoint: ["/pause"],
      user: "65535:65535",
    },
    {
      name: "probe",
      tag: versions.probe,
      programs: { "/usr/local/bin/probe": { compiled: "probe" } },
      base: true,
      entrypoint: ["/usr/local/bin/probe"],
      command: ["serve", ":8080"],
    },
    ...kubernetesReleases(versions).flatMap(kubernetesImages),
    ...etcdReleases(versions).map(({ version, of }): ImageSpec => ({
      name: "etcd",
      tag: version,
      programs: Object.fromEntries(
        etcdNames.map((name) => [`/usr/local/bin/${name}`, { binary: of(name) }]),
      ),
      base: true,
    })),
    {
      name: "coredns",
      tag: versions.coredns,
      programs: { "/coredns": { binary: "coredns" } },
      base: true,
      // kubeadm's CoreDNS Deployment gives arguments and no command.
      entrypoint: ["/coredns"],
    },
    {
      name: "flannel",
      tag: versions.flannel,
      programs: { "/opt/bin/flanneld": { binary: "flanneld" }, ...nftPrograms },
      links: iptablesLinks,
      debianDirectories: [xtablesExtensions],
      base: true,
      entrypoint: ["/opt/bin/flanneld"],
    },
    ...(versions.kubeNetworkPolicies === undefined
      ? []
      : [policyAgent(versions.kubeNetworkPolicies)]),
    ...(versions.conformance === undefined ? [] : conformanceImages),
    ...addonImages(versions),
  ];
}

/** Images of add-ons, named as in the mirror that `imageRepository` of ClusterAddons stands for. */
function addonImages({ addons }: MirrorVersions): ImageSpec[] {
  if (addons === undefined) return [];
  const user = "65534:65534";
  return [
    {
      name: "metrics-server",
      tag: addons.metricsServer,
      programs: { "/metrics-server": { binary: "metrics-server" } },
      base: true,
      entrypoint: ["/metrics-server"],
      user,
    },
    {
      name: "traefik",
      tag: addons.traefik,
      programs: { "/usr/local/bin/traefik": { binary: "traefik" } },
      base: true,
      entrypoint: ["/usr/local/bin/traefik"],
      user,
    },
  ];
}

function policyAgent(tag: string): ImageSpec {
  const programs: ImageSpec["programs"] = { "/bin/netpol": { binary: "netpol" } };
  return { name: "kube-network-policies", tag, programs, base: true, command: ["/bin/netpol"] };
}

/** Images of one release of Kubernetes. */
function kubernetesImages({ version, of }: Release<KubernetesProgram, "next">): ImageSpec[] {
  const image = (name: KubernetesProgram): ImageSpec => ({
    name,
    tag: version,
    programs: { [`/usr/local/bin/${name}`]: { binary: of(name) } },
    base: true,
  });
  const proxy = image("kube-proxy");
  return [
    image("kube-apiserver"),
    image("kube-controller-manager"),
    image("kube-scheduler"),
    {
      ...proxy,
      programs: {
        ...proxy.programs,
        "/usr/sbin/ipset": { debian: "/usr/sbin/ipset" },
        ...nftPrograms,
      },
      links: iptablesLinks,
      debianDirectories: [xtablesExtensions],
    },
  ];
}

/** Binaries that a list of artifacts and images is made of, sorted, each once. */
export function binariesOf(artifacts: ArtifactSpec[], images: ImageSpec[]): BinaryName[] {
  const names = new Set<BinaryName>(artifacts.map((artifact) => artifact.binary));
  for (const image of images) {
    for (const source of Object.values(image.programs)) {
      if ("binary" in source) names.add(source.binary);
    }
  }
  return [...names].sort();
}
