import { z } from "zod";
import { entry } from "./entry";
import { etcd } from "./etcd";
import { cidr, instanceType, label, memberKey, members, systemDisk } from "./fields";
import { monitoring } from "./monitoring/config";
import { podNetwork } from "./podNetwork";
import { registry } from "./registry/config";
import { drain, generations, leaving } from "./schema/departure";
import { host as hostSection, proxy } from "./schema/hosts";
import { architecture, imageId } from "./schema/machines";
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
import { worker } from "./schema/workers";
import { host } from "./values/hosts";
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

/** Sections of the configuration object, each checked for itself first, then against the others. */
export const sections = {
  name: label(20).describe("Name of the cluster, first part of every name it makes."),
  versions,
  architecture: architecture
    .default("amd64")
    .describe("Processor architecture of every host whose pool says no other."),
  imageId: imageId.describe(
    "Image of every host whose pool says no other: Debian 12 with cloud-init; other systems with apt are not proven. Pinned, as a new id re-images machines.",
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
  workers: z.array(worker).prefault([]).describe("Worker pools ([machines](machines.md))."),
  entry,
  registry,
  monitoring,
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
