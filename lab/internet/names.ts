/**
 * What hosts of a lab download from under its public name, and where each thing lies in the mirror's contents. Written down from what the projects publish,
 * apart from what the product makes of it, so that the one is held against the other. Pure.
 */

/** What the answer to a request is. */
export type Answer =
  /** It is at another address. */
  | { redirect: string }
  /** A file of the mirror's contents. */
  | { artifact: string }
  /** The sha256 of one, alone. */
  | { sumOf: string }
  /** A release that is made of them (archives.ts). */
  | { release: string }
  /** A path of the mirror's registry. */
  | { registry: string };

/** Images by registry: the repository there, and the mirror's image. */
const registries: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "registry.k8s.io": {
    "kube-apiserver": "kube-apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
    "kube-proxy": "kube-proxy",
    "metrics-server/metrics-server": "metrics-server",
    pause: "pause",
    "networking/kube-network-policies": "kube-network-policies",
  },
  "quay.io": { "coreos/etcd": "etcd" },
  "registry-1.docker.io": { "coredns/coredns": "coredns", "library/traefik": "traefik" },
  "ghcr.io": { "flannel-io/flannel": "flannel" },
};

/** Registries that have what others have. */
const registryMirrors: Readonly<Record<string, string>> = {
  "mirror.ccs.tencentyun.com": "registry-1.docker.io",
  "quay.tencentcloudcr.com": "quay.io",
  "k8s.m.daocloud.io": "registry.k8s.io",
  "ghcr.m.daocloud.io": "ghcr.io",
};

/** Where the projects' own addresses send those who download. */
const redirects: Readonly<Record<string, string>> = {
  "dl.k8s.io": "cdn.dl.k8s.io",
  "github.com": "release-assets.githubusercontent.com",
};

/** A mirror of files, with the name of each place as the first part of its path. */
const fileMirror = "files.m.daocloud.io";

/** Every name that is answered. */
export const publicNames: readonly string[] = [
  ...Object.entries(redirects).flat(),
  fileMirror,
  ...Object.keys(registries),
  ...Object.keys(registryMirrors),
];

/** Answers a request for a path, without its query, at one of the names; undefined: there is no such thing. */
export function answerTo(host: string, path: string): Answer | undefined {
  if (host === fileMirror) {
    const [, place = "", rest = ""] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
    return place in redirects ? released(place, rest) : undefined;
  }
  const elsewhere = redirects[host];
  if (elsewhere !== undefined)
    return released(host, path) && { redirect: `https://${elsewhere}${path}` };
  const place = Object.entries(redirects).find(([, to]) => to === host)?.[0];
  return place === undefined ? pulled(registryMirrors[host] ?? host, path) : released(place, path);
}

const version = String.raw`v\d+\.\d+\.\d+`;
const program = new RegExp(`^/release/(${version})/bin/linux/(amd64|arm64)/([a-z-]+)(\\.sha256)?$`);
const containerd = new RegExp(
  `^/containerd/containerd/releases/download/${version}/(containerd-[\\d.]+-linux-[a-z0-9]+\\.tar\\.gz(?:\\.sha256sum)?)$`,
);
const distribution = new RegExp(
  `^/distribution/distribution/releases/download/${version}/(registry_[\\d.]+_linux_[a-z0-9]+\\.tar\\.gz(?:\\.sha256)?)$`,
);
const etcd = new RegExp(
  `^/etcd-io/etcd/releases/download/(${version})/(?:(SHA256SUMS)|(etcd-${version}-linux-[a-z0-9]+\\.tar\\.gz))$`,
);

function released(place: string, path: string): Answer | undefined {
  if (place === "dl.k8s.io") {
    const [, release, architecture, name, sum] = program.exec(path) ?? [];
    if (release === undefined) return undefined;
    const file = [`kubernetes`, release, architecture, name].join("/");
    return sum === undefined ? { artifact: file } : { sumOf: file };
  }
  const [, ofOne] = containerd.exec(path) ?? distribution.exec(path) ?? [];
  if (ofOne !== undefined) return { release: ofOne };
  const [, release, sums, archive] = etcd.exec(path) ?? [];
  if (sums !== undefined) return { release: `etcd-${release}-${sums}` };
  return archive === undefined ? undefined : { release: archive };
}

/** The API of a registry: https://github.com/opencontainers/distribution-spec. */
const pull = /^\/v2\/(.+)\/(manifests|blobs)\/([A-Za-z0-9._:-]+)$/;

function pulled(registry: string, path: string): Answer | undefined {
  const images = registries[registry];
  if (images === undefined) return undefined;
  if (/^\/v2\/?$/.test(path)) return { registry: "/v2/" };
  const [, repository = "", what, reference = ""] = pull.exec(path) ?? [];
  const image = images[repository];
  if (image === undefined || what === undefined) return undefined;
  // The one project whose tags have no v, where the mirror has one.
  const named =
    image === "coredns" && what === "manifests" && /^\d/.test(reference)
      ? `v${reference}`
      : reference;
  return { registry: `/v2/kubernetes-ha/${image}/${what}/${named}` };
}
