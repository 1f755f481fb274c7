import { addonImages } from "../../../../addons";
import { downloadOf } from "../../../../components/plan/artifacts";
import type { ClusterConfigInput } from "../../../../components/plan/config";
import { imageOf, registryMirrors } from "../../../../components/plan/images";
import { hostNeeds } from "../../../../components/needs";
import { answerTo, publicNames } from "../../../../lab/internet/names";
import { planHaving } from "../../plan/fixture";

type Answer = ReturnType<typeof answerTo>;

/** What a client that follows redirects comes to. */
function answerAt(url: string): Answer {
  const { protocol, hostname, pathname } = new URL(url);
  expect(protocol).toBe("https:");
  expect(publicNames).toContain(hostname);
  const answer = answerTo(hostname, pathname);
  return answer !== undefined && "redirect" in answer ? answerAt(answer.redirect) : answer;
}

/** Asks for an image as containerd does: its mirrors first, docker.io by the name of its registry. */
function pulls(config: Parameters<typeof registryMirrors>[0], image: string): Answer[] {
  const [, registry = "", repository, tag] = /^([^/]+)\/(.+):([^:]+)$/.exec(image) ?? [];
  const own = `https://${registry === "docker.io" ? "registry-1.docker.io" : registry}`;
  const endpoints = [...(registryMirrors(config)[registry] ?? []), own];
  return endpoints.flatMap((endpoint) => {
    expect(answerAt(`${endpoint}/v2/`)).toEqual({ registry: "/v2/" });
    return answerAt(`${endpoint}/v2/${repository}/manifests/${tag}`);
  });
}

describe.each<[string, ClusterConfigInput["sources"]]>([
  ["upstream", {}],
  ["upstream for China", { preset: "china" }],
])("all that the plan has hosts take from %s is there", (_, sources) => {
  const registry = {
    ...{ kind: "distribution" as const, members: 2, instanceType: "S5.MEDIUM2" },
    cos: { bucket: "images-1250000000" },
  };
  const podNetwork = { networkPolicy: "kube-network-policies" as const };
  const plan = planHaving({ sources, registry, podNetwork });
  const needs = plan.hosts.map((host) => hostNeeds(plan, host));
  const artifacts = needs.flatMap((each) => each.artifacts);
  const images = [...new Set(needs.flatMap((each) => each.images))];

  test.each(artifacts)("$binary, and its sum", (artifact) => {
    const { url, member, sum } = downloadOf(plan.config, "amd64", artifact);
    const path = `${artifact.name}/${artifact.version}/amd64/${artifact.binary}`;
    const sums = "url" in sum ? answerAt(sum.url) : undefined;
    if (member === undefined) {
      expect(answerAt(url)).toEqual({ artifact: path });
      expect(sums).toEqual({ sumOf: path });
    } else {
      const release = url.split("/").at(-1) ?? "";
      expect(answerAt(url)).toEqual({ release });
      const beside = {
        ...{ containerd: `${release}.sha256sum`, etcd: `etcd-v3.7.3-SHA256SUMS` },
        distribution: `${release}.sha256`,
      };
      expect(sums).toEqual({ release: beside[artifact.name as keyof typeof beside] });
    }
  });

  test.each(images)("the image %s", (name) => {
    const image = imageOf(plan.config, name);
    const { versions } = plan.config;
    const release = name in versions ? name : "kubernetes";
    const tag =
      name === "kube-network-policies"
        ? versions.kubeNetworkPolicies
        : versions[release as keyof typeof versions];
    const expected = { registry: `/v2/kubernetes-ha/${name}/manifests/${tag}` };
    const answers = pulls(plan.config, image);
    expect(answers).toEqual(answers.map(() => expected));
    expect(answers.length).toBe(sources?.kind === undefined && "preset" in (sources ?? {}) ? 2 : 1);
  });
});

test.each([
  ["dl.k8s.io", "/release/v1.36.3/bin/linux/amd64/../../../../contents.json"],
  ["cdn.dl.k8s.io", "/release/stable.txt"],
  ["github.com", "/etcd-io/etcd/releases/download/v3.7.3/etcd-v3.7.3-linux-amd64.zip"],
  ["release-assets.githubusercontent.com", "/etcd-io/etcd/releases/download/v3.7.3/SHA512SUMS"],
  ["registry.k8s.io", "/v2/coredns/coredns/manifests/v1.15.0"],
  ["registry.k8s.io", "/v2/etcd/manifests/v3.7.3"],
  ["ghcr.io", "/v2/flannel-io/flannel/tags/list"],
  ["files.m.daocloud.io", "/example.com/release/v1.36.3/bin/linux/amd64/kubelet"],
  ["example.com", "/"],
])("%s%s is nowhere", (host, path) => {
  expect(answerTo(host, path)).toBeUndefined();
});

const addons = {
  metricsServer: { version: "v0.9.0" },
  ingress: { version: "v3.6.12" },
};

test.each(addonImages(addons))("the image %s of an add-on is there", (image) => {
  const [name = "", tag] = (image.split("/").at(-1) ?? "").split(":");
  const expected = { registry: `/v2/kubernetes-ha/${name}/manifests/${tag}` };
  for (const preset of ["global", "china"] as const) {
    const { config } = planHaving({ sources: { preset } });
    const answers = pulls(config, image);
    expect(answers).toEqual(answers.map(() => expected));
  }
});

test("a blob is asked for by its digest, whatever the image", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  expect(answerTo("registry-1.docker.io", `/v2/coredns/coredns/blobs/${digest}`)).toEqual({
    registry: `/v2/kubernetes-ha/coredns/blobs/${digest}`,
  });
});
