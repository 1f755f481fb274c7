import { z } from "zod";
import { httpAddress, repository } from "../values/hosts";

/** Projects whose programs hosts fetch. */
export const projects = ["kubernetes", "containerd", "etcd", "distribution"] as const;

/** A project whose programs hosts fetch. */
export type Project = (typeof projects)[number];

const checksums = (example: string) =>
  z
    .record(
      z.string().regex(/^[\w][\w.+-]*(\/[\w][\w.+-]*)+$/, `a path such as ${example}`),
      z.string().regex(/^[0-9a-f]{64}$/, "a sha256"),
    )
    .default({});

const presets = ["global", "china"] as const;

/** A set of addresses that releases and images are had from. */
export type Preset = (typeof presets)[number];

const upstream = z
  .strictObject({
    kind: z
      .literal("upstream")
      .default("upstream")
      .describe(
        "`upstream`: what each project itself has released. Hosts need a way out of the VPC for it (`network.nat`).",
      ),
    preset: z
      .enum(presets)
      .default("global")
      .describe(
        "`global`: from the projects' own addresses. `china`: from mirrors that hosts in mainland China reach: Tencent Cloud's where it has one, DaoCloud's public ones otherwise ([which](mirror.md#mainland-china)).",
      ),
    releases: z
      .strictObject({
        kubernetes: httpAddress.optional().meta({
          description: "Has `v1.36.3/bin/linux/amd64/kubelet`.",
          defaultText: "the preset's, `https://dl.k8s.io/release`",
        }),
        containerd: httpAddress.optional().meta({
          description: "Has `v2.4.2/containerd-2.4.2-linux-amd64.tar.gz`.",
          defaultText: "the preset's, `https://github.com/containerd/containerd/releases/download`",
        }),
        etcd: httpAddress.optional().meta({
          description: "Has `v3.7.3/etcd-v3.7.3-linux-amd64.tar.gz`.",
          defaultText: "the preset's, `https://github.com/etcd-io/etcd/releases/download`",
        }),
        distribution: httpAddress.optional().meta({
          description: "Has `v3.1.2/registry_3.1.2_linux_amd64.tar.gz`.",
          defaultText:
            "the preset's, `https://github.com/distribution/distribution/releases/download`",
        }),
      })
      .default({})
      .describe(
        "Base addresses in the place of the preset's. What is below each is laid out as the project has it.",
      ),
    checksums: checksums("v1.36.3/bin/linux/amd64/kubelet").describe(
      "Pinned sha256 by path below the project's base address, such as `v1.36.3/bin/linux/amd64/kubelet`; what is not here is checked against the sum that the project publishes.",
    ),
  })
  .describe("The projects' own releases.");

const mirror = z
  .strictObject({
    kind: z
      .literal("mirror")
      .describe("`mirror`: a mirror of your own, laid out as [these docs](mirror.md) say."),
    baseUrl: httpAddress.meta({
      description:
        "Where hosts fetch programs: `<baseUrl>/<project>/<version>/<arch>/<file>`, with `<file>.sha256` beside each.",
      missing: "the address of your mirror, or use sources.kind upstream",
    }),
    imageRepository: repository.meta({
      description: "Repository that all images are in, such as registry.example.com/kubernetes-ha.",
      missing:
        "the repository of your mirror, such as registry.example.com/kubernetes-ha, or use sources.kind upstream",
    }),
    checksums: checksums("kubernetes/v1.36.3/amd64/kubelet").describe(
      "Pinned sha256 by path below baseUrl, such as `kubernetes/v1.36.3/amd64/kubelet`; what is not here is checked against the sum beside it.",
    ),
  })
  .describe("A mirror of your own.");

/** Section `sources`. */
export const sources = z
  .discriminatedUnion("kind", [upstream, mirror])
  .describe("Where hosts get programs and images from.");

/** Sources as configured. */
export type SourcesConfig = z.output<typeof sources>;
