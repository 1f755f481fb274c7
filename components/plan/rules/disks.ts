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
}
