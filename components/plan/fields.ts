import semver from "semver";
import { z } from "zod";
import { readAddress, readCidr } from "./cidr";

/** Disk types that can be bought today, cheapest first. */
export const diskTypes = [
  "CLOUD_PREMIUM",
  "CLOUD_BSSD",
  "CLOUD_SSD",
  "CLOUD_HSSD",
  "CLOUD_TSSD",
] as const;
export type DiskType = (typeof diskTypes)[number];

/** A DNS label of at most `max` characters, without two hyphens in a row: CVM takes no host name that has them. */
export function label(max: number) {
  return z
    .string()
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      "lower-case letters, digits and single hyphens, a letter first, no hyphen last",
    )
    .max(max, `at most ${max} characters`);
}

const dotted = /\d{1,3}(\.\d{1,3}){3}/.source;

export const cidr = z
  .string()
  .refine((text) => readCidr(text) !== undefined, {
    error: "an IPv4 range with no host bits set, such as 10.0.0.0/16",
  })
  .meta({ pattern: `^${dotted}/\\d{1,2}$` });

export const address = z
  .string()
  .refine((text) => readAddress(text) !== undefined, { error: "an IPv4 address" })
  .meta({ pattern: `^${dotted}$` });

export const dnsName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/,
    "a DNS name with a dot, such as api.prod.internal",
  );

/** A release, kept with its leading "v"; `1.36.3` and `v1.36.3` are the same. */
export const release = z
  .string()
  .refine((text) => semver.valid(text) !== null, { error: "a release such as v1.36.3" })
  .meta({ pattern: /\d+\.\d+\.\d+/.source })
  .transform((text) => `v${semver.valid(text)}`);

export const instanceType = z
  .string()
  .regex(
    /^[A-Z][A-Za-z0-9]*\.(SMALL|MEDIUM|LARGE|\d{1,3}XLARGE)\d+$/,
    "a CVM instance type such as S5.LARGE8",
  );

/** A zone of a region. Names of subnets end with it, so it is no longer than they may be. */
export const zone = z
  .string()
  .max(38)
  .regex(/^[a-z]+(-[a-z]+)*-\d+$/, "a zone such as ap-guangzhou-3");

interface DiskDefaults {
  type: DiskType;
  sizeGiB: number;
}

/** What every disk has. Disks are sold in steps of 10 GiB. */
export function diskFields(defaults: DiskDefaults) {
  return z.strictObject({
    type: z
      .enum(diskTypes)
      .default(defaults.type)
      .describe("Disk type, of those that can be bought today; the cheapest is the first."),
    sizeGiB: z
      .int()
      .min(20)
      .max(32_000)
      .multipleOf(10)
      .meta({ unit: "GiB" })
      .default(defaults.sizeGiB)
      .describe("Size in GiB, a multiple of 10."),
  });
}

/** A disk that goes with its host. */
export function disk(defaults: DiskDefaults) {
  return diskFields(defaults).default(defaults);
}

/** A disk of its own, which keeps data. */
export function dataDisk(defaults: DiskDefaults) {
  return diskFields(defaults)
    .extend({
      encrypt: z.boolean().optional().meta({
        description:
          "Whether the platform encrypts it, by the account's default key of KMS, which it needs to be authorized for once. Decided when the disk is made: for a living one it is refused.",
        defaultText: "`false`",
      }),
    })
    .default(defaults);
}

/** System disk of a host. */
export const systemDisk = disk({ type: "CLOUD_PREMIUM", sizeGiB: 50 });

/**
 * Key of a member: a number from 1 or a single letter, which is also its place in the address range of its role (1 = a,
 * 2 = b, ...). So a name and an address depend on the key alone, never on what other members there are.
 */
export const memberKey = z
  .string()
  .regex(/^([1-9]\d{0,2}|[a-z])$/, 'a key: a number from "1" or one letter from "a"');

/** A member as it is read: its key, and what it has otherwise than its pool. */
export interface ReadMember {
  key: string;
  zone?: string | undefined;
  instanceType?: string | undefined;
}

const member = z.union([
  memberKey.transform((key): ReadMember => ({ key })),
  z.strictObject({
    key: memberKey.describe(
      "Key of the member: its part of the host's name, and its place in the addresses of its role.",
    ),
    zone: zone.optional().meta({
      description: "Zone it lives in.",
      defaultText: "the pool's, where it has one, else the first zone of the network",
    }),
    instanceType: instanceType.optional().meta({
      description: "Instance type of this member alone.",
      defaultText: "that of all members",
    }),
  }),
]);

/** Members of a role: a count (3 means keys "1", "2", "3"), or the keys themselves, each with its zone and instance type if need be. */
export const members = z.union([
  z
    .int()
    .min(0)
    .max(999)
    .meta({ unit: "members" })
    .transform((count) =>
      Array.from({ length: count }, (_, i): ReadMember => ({ key: String(i + 1) })),
    ),
  z.array(member),
]);

/** A member as configured. */
export type MemberConfig = z.output<typeof members>[number];

/** Kubernetes quantity of memory or storage in binary units, such as 512Mi. */
export const binaryQuantity = z
  .string()
  .regex(/^[1-9]\d*(Ki|Mi|Gi|Ti)$/, "a quantity such as 512Mi");

/** Kubernetes quantity of processor time, such as 500m or 2. */
export const cpuQuantity = z
  .string()
  .regex(/^[1-9]\d*m?$/, "a quantity of cores such as 500m or 2");
