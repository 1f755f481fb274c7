import type { ClusterConfigInput } from "../../../components/plan/config";
import {
  imageOf,
  imagePartsOf,
  type ImageName,
  registryMirrors,
} from "../../../components/plan/images";
import { planHaving } from "./fixture";

const names: ImageName[] = [
  ...(["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"] as const),
  ...(["pause", "etcd", "coredns", "flannel", "kube-network-policies"] as const),
];
const imagesOf = (sources: ClusterConfigInput["sources"]) => {
  const { config } = planHaving({ sources });
  return names.map((name) => imageOf(config, name));
};

test("upstream, each where its project publishes every release of it", () => {
  const expected = [
    "registry.k8s.io/kube-apiserver:v1.36.3",
    "registry.k8s.io/kube-controller-manager:v1.36.3",
    "registry.k8s.io/kube-scheduler:v1.36.3",
    "registry.k8s.io/kube-proxy:v1.36.3",
    "registry.k8s.io/pause:3.10.2",
    "quay.io/coreos/etcd:v3.7.3",
    "docker.io/coredns/coredns:1.15.0",
    "ghcr.io/flannel-io/flannel:v0.28.4",
    "registry.k8s.io/networking/kube-network-policies:v0.8.0",
  ];
  expect(imagesOf(undefined)).toEqual(expected);
  // They are called the same, wherever they are asked for.
  expect(imagesOf({ preset: "china" })).toEqual(expected);
});

test("of a mirror all are in one repository, with the releases as their tags", () => {
  const repository = "registry.test/kubernetes-ha";
  expect(
    imagesOf({ kind: "mirror", baseUrl: "http://mirror.test", imageRepository: repository }),
  ).toEqual([
    `${repository}/kube-apiserver:v1.36.3`,
    `${repository}/kube-controller-manager:v1.36.3`,
    `${repository}/kube-scheduler:v1.36.3`,
    `${repository}/kube-proxy:v1.36.3`,
    `${repository}/pause:3.10.2`,
    `${repository}/etcd:v3.7.3`,
    `${repository}/coredns:v1.15.0`,
    `${repository}/flannel:v0.28.4`,
    `${repository}/kube-network-policies:v0.8.0`,
  ]);
});

test("images that kubeadm names by itself are in one repository", () => {
  const { config } = planHaving({ sources: {} });
  const own = names.slice(0, 5);
  expect(new Set(own.map((name) => imagePartsOf(config, name).repository)).size).toBe(1);
});

describe("mirrors of registries", () => {
  const mirrors = (sources: ClusterConfigInput["sources"], images: ClusterConfigInput["images"]) =>
    registryMirrors(planHaving({ sources, images }).config);
  const china = {
    "docker.io": ["https://mirror.ccs.tencentyun.com"],
    "quay.io": ["https://quay.tencentcloudcr.com"],
    "registry.k8s.io": ["https://k8s.m.daocloud.io"],
    "ghcr.io": ["https://ghcr.m.daocloud.io"],
  };

  test("are the preset's, for every registry that images are in", () => {
    expect(mirrors({}, undefined)).toEqual({});
    expect(mirrors({ preset: "china" }, undefined)).toEqual(china);
    const registries = imagesOf({}).map((image) => image.split("/")[0]);
    expect(Object.keys(china).sort()).toEqual([...new Set(registries)].sort());
  });

  test("of one's own stand in the place of the preset's, an empty list takes them away, and others come beside", () => {
    const own = {
      "quay.io": [],
      "ghcr.io": ["https://harbor.test/v2/ghcr/"],
      "example.com": ["http://10.0.0.1:5000"],
    };
    expect(mirrors({ preset: "china" }, { mirrors: own })).toEqual({
      "docker.io": china["docker.io"],
      "registry.k8s.io": china["registry.k8s.io"],
      "ghcr.io": ["https://harbor.test/v2/ghcr"],
      "example.com": ["http://10.0.0.1:5000"],
    });
  });
});
