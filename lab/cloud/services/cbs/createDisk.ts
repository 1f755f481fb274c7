import type { Call } from "../../action";
import { ApiError } from "../../errors";
import type { DiskRecord } from "../../records";

/** Disk types and their smallest sizes as data disks, in GiB. */
export const diskTypes = new Map(
  Object.entries({
    CLOUD_BASIC: { minimum: 10 },
    CLOUD_PREMIUM: { minimum: 10 },
    CLOUD_BSSD: { minimum: 10 },
    CLOUD_SSD: { minimum: 20 },
    CLOUD_HSSD: { minimum: 20 },
    CLOUD_TSSD: { minimum: 20 },
  }),
);
export const largestGiB = 32_000;
/** Type of a disk of an instance when none is named. */
export const defaultDiskType = "CLOUD_BSSD";
/** Size of a system disk when none is named, in GiB. */
export const defaultSystemGiB = 50;
/** Sizes of system disks of any type, in GiB. */
export const smallestSystemGiB = 20;
export const largestSystemGiB = 1024;

type Given = Pick<
  DiskRecord,
  | "name"
  | "type"
  | "sizeGiB"
  | "zone"
  | "projectId"
  | "chargeType"
  | "renewFlag"
  | "encrypt"
  | "usage"
  | "portable"
  | "state"
> &
  Partial<Pick<DiskRecord, "instanceId" | "deleteWithInstance" | "throughputMBps" | "backupQuota">>;

/** @throws ApiError when no disk of the type can have the size. */
export function checkDiskSize(type: string, sizeGiB: number): void {
  const minimum = diskTypes.get(type)?.minimum;
  if (minimum === undefined) {
    throw new ApiError(
      "InvalidParameterValue",
      `DiskType '${type}' is not one of ${[...diskTypes.keys()].join(", ")}.`,
    );
  }
  if (sizeGiB < minimum || sizeGiB > largestGiB || sizeGiB % 10 !== 0) {
    throw new ApiError(
      "InvalidParameterValue",
      `A ${type} disk has ${minimum} to ${largestGiB} GiB in steps of 10, not ${sizeGiB}.`,
    );
  }
}

/** @throws ApiError when no system disk of the type can have the size. */
export function checkSystemDisk(type: string, sizeGiB: number): void {
  if (!diskTypes.has(type) || sizeGiB < smallestSystemGiB || sizeGiB > largestSystemGiB) {
    throw new ApiError(
      "InvalidParameterValue",
      `A system disk has ${smallestSystemGiB} to ${largestSystemGiB} GiB and a type of ${[...diskTypes.keys()].join(", ")}; got ${type}, ${sizeGiB} GiB.`,
    );
  }
}

/** Makes a disk. @throws ApiError when type or size cannot be. */
export function createDisk({ store, now }: Call, given: Given): DiskRecord {
  const check = given.usage === "DATA_DISK" ? checkDiskSize : checkSystemDisk;
  check(given.type, given.sizeGiB);
  const seq = store.next();
  return store.tables.disks.put({
    throughputMBps: 0,
    backupQuota: 0,
    deleteWithInstance: false,
    ...given,
    id: store.newId("disk", "disks"),
    seq,
    createdAt: now.toISOString(),
    polls: 1,
    attachedSeq: seq,
    lastInstanceId: "",
  });
}
