import { z } from "zod";
import { entry } from "./entry";
import { etcd } from "./etcd";
import { cidr, instanceType, label, memberKey, members, systemDisk, zone } from "./fields";
import { podNetwork } from "./podNetwork";
import { registry } from "./registry/config";
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

const bastion = z
  .strictObject({
    instanceType: instanceType.describe("Instance type of the bastion."),
    systemDisk: systemDisk.describe("System disk of the bastion."),
    allowedCidrs: z
      .array(cidr)
      .min(1)
      .describe(
        "Ranges that may log in to the bastion. There is no default: a bastion open to the world is a decision.",
      ),
    publicAddress: z
      .boolean()
      .default(true)
      .describe(
        "Whether the bastion has an address outside. Without one it is reached at its private address, so everything that works with the cluster, `pulumi up` first, runs inside the VPC or in a network that is connected with it.",
      ),
  })
  .describe("The bastion, the only host people log in to.");

const masters = z
  .strictObject({
    members: members.describe("Two or more masters, as a count or as keys."),
    instanceType: instanceType.describe("Instance type of every master."),
    systemDisk: systemDisk.describe("System disk of every master."),
  })
  .describe("Hosts of the control plane: API server, controller manager, scheduler.");

const worker = z.strictObject({
  pool: label(20).describe("Name of the pool, part of its hosts' names."),
  members: members.describe("Workers of the pool, as a count or as keys."),
  instanceType: instanceType.describe("Instance type of the pool."),
  systemDisk: systemDisk.describe(
    "System disk; the images and writable layers of pods live on it.",
  ),
  zone: zone.optional().meta({
    description: "Zone of the pool.",
    defaultText: "the first zone of the network",
  }),
  addressBlock: z
    .int()
    .min(0)
    .max(2000)
    .meta({ unit: "blocks of 32 addresses" })
    .default(0)
    .describe(
      "First block of 32 addresses of the pool in its subnet. A second pool needs one that the first will not grow into.",
    ),
  labels: labels.default({}).describe("Labels the nodes register with."),
  taints: taints
    .default([])
    .describe("Taints the nodes register with, each key once with each effect."),
  maxUnavailable: z
    .int()
    .min(1)
    .max(999)
    .meta({ unit: "workers" })
    .default(1)
    .describe(
      "Workers of the pool that may be away at a time while it goes to another release of Kubernetes. The first goes alone.",
    ),
});

/** Sections of the configuration object, each checked for itself first, then against the others. */
export const sections = {
  name: label(20).describe("Name of the cluster, first part of every name it makes."),
  versions,
  architecture: z
    .enum(["amd64", "arm64"])
    .default("amd64")
    .describe("Processor architecture of every host."),
  imageId: z
    .string()
    .regex(/^img-[a-z0-9]{8}$/, "an image id such as img-7ag0z2jt")
    .describe(
      "Image of every host: Debian 12 with cloud-init; other systems with apt are not proven. Pinned, as a new id re-images machines.",
    ),
  sshUser: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/, "a Linux user name")
    .default("kubernetes")
    .describe("Login user that user data creates; it has sudo."),
  networkInterface: z
    .string()
    .regex(/^[a-z][a-z0-9]{1,14}$/, "an interface name such as eth0")
    .default("eth0")
    .describe("Network interface that holds the private address of every host."),
  tags: tags
    .default({})
    .describe("Tags for every resource that can carry tags, besides the cluster's own."),
  ntpServers: z
    .array(host)
    .min(1)
    .default(["time1.tencentyun.com", "time2.tencentyun.com", "time3.tencentyun.com"])
    .describe("Time servers of the hosts."),
  network,
  podNetwork: podNetwork.prefault({}).describe("How pods of different nodes reach each other."),
  bastion,
  etcd,
  masters,
  workers: z.array(worker).prefault([]).describe("Worker pools."),
  entry,
  registry,
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

/** What may be written in the stack's configuration; docs/settings.md has every setting of it. */
export type ClusterConfigInput = z.input<typeof clusterSchema>;

export type WorkerPoolConfig = ClusterConfig["workers"][number];

/** Key of a member, for those who make their own (see {@link memberKey}). */
export { memberKey };
