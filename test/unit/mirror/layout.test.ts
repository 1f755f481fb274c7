import { addonImages } from "../../../addons";
import {
  addonVersions,
  artifactSpecs,
  binaryNames,
  imageSpecs,
  mirrorVersions,
  type Binaries,
  type BinaryName,
} from "../../../mirror/layout";
import { planContents } from "../../../mirror/assembly/plan";

const everything: Binaries = Object.fromEntries(
  binaryNames.map((name) => [name, `/bin-set/${name}`]),
);
const without = (...names: BinaryName[]): Binaries =>
  Object.fromEntries(
    Object.entries(everything).filter(([name]) => !names.includes(name as BinaryName)),
  );

describe("layout of a mirror", () => {
  test("artifacts lie at the paths that hosts ask for", () => {
    expect(artifactSpecs(mirrorVersions).map((artifact) => artifact.path)).toEqual([
      "kubernetes/v1.36.3/amd64/kubeadm",
      "kubernetes/v1.36.3/amd64/kubelet",
      "kubernetes/v1.36.3/amd64/kubectl",
      "containerd/v2.4.2/amd64/containerd",
      "containerd/v2.4.2/amd64/ctr",
      "containerd/v2.4.2/amd64/containerd-shim-runc-v2",
      "etcd/v3.7.3/amd64/etcdctl",
      "etcd/v3.7.3/amd64/etcdutl",
    ]);
  });

  test("images have the names and tags that kubeadm derives from imageRepository", () => {
    const names = imageSpecs(mirrorVersions).map((image) => `${image.name}:${image.tag}`);
    expect(names.sort()).toEqual([
      "coredns:v1.15.0",
      "etcd:v3.7.3",
      "flannel:v0.28.4",
      "kube-apiserver:v1.36.3",
      "kube-controller-manager:v1.36.3",
      "kube-proxy:v1.36.3",
      "kube-scheduler:v1.36.3",
      "pause:3.10.2",
      "probe:v1",
    ]);
  });

  test("of another release of Kubernetes it has the same, beside the first", () => {
    const both = { ...mirrorVersions, nextKubernetes: "v1.37.2" };
    const added = (of: (versions: typeof both) => { path?: string; tag?: string }[]) =>
      of(both).filter(({ path = "", tag }) => path.includes("v1.37.2") || tag === "v1.37.2");
    expect(added(artifactSpecs)).toEqual(
      ["kubeadm", "kubelet", "kubectl"].map((name) => ({
        path: `kubernetes/v1.37.2/amd64/${name}`,
        binary: `next/${name}`,
      })),
    );
    expect(added(imageSpecs)).toHaveLength(4);
    expect(artifactSpecs(both)).toHaveLength(artifactSpecs(mirrorVersions).length + 3);
    expect(imageSpecs(both)).toHaveLength(imageSpecs(mirrorVersions).length + 4);
  });

  test("of another release of etcd it has the same, beside the first", () => {
    const both = { ...mirrorVersions, formerEtcd: "v3.6.16" };
    expect(artifactSpecs(both).filter(({ path }) => path.includes("v3.6.16"))).toEqual(
      ["etcdctl", "etcdutl"].map((name) => ({
        path: `etcd/v3.6.16/amd64/${name}`,
        binary: `former/${name}`,
      })),
    );
    const images = imageSpecs(both).filter(({ name }) => name === "etcd");
    expect(images.map(({ tag }) => tag)).toEqual([mirrorVersions.etcd, "v3.6.16"]);
    expect(images[1]?.programs).toEqual(
      Object.fromEntries(
        ["etcd", "etcdctl", "etcdutl"].map((name) => [
          `/usr/local/bin/${name}`,
          { binary: `former/${name}` },
        ]),
      ),
    );
  });

  test("for a cluster with a registry of its own it has the program, and no image more", () => {
    const versions = { ...mirrorVersions, distribution: "v3.1.2" };
    expect(artifactSpecs(versions)).toEqual([
      ...artifactSpecs(mirrorVersions),
      { path: "distribution/v3.1.2/amd64/registry", binary: "registry" },
    ]);
    expect(imageSpecs(versions)).toEqual(imageSpecs(mirrorVersions));
  });

  test("what enforces network policies is there where it was asked for", () => {
    const asked = imageSpecs({ ...mirrorVersions, kubeNetworkPolicies: "v0.8.0" });
    const before = imageSpecs(mirrorVersions).map(({ name }) => name);
    expect(asked.filter(({ name }) => !before.includes(name))).toEqual([
      expect.objectContaining({
        name: "kube-network-policies",
        tag: "v0.8.0",
        // Where the project's own image has it, and manifests name it.
        programs: { "/bin/netpol": { binary: "netpol" } },
      }),
    ]);
  });

  test("of add-ons it has the images that they are pulled as, when it is to have any", () => {
    const added = imageSpecs({ ...mirrorVersions, addons: addonVersions }).slice(
      imageSpecs(mirrorVersions).length,
    );
    const { metricsServer, traefik } = addonVersions;
    const pulled = addonImages({
      metricsServer: { version: metricsServer },
      ingress: { version: traefik },
    });
    expect(added.map(({ name, tag }) => `${name}:${tag}`)).toEqual(
      pulled.map((image) => image.split("/").at(-1)),
    );
  });

  test.each(["kube-proxy", "flannel"])("%s carries nft and every name of iptables", (name) => {
    const image = imageSpecs(mirrorVersions).find((spec) => spec.name === name);
    expect(Object.keys(image?.programs ?? {})).toContain("/usr/sbin/nft");
    expect(Object.keys(image?.links ?? {})).toEqual(
      expect.arrayContaining(["/usr/sbin/iptables-restore", "/usr/sbin/ip6tables-save"]),
    );
  });
});

describe("plan of the contents", () => {
  test("with every binary, everything is planned", () => {
    const plan = planContents({ binaries: everything });
    expect(plan.artifacts).toHaveLength(8);
    expect(plan.images).toHaveLength(9);
  });

  test("a missing binary is refused by name", () => {
    const rest = without("etcd", "coredns");
    expect(() => planContents({ binaries: rest })).toThrow(
      /no path was given for coredns, etcd; have the toolchain/,
    );
  });

  test("partial leaves out exactly what the missing binary is part of", () => {
    const rest = without("etcdctl");
    const plan = planContents({ binaries: rest, partial: true });
    expect(plan.artifacts.map((artifact) => artifact.binary)).not.toContain("etcdctl");
    expect(plan.images.map((image) => image.name)).not.toContain("etcd");
    expect(plan.images).toHaveLength(8);
  });

  test("no image without crane, which pushes them", () => {
    const rest = without("crane");
    expect(planContents({ binaries: rest, partial: true }).images).toEqual([]);
  });
});
