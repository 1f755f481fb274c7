import { type ClusterConfig } from "./schema";
import { type Preset } from "./schema/sources";
import { type Versions } from "./schema/versions";

/** An image that a cluster runs. */
export type ImageName =
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kube-proxy"
  | "pause"
  | "etcd"
  | "coredns"
  | "flannel"
  | "kube-network-policies"
  | HarborImage;

/** Images of a Harbor, which all have its release. */
export const harborImages = [
  "harbor-core",
  "harbor-jobservice",
  "harbor-portal",
  "nginx-photon",
] as const;

export type HarborImage = (typeof harborImages)[number];

/** The same of each of them. */
function ofHarbor<T>(value: T): Record<HarborImage, T> {
  return Object.fromEntries(harborImages.map((image) => [image, value])) as Record<HarborImage, T>;
}

/** An image in the parts that kubeadm puts together: `<repository>/<name>:<tag>`. */
export interface Image {
  repository: string;
  name: ImageName;
  tag: string;
}

/** Setting that an image has its release of; all others are released with Kubernetes. */
const releasedAs: Readonly<Partial<Record<ImageName, keyof Versions>>> = {
  pause: "pause",
  etcd: "etcd",
  coredns: "coredns",
  flannel: "flannel",
  "kube-network-policies": "kubeNetworkPolicies",
  ...ofHarbor("harbor" as const),
};

/** Release of an image, as its project writes it. */
function releaseOf(versions: Versions, name: ImageName): string {
  const release = versions[releasedAs[name] ?? "kubernetes"];
  if (release === undefined) throw new Error(`no release of ${name} is configured`);
  return release;
}

/** Where Kubernetes has its images. */
const upstreamRepository = "registry.k8s.io";

/**
 * Where projects publish an image of every release of theirs. registry.k8s.io has etcd and CoreDNS of some releases only: of those that a release of Kubernetes
 * was tested with.
 */
const upstreamRepositories: Readonly<Partial<Record<ImageName, string>>> = {
  etcd: "quay.io/coreos",
  coredns: "docker.io/coredns",
  flannel: "ghcr.io/flannel-io",
  "kube-network-policies": "registry.k8s.io/networking",
  ...ofHarbor("docker.io/goharbor"),
};

/** An image in its parts, from where the cluster has its images. */
export function imagePartsOf(
  { sources, versions }: Pick<ClusterConfig, "sources" | "versions">,
  name: ImageName,
): Image {
  const tag = releaseOf(versions, name);
  if (sources.kind === "mirror") return { repository: sources.imageRepository, name, tag };
  return {
    repository: upstreamRepositories[name] ?? upstreamRepository,
    name,
    // The one project whose tags have no v.
    tag: name === "coredns" ? tag.slice(1) : tag,
  };
}

/** An image as it is pulled: `registry.k8s.io/kube-proxy:v1.36.3`. */
export function imageOf(
  config: Pick<ClusterConfig, "sources" | "versions">,
  image: ImageName,
): string {
  const { repository, name, tag } = imagePartsOf(config, image);
  return `${repository}/${name}:${tag}`;
}

/** Registries that the cluster's own images come from. */
export function imageRegistries({ sources }: Pick<ClusterConfig, "sources">): string[] {
  const repositories =
    sources.kind === "mirror"
      ? [sources.imageRepository]
      : [upstreamRepository, ...Object.values(upstreamRepositories)];
  return [...new Set(repositories.map((repository) => repository.replace(/\/.*/, "")))];
}

/**
 * Endpoints by registry that go before the registry itself. Tencent Cloud serves its two to machines in its VPCs; of the other registries it has no mirror
 * that it documents.
 */
const presetMirrors: Readonly<Record<Preset, Readonly<Record<string, readonly string[]>>>> = {
  global: {},
  china: {
    "docker.io": ["https://mirror.ccs.tencentyun.com"],
    "quay.io": ["https://quay.tencentcloudcr.com"],
    "registry.k8s.io": ["https://k8s.m.daocloud.io"],
    "ghcr.io": ["https://ghcr.m.daocloud.io"],
  },
};

/** Registries that containerd is told something of: all others it asks themselves, by HTTPS. */
export function configuredRegistries(config: Pick<ClusterConfig, "sources" | "images">): string[] {
  return [
    ...new Set([...config.images.insecureRegistries, ...Object.keys(registryMirrors(config))]),
  ];
}

/** Endpoints that are asked for the images of a registry before it; no registry has an empty list. */
export function registryMirrors({
  sources,
  images,
}: Pick<ClusterConfig, "sources" | "images">): Record<string, readonly string[]> {
  const preset = sources.kind === "upstream" ? presetMirrors[sources.preset] : {};
  return Object.fromEntries(
    Object.entries({ ...preset, ...images.mirrors }).filter(
      ([, endpoints]) => endpoints.length > 0,
    ),
  );
}
