import { z } from "zod";
import { cidr, dnsName, instanceType, members, systemDisk } from "../fields";
import { ports } from "../ports";
import { bucket, storageEndpoint } from "../objectStorage";
import { registry as registryName } from "../values/hosts";

const port = z
  .int()
  .min(1)
  .max(ports.firstLocal - 1);

/** Section `registry`. */
export const registry = z
  .strictObject({
    kind: z
      .literal("distribution")
      .describe("`distribution`: CNCF Distribution, the program that most registries are made of."),
    members: members.describe("Two or more hosts, as a count or as keys, in any zones."),
    instanceType: instanceType.describe("Instance type of every one of them."),
    systemDisk: systemDisk.describe("System disk of every one of them; images are not kept on it."),
    hostname: dnsName.optional().meta({
      description:
        "Name of the registry in its certificate, and of its images. Nodes and the bastion know it; others have it from name servers of their own.",
      defaultText: "`registry.<name of the cluster>.internal`",
    }),
    port: port
      .default(443)
      .meta({ unit: "port" })
      .describe("Port of the entry that images are pulled at, and nothing is pushed."),
    pushPort: port
      .default(5443)
      .meta({ unit: "port" })
      .describe("Port of the entry that images are pushed at, by who has the password."),
    allowedCidrs: z
      .array(cidr)
      .default([])
      .describe(
        "Ranges, besides nodes and the bastion, that may pull. Whoever gets there may: pulling takes no password.",
      ),
    pushCidrs: z
      .array(cidr)
      .default([])
      .describe("Ranges, besides the bastion, that may reach `pushPort`, such as that of a CI."),
    mirrored: z.array(registryName).optional().meta({
      description:
        "Registries whose images nodes ask for here first, and then where they are asked for without: at a path of each one's name, so that `registry.k8s.io/pause:3.10.2` is `<hostname>/registry.k8s.io/pause:3.10.2` here. A port is written with an underscore there.",
      defaultText: "those that the cluster's own images come from",
    }),
    cos: z
      .strictObject({
        bucket: bucket.describe(
          "Bucket that images are kept in, with the account's number: `images-1250000000`. One that is there: it outlives the cluster, so the cluster does not make it. Private, in the region of the cluster, and without a lifecycle rule that deletes objects below `<name of the cluster>-registry/`.",
        ),
        endpoint: storageEndpoint.optional().meta({
          description: "Where hosts reach the storage, without the bucket.",
          defaultText: "`https://cos.<region>.myqcloud.com`, with the region of the first zone",
        }),
      })
      .describe("Where images are kept: hosts keep nothing."),
  })
  .optional()
  .meta({
    description:
      "A registry of the cluster's own, behind HAProxy of the entry: kind `vip`, or `lvs` with balancers.",
    defaultText: "none",
  });

/** A registry as configured. */
export type RegistryConfig = NonNullable<z.output<typeof registry>>;
