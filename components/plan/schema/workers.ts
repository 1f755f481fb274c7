import { z } from "zod";
import { diskFields, instanceType, label, members, systemDisk, zone } from "../fields";
import { labels, taints } from "../values/kubernetes";
import { architecture, imageId } from "./machines";

/** Where containerd keeps images and the writable layers of containers. */
export const containerdDir = "/var/lib/containerd";

const mountPath = /^(\/var\/lib\/containerd|\/(data|mnt|srv)(\/[A-Za-z0-9][A-Za-z0-9._-]*)*)$/;

const dataDisk = diskFields({ type: "CLOUD_PREMIUM", sizeGiB: 100 }).extend({
  encrypt: z
    .boolean()
    .default(false)
    .describe(
      "Whether the platform encrypts it, by the account's default key of KMS, which it needs to be authorized for once.",
    ),
  mountPath: z
    .string()
    .max(200)
    .regex(mountPath, `${containerdDir}, or a directory that is /data, /mnt or /srv or below`)
    .default(containerdDir)
    .describe(
      `Where it is mounted. \`${containerdDir}\`: images and the writable layers of containers live on it. Any other: it is for what pods do with it, by local volumes. \`/data\`, \`/mnt\`, \`/srv\` and what is below are free for that.`,
    ),
});

/** Most bytes of a script: with all else that a host is born with, it stays within the 16 KiB in base64 that the platform takes. */
const largestScript = 6144;

const firstBootScript = z
  .string()
  .refine((text) => /^#!\/\S/.test(text), {
    error: "a script, whose first line names its interpreter, such as #!/bin/bash",
    abort: true,
  })
  .refine((text) => Buffer.byteLength(text) <= largestScript, {
    error: `at most ${largestScript} bytes; a script may fetch the rest`,
  })
  .meta({ pattern: /^#!\/\S/.source, maxLength: largestScript });

/** How a worker is paid for. */
const charge = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z
      .literal("hourly")
      .describe("`hourly`: as long as it is there, by the hour; nothing but a change ends it."),
  }),
  z.strictObject({
    kind: z
      .literal("spot")
      .describe(
        "`spot`: what the cloud has left, far cheaper, and taken back with two minutes' notice ([what that means](machines.md#spot)).",
      ),
    maxPrice: z
      .string()
      .regex(
        /^(?=.*[1-9])\d{1,6}(\.\d{1,6})?$/,
        'a price above zero as a text, such as "0.35", in the account\'s currency',
      )
      .describe(
        'Most that an hour of one may cost, as a text such as "0.35", in the account\'s currency. Above it a worker is taken back, and none can be had.',
      ),
  }),
  z.strictObject({
    kind: z
      .literal("prepaid")
      .describe(
        "`prepaid`: months that are paid beforehand, cheaper than so many hours ([what that means](machines.md#prepaid)).",
      ),
    months: z
      .int()
      .min(1)
      .max(36)
      .refine((months) => months <= 12 || months % 12 === 0, { error: "1 to 12, 24 or 36" })
      .meta({ unit: "months" })
      .describe("Months that a new worker is paid for: 1 to 12, 24 or 36."),
    autoRenew: z
      .boolean()
      .default(true)
      .describe(
        "Whether it is paid for month by month from then on. If not, it ends with its time: the cloud warns the account's contacts alone.",
      ),
  }),
]);

/** How a worker is paid for. */
export type Charge = z.output<typeof charge>;

/** A pool of section `workers`. */
export const worker = z.strictObject({
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
  dataDisk: dataDisk.optional().meta({
    description:
      "Disk of its own for every worker, beside its system disk. It is the worker's alone, and goes with it.",
    defaultText: "none",
  }),
  charge: charge
    .default({ kind: "hourly" })
    .describe("How its machines are paid for; disks of their own are by the hour in any case."),
  firstBootScript: firstBootScript.optional().meta({
    description:
      "Script that root runs once on every new worker, at its first boot, before anything of the cluster is on it; what the cluster sets is set after it. It has 10 minutes. One that fails, or is not over by then, ends the worker's step ([how](machines.md#a-script-at-first-boot)). Nothing secret: it lies open in the state and in the instance's user data.",
    defaultText: "none",
  }),
  imageId: imageId.optional().meta({
    description:
      "Image of the pool's hosts, for another architecture, or with drivers that pods need.",
    defaultText: "that of all hosts",
  }),
  architecture: architecture.optional().meta({
    description:
      "Processor architecture of the pool's hosts. With another than that of all hosts, `imageId` is an image of it, and a mirror has programs and images of both.",
    defaultText: "that of all hosts",
  }),
});
