import { z } from "zod";
import { httpAddress, repository } from "../values/hosts";

/** Projects whose programs hosts fetch. */
export const projects = ["kubernetes", "containerd", "etcd"] as const;

/** A project whose programs hosts fetch. */
export type Project = (typeof projects)[number];

/** Pinned sha256 of what hosts fetch, by its path below its base address; what is not here is checked against the sum that is published beside it. */
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

const upstream = z.strictObject({
  /** `upstream`: what each project itself has released. Hosts need a way out of the VPC for it (`network.nat`). */
  kind: z.literal("upstream").default("upstream"),
  /**
   * `global`: from the projects' own addresses. `china`: from mirrors that hosts in mainland China reach: Tencent Cloud's where it has one, DaoCloud's
   * public ones otherwise ([docs/mirror.md](../../../docs/mirror.md#mainland-china)).
   */
  preset: z.enum(presets).default("global"),
  /** Base addresses in the place of the preset's. What is below each is laid out as the project has it. */
  releases: z
    .strictObject({
      /** Has `v1.36.3/bin/linux/amd64/kubelet`. @default the preset's, `https://dl.k8s.io/release` */
      kubernetes: httpAddress.optional(),
      /** Has `v2.4.2/containerd-2.4.2-linux-amd64.tar.gz`. @default the preset's, `https://github.com/containerd/containerd/releases/download` */
      containerd: httpAddress.optional(),
      /** Has `v3.7.3/etcd-v3.7.3-linux-amd64.tar.gz`. @default the preset's, `https://github.com/etcd-io/etcd/releases/download` */
      etcd: httpAddress.optional(),
    })
    .default({}),
  /** Pinned sha256 by path below the project's base address, such as `v1.36.3/bin/linux/amd64/kubelet`. @default what the project publishes */
  checksums: checksums("v1.36.3/bin/linux/amd64/kubelet"),
});

const mirror = z.strictObject({
  /** `mirror`: a mirror of your own, laid out as [docs/mirror.md](../../../docs/mirror.md) says. */
  kind: z.literal("mirror"),
  /** Where hosts fetch programs: `<baseUrl>/<project>/<version>/<arch>/<file>`, with `<file>.sha256` beside each. */
  baseUrl: httpAddress.meta({
    missing: "the address of your mirror, or use sources.kind upstream",
  }),
  /** Repository that all images are in, such as registry.example.com/kubernetes-ha. */
  imageRepository: repository.meta({
    missing:
      "the repository of your mirror, such as registry.example.com/kubernetes-ha, or use sources.kind upstream",
  }),
  /** Pinned sha256 by path below baseUrl, such as `kubernetes/v1.36.3/amd64/kubelet`. @default what the mirror says */
  checksums: checksums("kubernetes/v1.36.3/amd64/kubelet"),
});

/** Section `sources`: where hosts get programs and images from. */
export const sources = z.discriminatedUnion("kind", [upstream, mirror]);

/** Sources as configured. */
export type SourcesConfig = z.output<typeof sources>;
