import { z } from "zod";
import { regionOf } from "./names";

/** A bucket of the object storage, with the account's number. */
export const bucket = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?-\d{10}$/, "<name>-<appid>, such as backups-1250000000")
  .max(60);

/** Where the object storage of a region is, without a bucket. */
export const storageEndpoint = z
  .string()
  .regex(/^https?:\/\/cos\.[a-z0-9.-]+$/, "https://cos.<region>.<domain>");

/** What of a bucket a cluster uses. */
export interface ObjectStorePlan {
  bucket: string;
  region: string;
  /** Number of the account, with which buckets end. */
  appId: string;
  /** Scheme and host, without the bucket. */
  endpoint: string;
  /** What names of objects begin with, `<...>/`. */
  prefix: string;
  /** Role that hosts have for it. */
  role: string;
}

/** A part of a bucket, in the region of a zone. */
export function planObjectStore(
  configured: { bucket: string; endpoint?: string | undefined },
  { zone, prefix, role }: { zone: string; prefix: string; role: string },
): ObjectStorePlan {
  const region = regionOf(zone);
  const { bucket: name, endpoint = `https://cos.${region}.myqcloud.com` } = configured;
  return { bucket: name, region, appId: name.slice(-10), endpoint, prefix, role };
}
