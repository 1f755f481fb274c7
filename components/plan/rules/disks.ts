import { type Fault } from "../fault";

/** Cloud disk types, the slowest first, by the IOPS and latency the vendor's "Cloud disk types" page gives for each. */
const bySpeed = [
  "CLOUD_BASIC",
  "CLOUD_PREMIUM",
  "CLOUD_BSSD",
  "CLOUD_SSD",
  "CLOUD_HSSD",
  "CLOUD_TSSD",
];

/** Types fast enough for etcd, which wants fdatasync under 10 ms at the 99th percentile. */
const fast = bySpeed.slice(bySpeed.indexOf("CLOUD_BSSD"));

/** Whether a disk of type `after` is slower than one of type `before`; a type that is not known counts as the slowest. */
export function slowerDisk(before: string, after: string): boolean {
  return bySpeed.indexOf(after) < bySpeed.indexOf(before);
}

/** Why a disk of a type may not hold etcd's data; undefined when it may. */
export function etcdDiskFault(type: string): Fault | undefined {
  if (fast.includes(type)) return undefined;
  return {
    message: bySpeed.includes(type)
      ? `got ${type}, whose writes take several ms; etcd elects a new leader when they do`
      : `got ${type}, which is no type known to be fast enough for etcd`,
    fix: `Use one of ${fast.join(", ")}`,
  };
}
