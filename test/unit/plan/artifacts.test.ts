import fc from "fast-check";
import { downloadOf } from "../../../components/plan/artifacts";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { hostNeeds } from "../../../components/needs";
import { planHaving } from "./fixture";

const kubelet = { name: "kubernetes", version: "v1.36.3", binary: "kubelet" } as const;
const ctr = { name: "containerd", version: "v2.4.2", binary: "ctr" } as const;
const etcdctl = { name: "etcd", version: "v3.7.3", binary: "etcdctl" } as const;

const download = (
  sources: ClusterConfigInput["sources"],
  artifact: Parameters<typeof downloadOf>[2],
  architecture: ClusterConfigInput["architecture"] = "amd64",
) => downloadOf(planHaving({ sources }).config, architecture, artifact);

const github = "https://github.com";

describe("upstream", () => {
  test.each([
    [
      kubelet,
      {
        url: "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet",
        sum: { url: "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet.sha256" },
      },
    ],
    [
      ctr,
      {
        url: `${github}/containerd/containerd/releases/download/v2.4.2/containerd-2.4.2-linux-amd64.tar.gz`,
        member: "bin/ctr",
        sum: {
          url: `${github}/containerd/containerd/releases/download/v2.4.2/containerd-2.4.2-linux-amd64.tar.gz.sha256sum`,
        },
      },
    ],
    [
      etcdctl,
      {
        url: `${github}/etcd-io/etcd/releases/download/v3.7.3/etcd-v3.7.3-linux-amd64.tar.gz`,
        member: "etcd-v3.7.3-linux-amd64/etcdctl",
        sum: { url: `${github}/etcd-io/etcd/releases/download/v3.7.3/SHA256SUMS` },
      },
    ],
  ])("$binary of $name, as its project publishes it", (artifact, expected) => {
    expect(download(undefined, artifact)).toEqual(expected);
    const arm = JSON.stringify(expected).replaceAll("amd64", "arm64");
    expect(download({}, artifact, "arm64")).toEqual(JSON.parse(arm));
  });

  test("the preset for China puts the mirror of files before the same addresses", () => {
    for (const artifact of [kubelet, ctr, etcdctl]) {
      const expected = JSON.stringify(download({}, artifact));
      expect(download({ preset: "china" }, artifact)).toEqual(
        JSON.parse(expected.replaceAll("https://", "https://files.m.daocloud.io/")),
      );
    }
  });

  test("a base address of one's own stands for one project, with either preset", () => {
    for (const preset of ["global", "china"] as const) {
      const sources = { preset, releases: { etcd: "http://mirror.test/etcd/" } };
      expect(download(sources, etcdctl)).toEqual({
        url: "http://mirror.test/etcd/v3.7.3/etcd-v3.7.3-linux-amd64.tar.gz",
        member: "etcd-v3.7.3-linux-amd64/etcdctl",
        sum: { url: "http://mirror.test/etcd/v3.7.3/SHA256SUMS" },
      });
      expect(download(sources, ctr)).toEqual(download({ preset }, ctr));
    }
  });

  test("a pinned sum is that of the download, whichever base address it has", () => {
    const sha256 = "0".repeat(64);
    const checksums = {
      "v1.36.3/bin/linux/amd64/kubelet": sha256,
      "v2.4.2/containerd-2.4.2-linux-amd64.tar.gz": sha256,
    };
    for (const preset of ["global", "china"] as const) {
      expect(download({ preset, checksums }, kubelet).sum).toEqual({ sha256 });
      expect(download({ preset, checksums }, ctr).sum).toEqual({ sha256 });
      expect(download({ preset, checksums }, etcdctl).sum).toEqual(
        download({ preset }, etcdctl).sum,
      );
    }
  });
});

test("a mirror has each program itself, with its sum beside it", () => {
  const mirror = {
    kind: "mirror",
    baseUrl: "http://mirror.test/artifacts/",
    imageRepository: "registry.test/k",
  } as const;
  const url = "http://mirror.test/artifacts/containerd/v2.4.2/arm64/ctr";
  expect(download(mirror, ctr, "arm64")).toEqual({ url, sum: { url: `${url}.sha256` } });
  const sha256 = "1".repeat(64);
  const checksums = { "containerd/v2.4.2/arm64/ctr": sha256 };
  expect(download({ ...mirror, checksums }, ctr, "arm64")).toEqual({ url, sum: { sha256 } });
});

test("programs of one download have one sum, and different places in it", () => {
  const presets = fc.constantFrom("global" as const, "china" as const);
  const architectures = fc.constantFrom("amd64" as const, "arm64" as const);
  fc.assert(
    fc.property(presets, architectures, (preset, architecture) => {
      const plan = planHaving({ sources: { preset } });
      for (const host of plan.hosts) {
        const downloads = hostNeeds(plan, host).artifacts.map((each) =>
          downloadOf(plan.config, architecture, each),
        );
        for (const url of new Set(downloads.map((each) => each.url))) {
          const same = downloads.filter((each) => each.url === url);
          expect(new Set(same.map(({ sum }) => JSON.stringify(sum))).size).toBe(1);
          expect(new Set(same.map(({ member }) => member)).size).toBe(same.length);
        }
      }
    }),
    { numRuns: 8 },
  );
});
