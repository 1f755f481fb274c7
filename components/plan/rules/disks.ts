import { type DiskType, diskTypes } from "../fields";
import { type Fault } from "./quorum";

/** Cloud disk types, the slowest first, by the IOPS and latency the vendor's "Cloud disk types" page gives for each. */
const bySpeed = [
  "CLOUD_BASIC",
  "CLOUD_PREMIUM",
  "CLOUD_BSSD",
  "CLOUD_SSD",
  "CLOUD_HSSD",
  "CLOUD_TSSD",
];

/** Whether a disk of type `after` is slower than one of type `before`; a type that is not known counts as the slowest. */
export function slowerDisk(before: string, after: string): boolean {
  return bySpeed.indexOf(after) < bySpeed.indexOf(before);

/** Disk types whose writes take several ms: etcd wants fdatasync under 10 ms at the 99th percentile. */
const slowTypes: readonly string[] = ["CLOUD_BASIC", "CLOUD_PREMIUM"];
const fastTypes: readonly DiskType[] = diskTypes.filter((type) => !slowTypes.includes(type));

/** Why a disk of a type may not hold etcd's data; undefined when it may. */
export function etcdDiskFault(type: string): Fault | undefined {
  if ((fastTypes as readonly string[]).includes(type)) return undefined;
  return {
    message: slowTypes.includes(type)
      ? `got ${type}, whose writes take several ms; etcd elects a new leader when they do`
      : `got ${type}, which is no type known to be fast enough for etcd`,
    fix: `Use ${[...fastTypes]
      .reverse()
      .join(", ")
      .replace(/, (?=[^,]*$)/, " or ")}`,
  };
