import { z } from "zod";
import { entry } from "./entry";
import { etcd } from "./etcd";
import { cidr, instanceType, label, memberKey, members, systemDisk, zone } from "./fields";
import { podNetwork } from "./podNetwork";
import { drain, generations, leaving } from "./schema/departure";
import { host as hostSection, proxy } from "./schema/hosts";
import { network } from "./schema/network";
import {
  containerd,
  controlPlane,
  images,
  kubelet,
  kubeProxy,
  packages,
  preflight,
} from "./schema/nodes";
import { pki } from "./schema/pki";
import { sources } from "./schema/sources";
import { versions } from "./schema/versions";
import { host } from "./values/hosts";
import { labels, taints } from "./values/kubernetes";
import { tags } from "./values/tags";

const bastion = z.strictObject({
  /** Instance type of the bastion, the only host reached from outside. */
  instanceType,
  /** System disk. */
  systemDisk,
  /** Ranges that may log in to the bastion. There is no default: a bastion open to the world is a decision. */
  allowedCidrs: z.array(cidr).min(1),
});

const masters = z.strictObject({
  /** Two or more masters, as a count or as keys. */
  members,
  /** Instance type of every master. */
  instanceType,
  /** System disk. */
  systemDisk,
});

const worker = z.strictObject({
  /** Name of the pool, part of its hosts' names. */
  pool: label(20),
  /** Workers of the pool, as a count or as keys. */
  members,
  /** Instance type of the pool. */
  instanceType,
  /** System disk; the images and writable layers of pods live on it. */
  systemDisk,
  /** Zone of the pool. @default the first zone of the network */
  zone: zone.optional(),
  /** First block of 32 addresses of the pool in its subnet. A second pool needs one that the first will not grow into. */
  addressBlock: z.int().min(0).max(2000).default(0),
  /** Labels the nodes register with. */
  labels: labels.default({}),
  /** Taints the nodes register with. */
  taints: taints.default([]),
  /** Workers of the pool that may be away at a time while it goes to another release of Kubernetes. The first goes alone. */
  maxUnavailable: z.int().min(1).max(999).default(1),
});

/** Sections of the configuration object, each checked for itself first, then against the others. */
export const sections = {
  /** Name of the cluster, first part of every name it makes. */
  name: label(20),
  versions,
  /** Processor architecture of every host. */
  architecture: z.enum(["amd64", "arm64"]).default("amd64"),
  /** Image of every host: Debian 12 with cloud-init; other systems with apt are not proven. Pinned, as a new id re-images machines. */
  imageId: z.string().regex(/^img-[a-z0-9]{8}$/, "an image id such as img-7ag0z2jt"),
  /** Login user that user data creates; it has sudo. */
  sshUser: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, "a Linux user name")
    .default("kubernetes"),
  /** Network interface that holds the private address of every host. */
  networkInterface: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,14}$/, "an interface name such as eth0")
    .default("eth0"),
  /** Tags for every resource that can carry tags, besides the cluster's own. */
  tags: tags.default({}),
  /** Time servers of the hosts. */
  ntpServers: z
    .array(host)
    .min(1)
    .default(["time1.tencentyun.com", "time2.tencentyun.com", "time3.tencentyun.com"]),
  network,
  podNetwork: podNetwork.prefault({}),
  bastion,
  etcd,
  masters,
  /** Worker pools. */
  workers: z.array(worker).default([]),
  entry,
  generations,
  leaving,
  drain,
  sources: sources.prefault({}),
  images,
  packages,
  host: hostSection,
  proxy,
  controlPlane,
  kubelet,
  containerd,
  kubeProxy,
  pki,
  preflight,
} as const;

/** The one configuration object, `tencentcloud-kubernetes-ha:cluster` of the stack. */
export const clusterSchema = z.strictObject(sections);

/** A configuration that has been read: defaults filled in, every rule kept. */
export type ClusterConfig = z.output<typeof clusterSchema>;

/** What may be written in the stack's configuration. */
export type ClusterConfigInput = z.input<typeof clusterSchema>;

export type WorkerPoolConfig = ClusterConfig["workers"][number];

/** Key of a member, for those who make their own (see {@link memberKey}). */
export { memberKey };
