import type { OfficialRelease } from "./official";
import type { ModulePatch } from "./patch";
import { versions } from "./versions";

/** A set of executables that are got together: downloaded as one release, or built from one Go module. */
export interface Group<Name extends string = GroupName> {
  name: Name;
  /** Version that `go build` gives; also the official one unless `official.version` differs. */
  version: string;
  /** Directory below toolchain/go with go.mod and go.sum. */
  module: string;
  /** The module's own source is the program: it is part of the cache key. */
  ownSource: boolean;
  /** Package to build -> name of the executable. */
  programs: Readonly<Record<string, string>>;
  /** Package whose tests are a program -> name of the executable. @default none */
  testPrograms?: Readonly<Record<string, string>>;
  /** File of a module that go.mod requires, beside the programs as it is -> its name there. @default none */
  files?: { module: string; names: Readonly<Record<string, string>> };
  /** Files that the program embeds and its dependencies have: name in the module's directory -> module, and path in it. */
  embedded?: Readonly<Record<string, { module: string; path: string }>>;
  /** `-X` and `-extldflags` of its own, beside what all groups are linked with. */
  linkFlags?: string;
  /** Needs a C compiler. Without one, groups share what is compiled of the standard library and do not depend on this machine's libc. */
  cgo?: true;
  /** A change to a module that they are built with. @default none */
  patch?: ModulePatch;
  /** @default none: its makers publish images alone */
  official?: OfficialRelease;
  /** What building from source means for the user, said once when it happens. */
  remark?: string;
}

/** A group that its makers publish programs of. */
export type PublishedGroup<Name extends string = GroupName> = Group<Name> & {
  official: OfficialRelease;
};

export const groupNames = [
  "pulumi",
  "provider",
  "kubernetes",
  "bridge",
  "language-nodejs",
  "language-yaml",
  "command",
  "containerd",
  "etcd",
  "coredns",
  "flannel",
  "crane",
] as const;

export type GroupName = (typeof groupNames)[number];

const github = (repository: string, version: string, file: string): string =>
  `https://github.com/${repository}/releases/download/v${version}/${file}`;

const pulumiRelease: OfficialRelease = {
  kind: "tar",
  url: `https://get.pulumi.com/releases/sdk/pulumi-v${versions.pulumi}-linux-x64.tar.gz`,
  checksums: github("pulumi/pulumi", versions.pulumi, `pulumi-${versions.pulumi}-checksums.txt`),
  entries: {},
};

const kubernetesPrograms = [
  "kubeadm",
  "kubelet",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kube-proxy",
  "kubectl",
];

/** kubeadm refuses a kubelet whose version it cannot parse, so all of these are set. */
function kubernetesLinkFlags(version: string): string {
  const [major, minor] = version.split(".");
  const values = {
    gitVersion: `v${version}`,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: "clean",
    gitCommit: "unknown",
    buildDate: "1970-01-01T00:00:00Z",
  };
  const flags = Object.entries(values).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value ?? ""}`,
  );
  return flags.join(" ");
}

/** Kubernetes of one release; the module has the name of the group. */
function kubernetesOf<Name extends string>(name: Name, version: string): PublishedGroup<Name> {
  return {
    name,
    version,
    module: name,
    ownSource: false,
    programs: Object.fromEntries(
      kubernetesPrograms.map((program) => [`k8s.io/kubernetes/cmd/${program}`, program]),
    ),
    linkFlags: kubernetesLinkFlags(version),
    official: {
      kind: "files",
      files: Object.fromEntries(
        kubernetesPrograms.map((program) => [
          program,
          `https://dl.k8s.io/release/v${version}/bin/linux/amd64/${program}`,
        ]),
      ),
      checksumSuffix: ".sha256",
    },
  };
}

/** etcd of one release; the module has the name of the group. */
function etcdOf<Name extends string>(name: Name, version: string): PublishedGroup<Name> {
  return {
    name,
    version,
    module: name,
    ownSource: false,
    programs: {
      "go.etcd.io/etcd/server/v3": "etcd",
      "go.etcd.io/etcd/etcdctl/v3": "etcdctl",
      "go.etcd.io/etcd/etcdutl/v3": "etcdutl",
    },
    official: {
      kind: "tar",
      url: github("etcd-io/etcd", version, `etcd-v${version}-linux-amd64.tar.gz`),
      checksums: github("etcd-io/etcd", version, "SHA256SUMS"),
      entries: Object.fromEntries(
        ["etcd", "etcdctl", "etcdutl"].map((program) => [
          program,
          `etcd-v${version}-linux-amd64/${program}`,
        ]),
      ),
    },
  };
}

// Two are built at a time, in this order: the longest first, and none beside another of which it shares what is not compiled yet
// (the engine's modules have the same versions of everything, so that the bridge and the stand-ins find most of theirs in the cache).
const table: readonly PublishedGroup[] = [
  {
    name: "pulumi",
    version: versions.pulumi,
    module: "pulumi",
    ownSource: false,
    programs: { "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi": "pulumi" },
    linkFlags: `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${versions.pulumi}`,
    official: { ...pulumiRelease, entries: { pulumi: "pulumi/pulumi" } },
  },
  {
    name: "provider",
    version: versions.provider.buildable,
    module: "provider",
    ownSource: false,
    programs: {
      "github.com/tencentcloudstack/terraform-provider-tencentcloud":
        "terraform-provider-tencentcloud",
    },
    official: {
      kind: "terraform-registry",
      version: versions.provider.official,
      url: `https://registry.opentofu.org/v1/providers/tencentcloudstack/tencentcloud/${versions.provider.official}/download/linux/amd64`,
      executable: "terraform-provider-tencentcloud",
    },
  },
  kubernetesOf("kubernetes", versions.kubernetes),
  {
    name: "bridge",
    version: versions.terraformBridge,
    module: "bridge",
    ownSource: false,
    programs: {
      "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic": "pulumi-resource-terraform-provider",
    },
    linkFlags: `-X github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/version.version=v${versions.terraformBridge}`,
    official: {
      kind: "tar",
      url: github(
        "pulumi/pulumi-terraform-provider",
        versions.terraformBridge,
        `pulumi-resource-terraform-provider-v${versions.terraformBridge}-linux-amd64.tar.gz`,
      ),
      checksums: github(
        "pulumi/pulumi-terraform-provider",
        versions.terraformBridge,
        `pulumi-terraform-provider_${versions.terraformBridge}_checksums.txt`,
      ),
      entries: { "pulumi-resource-terraform-provider": "pulumi-resource-terraform-provider" },
    },
  },
  {
    name: "language-nodejs",
    version: versions.pulumi,
    module: "language-nodejs",
    ownSource: true,
    programs: { ".": "pulumi-language-nodejs" },
    linkFlags: `-X main.version=${versions.pulumi}`,
    official: {
      ...pulumiRelease,
      entries: { "pulumi-language-nodejs": "pulumi/pulumi-language-nodejs" },
    },
    remark: "a stand-in of this project for Pulumi's Node language host",
  },
  {
    name: "language-yaml",
    version: versions.languageYaml,
    module: "bridge",
    ownSource: false,
    programs: { "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml": "pulumi-language-yaml" },
    linkFlags: `-X github.com/pulumi/pulumi-yaml/pkg/version.Version=v${versions.languageYaml}`,
    official: {
      ...pulumiRelease,
      entries: { "pulumi-language-yaml": "pulumi/pulumi-language-yaml" },
    },
  },
  {
    name: "command",
    version: versions.command,
    module: "command",
    ownSource: true,
    programs: { ".": "pulumi-resource-command" },
    linkFlags: `-X main.version=${versions.command}`,
    official: {
      kind: "tar",
      url: github(
        "pulumi/pulumi-command",
        versions.command,
        `pulumi-resource-command-v${versions.command}-linux-amd64.tar.gz`,
      ),
      checksums: github(
        "pulumi/pulumi-command",
        versions.command,
        `pulumi-command_${versions.command}_checksums.txt`,
      ),
      entries: { "pulumi-resource-command": "pulumi-resource-command" },
    },
    remark: "a stand-in of this project for the command provider",
  },
  {
    name: "containerd",
    version: versions.containerd,
    module: "containerd",
    ownSource: false,
    programs: Object.fromEntries(
      ["containerd", "ctr", "containerd-shim-runc-v2"].map((program) => [
        `github.com/containerd/containerd/v2/cmd/${program}`,
        program,
      ]),
    ),
    official: {
      kind: "tar",
      url: github(
        "containerd/containerd",
        versions.containerd,
        `containerd-${versions.containerd}-linux-amd64.tar.gz`,
      ),
      checksums: github(
        "containerd/containerd",
        versions.containerd,
        `containerd-${versions.containerd}-linux-amd64.tar.gz.sha256sum`,
      ),
      entries: Object.fromEntries(
        ["containerd", "ctr", "containerd-shim-runc-v2"].map((program) => [
          program,
          `bin/${program}`,
        ]),
      ),
    },
  },
  etcdOf("etcd", versions.etcd),
  {
    name: "coredns",
    version: versions.coredns,
    module: "coredns",
    ownSource: false,
    programs: { "github.com/coredns/coredns": "coredns" },
    official: {
      kind: "tar",
      url: github(
        "coredns/coredns",
        versions.coredns,
        `coredns_${versions.coredns}_linux_amd64.tgz`,
      ),
      checksums: github(
        "coredns/coredns",
        versions.coredns,
        `coredns_${versions.coredns}_linux_amd64.tgz.sha256`,
      ),
      entries: { coredns: "coredns" },
    },
  },
  {
    name: "flannel",
    version: versions.flannel,
    module: "flannel",
    ownSource: false,
    programs: { "github.com/flannel-io/flannel": "flanneld" },
    // Its udp backend is C; hosts and images must not need this machine's libc.
    cgo: true,
    linkFlags: '-extldflags "-static"',
    official: {
      kind: "files",
      files: { flanneld: github("flannel-io/flannel", versions.flannel, "flanneld-amd64") },
    },
  },
  {
    name: "crane",
    version: versions.crane,
    module: "crane",
    ownSource: false,
    programs: { "github.com/google/go-containerregistry/cmd/crane": "crane" },
    official: {
      kind: "tar",
      url: github(
        "google/go-containerregistry",
        versions.crane,
        "go-containerregistry_Linux_x86_64.tar.gz",
      ),
      checksums: github("google/go-containerregistry", versions.crane, "checksums.txt"),
      entries: { crane: "crane" },
    },
  },
];

/**
 * Flags of `go build`, the same for all groups in what decides whether they share compiled packages. No debugger reads what we build, so no
 * debugging information is made: stack traces stay, a sixth of compiling and half of linking goes.
 */
export function buildFlags({ linkFlags = "" }: Pick<Group, "linkFlags">): string[] {
  const link = ["-s -w", linkFlags].filter((flag) => flag !== "").join(" ");
  return ["-buildvcs=false", "-gcflags=all=-dwarf=false", `-ldflags=${link}`];
}

/** All groups, in the order in which they are built. */
export const groups: readonly PublishedGroup[] = table;

/**
 * The minor release after the one that clusters have, for them to be upgraded to. Its programs have the names of the other's, and building it takes
 * seven minutes: it is none of {@link groups}, and got only when it is asked for.
 */
export const nextKubernetes = kubernetesOf("next-kubernetes", versions.nextKubernetes);

/** The minor release of etcd before the one that clusters have, for them to be upgraded from. Two minutes to build: got only when it is asked for, too. */
export const formerEtcd = etcdOf("former-etcd", versions.formerEtcd);

/** The program of a cluster's own registry. Two minutes to build, so it is got only when a lab has one, and is none of {@link groups} either. */
export const distribution: Group<"distribution"> = {
  name: "distribution",
  version: versions.distribution,
  module: "distribution",
  ownSource: false,
  programs: { "github.com/distribution/distribution/v3/cmd/registry": "registry" },
  linkFlags: `-X github.com/distribution/distribution/v3/version.version=${versions.distribution}`,
  official: {
    kind: "tar",
    url: github(
      "distribution/distribution",
      versions.distribution,
      `registry_${versions.distribution}_linux_amd64.tar.gz`,
    ),
    checksums: github(
      "distribution/distribution",
      versions.distribution,
      `registry_${versions.distribution}_linux_amd64.tar.gz.sha256`,
    ),
    entries: { registry: "registry" },
  },
};

/**
 * What enforces network policies, for an image of it: built with a change, as the kernel of this machine may not have what it writes rules with. None of
 * {@link groups}, either.
 */
export const kubeNetworkPolicies: Group<"kube-network-policies"> = {
  name: "kube-network-policies",
  version: versions.kubeNetworkPolicies,
  module: "kube-network-policies",
  ownSource: true,
  programs: { "sigs.k8s.io/kube-network-policies/cmd": "netpol" },
  patch: { module: "github.com/google/nftables", file: "nftables.patch" },
};
const kubernetesProvider = "github.com/pulumi/pulumi-kubernetes/provider/v4";

/** The plugin of Pulumi's Kubernetes provider, which add-ons go up by. None of {@link groups}: it takes ten minutes to build, and is got only when it is asked for. */
export const kubernetesPlugin: PublishedGroup<"kubernetes-plugin"> = {
  name: "kubernetes-plugin",
  version: versions.kubernetesPlugin,
  module: "kubernetes-plugin",
  ownSource: true,
  programs: { ".": "pulumi-resource-kubernetes" },
  embedded: Object.fromEntries(
    ["schema.json", "terraform-mapping.json"].map((file) => [
      file,
      { module: kubernetesProvider, path: `cmd/pulumi-resource-kubernetes/${file}` },
    ]),
  ),
  linkFlags: `-X ${kubernetesProvider}/pkg/version.Version=${versions.kubernetesPlugin}`,
  official: {
    kind: "tar",
    url: github(
      "pulumi/pulumi-kubernetes",
      versions.kubernetesPlugin,
      `pulumi-resource-kubernetes-v${versions.kubernetesPlugin}-linux-amd64.tar.gz`,
    ),
    checksums: github(
      "pulumi/pulumi-kubernetes",
      versions.kubernetesPlugin,
      `pulumi-kubernetes_${versions.kubernetesPlugin}_checksums.txt`,
    ),
    entries: { "pulumi-resource-kubernetes": "pulumi-resource-kubernetes" },
  },
};

/** Where its own build has its version. */
const metricsServerVersion = "k8s.io/client-go/pkg/version";

/** What the images of add-ons are made of, as {@link kubernetesPlugin} only when it is asked for. */
export const addonPrograms: readonly PublishedGroup<"metrics-server" | "traefik">[] = [
  {
    name: "metrics-server",
    version: versions.metricsServer,
    module: "metrics-server",
    ownSource: false,
    programs: { "sigs.k8s.io/metrics-server/cmd/metrics-server": "metrics-server" },
    linkFlags: `-X ${metricsServerVersion}.gitVersion=v${versions.metricsServer}`,
    official: {
      kind: "files",
      files: {
        "metrics-server": github(
          "kubernetes-sigs/metrics-server",
          versions.metricsServer,
          "metrics-server-linux-amd64",
        ),
      },
    },
  },
  {
    name: "traefik",
    version: versions.traefik,
    module: "traefik",
    ownSource: true,
    programs: { "github.com/traefik/traefik/v3/cmd/traefik": "traefik" },
    patch: { module: "github.com/traefik/traefik/v3", file: "dns.patch" },
    linkFlags: `-X github.com/traefik/traefik/v3/pkg/version.Version=${versions.traefik}`,
    // Its own releases have the web page as well, and DNS providers: what is proven is then theirs.
    official: {
      kind: "tar",
      url: github(
        "traefik/traefik",
        versions.traefik,
        `traefik_v${versions.traefik}_linux_amd64.tar.gz`,
      ),
      checksums: github(
        "traefik/traefik",
        versions.traefik,
        `traefik_v${versions.traefik}_checksums.txt`,
      ),
      entries: { traefik: "traefik" },
    },
  },
];

/**
 * The tests of Kubernetes that say whether a cluster conforms, what runs them in parallel, and what their images are made of. Built for the release of
 * Kubernetes that clusters have, only when somebody runs them; none of {@link groups}, either.
 */
export const conformance: Group<"conformance"> = {
  name: "conformance",
  version: versions.kubernetes,
  module: "conformance",
  ownSource: false,
  programs: {
    "github.com/onsi/ginkgo/v2/ginkgo": "ginkgo",
    "k8s.io/kubernetes/test/images/agnhost": "agnhost",
    "k8s.io/kubernetes/test/images/nonewprivs": "nonewprivs",
  },
  testPrograms: { "k8s.io/kubernetes/test/e2e": "e2e.test" },
  files: {
    module: "k8s.io/kubernetes",
    names: {
      "test/images/agnhost/porter/localhost.crt": "localhost.crt",
      "test/images/agnhost/porter/localhost.key": "localhost.key",
    },
  },
  linkFlags: kubernetesLinkFlags(versions.kubernetes),
};

/** An API server that one of these tests has the cluster serve: of the very release that the test wants, which is older than all else. */
export const sampleApiserver: Group<"sample-apiserver"> = {
  name: "sample-apiserver",
  version: versions.sampleApiserver,
  module: "sample-apiserver",
  ownSource: false,
  programs: { "k8s.io/sample-apiserver": "sample-apiserver" },
};

export function groupOf(name: GroupName): Group {
  const found = table.find((group) => group.name === name);
  if (!found) throw new Error(`no tool group is called ${name}`);
  return found;
}

/** The group that makes an executable. @throws Error listing what there is. */
export function groupOfProgram(program: string): Group {
  const found = table.find((group) => Object.values(group.programs).includes(program));
  if (!found) {
    const known = table.flatMap((group) => Object.values(group.programs)).sort();
    throw new Error(`the toolchain has no program ${program}: it has ${known.join(", ")}`);
  }
  return found;
}
