import { z } from "zod";
import { cidr, dnsName, instanceType, members, systemDisk } from "../fields";
import { type Flow, type HostPlan } from "../model";
import { ports } from "../ports";
import { bucket, type ObjectStorePlan, storageEndpoint } from "../objectStorage";
import { type OwnFrontend } from "../entry/frontends";
import { type Problem } from "../problems";
import { type Versions } from "../schema/versions";
import { registry as registryName } from "../values/hosts";

/** A port that the entry fronts a registry at. */
export const entryPort = z
  .int()
  .min(1)
  .max(ports.firstLocal - 1);

/** What every kind of registry has. */
export const sharedSettings = {
  members: members.describe("Two or more hosts, as a count or as keys, in any zones."),
  instanceType: instanceType.describe("Instance type of every one of them."),
  systemDisk: systemDisk.describe("System disk of every one of them; images are not kept on it."),
  hostname: dnsName.optional().meta({
    description:
      "Name of the registry in its certificate, and of its images. Nodes and the bastion know it; others have it from name servers of their own.",
    defaultText: "`registry.<name of the cluster>.internal`",
  }),
  mirrored: z.array(registryName).optional().meta({
    description:
      "Registries whose images nodes ask for here first, and then where they are asked for without: at a path of each one's name, so that `registry.k8s.io/pause:3.10.2` is `<hostname>/registry.k8s.io/pause:3.10.2` here. A port is written with an underscore there. Of kind `harbor` that path is a public project of this name.",
    defaultText: "those that the cluster's own images come from",
  }),
  cos: z
    .strictObject({
      bucket: bucket.describe(
        "Bucket that images are kept in, with the account's number: `images-1250000000`. One that is there: it outlives the cluster, so the cluster does not make it. Private, in the region of the cluster, and without a lifecycle rule that deletes objects below `<name of the cluster>-registry/`, of kind `harbor` `<name of the cluster>-harbor/`.",
      ),
      endpoint: storageEndpoint.optional().meta({
        description: "Where hosts reach the storage, without the bucket.",
        defaultText: "`https://cos.<region>.myqcloud.com`, with the region of the first zone",
      }),
    })
    .describe("Where images are kept: hosts keep nothing."),
};

/** Ranges that may reach a port of it. */
export const ranges = z.array(cidr).default([]);

/** What every registry has, whatever its kind. */
export interface RegistryBase {
  kind: string;
  /** Release of Distribution, which has the images in all of them: `v3.1.2`. */
  version: string;
  hostname: string;
  /** What names of its images begin with: the hostname, and the port where that is not HTTPS' own. */
  name: string;
  /** The same for who pushes. */
  pushName: string;
  hosts: readonly HostPlan[];
  /** Registries whose images nodes ask for here first. */
  mirrored: readonly string[];
  store: ObjectStorePlan;
}

/** Ports of a registry's hosts, which HAProxy of the entry alone reaches: what is pulled from, and, of kind `distribution`, pushed to. */
export const registryPorts = { pull: 5000, push: 5001 } as const;

/** Whom HAProxy passes on to them. Plain HTTP, so nobody else gets there. */
export const registryFlow: Flow = {
  name: "registry",
  why: "registry, from the entry",
  protocol: "TCP",
  port: registryPorts.pull,
  from: ["balancer"],
  to: ["registry"],
  guarded: { what: "what a registry's host serves" },
};

/** How a kind's frontends begin. */
export type FrontendAt = (serverPort: number) => Pick<OwnFrontend, "mode" | "hostname" | "servers">;

/** A kind of registry: all that is decided about it, as pure functions. `C` is its branch of the section `registry`, `P` its plan. */
export interface RegistryKind<C, P extends RegistryBase> {
  /** What is wrong between its settings, or with the releases that it runs, as far as those could be read. */
  problems(config: C, versions: Versions | undefined): Problem[];
  /** Flows to its hosts. */
  flows: readonly Flow[];
  /** What HAProxy of the entry fronts for it. */
  frontends(config: C, at: FrontendAt): OwnFrontend[];
  /** First part of the names of its objects, after the cluster's name. */
  prefix: string;
  /** What its plan has beside what every registry has; `ofPort` is what names of images begin with at a port. */
  plan(
    config: C,
    versions: Versions,
    ofPort: (port: number) => string,
  ): Omit<P, Exclude<keyof RegistryBase, "kind" | "name" | "pushName">>;
}
