import type { BaseRecord } from "../records";

/** A bucket; its id is its name with the account's number: `<name>-<appid>`. */
export interface BucketRecord extends BaseRecord {
  acl: CannedAcl;
  /** What was put to each of its sub-resources, as it was sent; e.g. `lifecycle`. */
  configuration: Record<string, string>;
}

/** An object; id is `<bucket>/<key>`. */
export interface ObjectRecord extends BaseRecord {
  bucket: string;
  key: string;
  /** Name of the file with the body. Never used again, so that a body and its record change together. */
  bodyId: string;
  size: number;
  /** Without quotes. */
  etag: string;
  modifiedAt: string;
  /** Standard headers given at upload and answered at download, e.g. `content-type`. */
  headers: Record<string, string>;
  /** The customer's own, without the prefix of the signature's kind. */
  meta: Record<string, string>;
  storageClass: string;
  acl: CannedAcl | "default";
  /** XML as it was sent; empty = no tags. */
  tagging: string;
}

/** An upload in parts that is not complete; id is the upload id. */
export interface UploadRecord extends BaseRecord {
  bucket: string;
  key: string;
  /** What the object will be like. */
  content: Pick<ObjectRecord, "headers" | "meta" | "storageClass" | "acl">;
  parts: PartRecord[];
}

export interface PartRecord {
  number: number;
  bodyId: string;
  size: number;
  etag: string;
  modifiedAt: string;
}

export const cannedAcls = ["private", "public-read", "public-read-write"] as const;
export type CannedAcl = (typeof cannedAcls)[number];
