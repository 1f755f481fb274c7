import type { Readable } from "node:stream";

import type { CloudSettings } from "../settings";
import type { Store } from "../store";
import type { Bodies, WrittenBody } from "./bodies";
import { CosError, invalidArgument } from "./errors";
import type { BucketRecord, ObjectRecord } from "./records";

/** One request to the object storage: read, and known whom it is from. */
export interface CosCall {
  store: Store;
  bodies: Bodies;
  settings: CloudSettings;
  now: Date;
  requestId: string;
  /** Empty when the service as a whole is meant. */
  bucketName: string;
  /** Decoded; empty when the bucket is meant. */
  key: string;
  query: URLSearchParams;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  /** Prefix of the headers that belong to the storage: `x-amz-` or `x-cos-`. */
  prefix: string;
  body: Readable;
  /**
   * Whether the caller may do something: an operation's name, to what has a path below the bucket's name.
   * @throws CosError `AccessDenied`
   */
  authorize(operation: string, path: string): void;
}

/** What is answered; status 200 unless said otherwise. */
export interface CosAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** A string is XML unless a content type is among the headers. */
  body?: string | Readable;
}

/** One thing the object storage does. */
export interface Operation {
  /** Name as in the vendor's documentation and in policies, without `cos:`. */
  name: string;
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  scope: "service" | "bucket" | "object";
  /** The query parameter that tells it from others of its method. */
  parameter?: string;
  /** It is told from others of its method by the source that a header names. */
  copies?: true;
  /**
   * What its caller has to be allowed, beside being known: operations, and paths below the service's name, `<bucket>/<key>`.
   * @default itself, to the object or the bucket
   */
  takes?: (call: CosCall) => [operation: string, path: string][];
  /** What it answers `NotImplemented` to, for docs/cloud-coverage.md. */
  refused?: string | undefined;
  handle(call: CosCall): CosAnswer | Promise<CosAnswer>;
}

/** Longest body of a request that is not an object's or a part's, in bytes. */
const maxDocumentBytes = 1024 * 1024;

/** The value of a header of the storage, whichever dialect the request is in. */
export function ownHeader(call: CosCall, name: string): string | undefined {
  return call.headers[`x-cos-${name}`] ?? call.headers[`x-amz-${name}`];
}

/** @throws CosError `NoSuchBucket` */
export function requireBucket({ store, bucketName }: CosCall): BucketRecord {
  const bucket = store.tables.buckets.get(bucketName);
  if (!bucket) {
    throw new CosError(404, "NoSuchBucket", `There is no bucket '${bucketName}'.`);
  }
  return bucket;
}

/** @throws CosError `NoSuchBucket`, `NoSuchKey` */
export function requireObject(call: CosCall): ObjectRecord {
  const bucket = requireBucket(call);
  const object = call.store.tables.objects.get(`${bucket.id}/${call.key}`);
  if (!object) {
    throw new CosError(404, "NoSuchKey", `${bucket.id} has no object '${call.key}'.`);
  }
  return object;
}

/**
 * Writes the body of a request to disk.
 * @throws CosError when it is not what the request's hashes say.
 */
export async function receiveBody(call: CosCall): Promise<WrittenBody> {
  const body = await call.bodies.write(call.body);
  try {
    checkHashes(call, body.md5, body.sha256);
  } catch (error) {
    call.bodies.remove([body.id]);
    throw error;
  }
  return body;
}

/** Reads a request's body that is a document. @throws CosError when it is too large or not what its hashes say. */
export async function receiveText(call: CosCall): Promise<string> {
  const length = Number(call.headers["content-length"] ?? 0);
  if (length > maxDocumentBytes) {
    throw new CosError(400, "EntityTooLarge", `The body has more than ${maxDocumentBytes} bytes.`);
  }
  const written = await receiveBody(call);
  const chunks: Buffer[] = [];
  if (written.size > 0) {
    for await (const chunk of call.bodies.read(written.id, 0, written.size - 1)) {
      chunks.push(chunk as Buffer);
    }
  }
  call.bodies.remove([written.id]);
  return Buffer.concat(chunks).toString("utf8");
}

function checkHashes({ headers }: CosCall, md5: Buffer, sha256: string): void {
  const claimed = headers["content-md5"];
  if (claimed !== undefined && Buffer.from(claimed, "base64").length !== 16) {
    throw new CosError(400, "InvalidDigest", `Content-MD5 '${claimed}' is no MD5 in base64.`);
  }
  if (claimed !== undefined && claimed !== md5.toString("base64")) {
    throw new CosError(
      400,
      "BadDigest",
      `Content-MD5 is ${claimed}, the body's is ${md5.toString("base64")}.`,
    );
  }
  const signed = headers["x-amz-content-sha256"];
  if (signed !== undefined && /^[0-9a-f]{64}$/.test(signed) && signed !== sha256) {
    throw new CosError(
      400,
      "XAmzContentSHA256Mismatch",
      `x-amz-content-sha256 is ${signed}, the body's is ${sha256}.`,
    );
  }
}

/** A whole number of the query. @throws CosError `InvalidArgument` */
export function numberOf(call: CosCall, name: string, fallback: number, max: number): number {
  const text = call.query.get(name) ?? String(fallback);
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= max)) {
    throw invalidArgument(`${name} is '${text}', it must be 0 to ${max}.`);
  }
  return value;
}
