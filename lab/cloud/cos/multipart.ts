import { createHash, randomUUID } from "node:crypto";

import type { WrittenBody } from "./bodies";
import { CosError, invalidArgument } from "./errors";
import { takesPrefix } from "./listing";
import { contentOf, keepBody, putObject } from "./objects";
import { receiveBody, receiveText, requireBucket, type CosCall, type Operation } from "./operation";
import type { PartRecord, UploadRecord } from "./records";
import { readXml, writeXml, type Xml } from "./xml";

const maxParts = 10_000;
/** Smallest part that is not the last, in bytes. */
const minPartBytes = 1024 * 1024;

/** @throws CosError `NoSuchBucket`, `NoSuchUpload` */
export function requireUpload(call: CosCall): UploadRecord {
  const bucket = requireBucket(call).id;
  const id = call.query.get("uploadId") ?? "";
  const upload = call.store.tables.uploads.get(id);
  if (upload?.bucket !== bucket || upload.key !== call.key) {
    throw new CosError(404, "NoSuchUpload", `There is no upload '${id}' of '${call.key}'.`);
  }
  return upload;
}

const initiate: Operation = {
  name: "InitiateMultipartUpload",
  method: "POST",
  scope: "object",
  parameter: "uploads",
  handle: (call) => {
    const { store, key } = call;
    const content = contentOf(call);
    const { result: upload } = store.transaction(() =>
      store.tables.uploads.put({
        id: randomUUID().replaceAll("-", ""),
        seq: store.next(),
        createdAt: call.now.toISOString(),
        bucket: requireBucket(call).id,
        key,
        content,
        parts: [],
      }),
    );
    const told = { Bucket: upload.bucket, Key: key, UploadId: upload.id };
    return { body: writeXml({ InitiateMultipartUploadResult: told }) };
  },
};

const uploadPart: Operation = {
  name: "UploadPart",
  method: "PUT",
  scope: "object",
  parameter: "partNumber",
  handle: async (call) => {
    const number = partNumber(call);
    requireUpload(call);
    const body = await receiveBody(call);
    return { headers: { etag: `"${keepPart(call, number, body)}"` } };
  },
};

/** Number of the part that a request is about. @throws CosError `InvalidArgument` */
export function partNumber(call: CosCall): number {
  const number = Number(call.query.get("partNumber"));
  if (!(Number.isInteger(number) && number >= 1 && number <= maxParts)) {
    throw invalidArgument(`partNumber is '${number}', it must be 1 to ${maxParts}.`);
  }
  return number;
}

/** Makes a body that is on disk a part of its upload, in the place of the one of its number. @returns its ETag */
export function keepPart(call: CosCall, number: number, { id, size, md5 }: WrittenBody): string {
  const etag = md5.toString("hex");
  keepBody(call, id, () => {
    const upload = requireUpload(call);
    const old = upload.parts.filter((each) => each.number === number);
    const part = { number, bodyId: id, size, etag, modifiedAt: call.now.toISOString() };
    const parts = [...upload.parts.filter((each) => each.number !== number), part];
    call.store.tables.uploads.put({ ...upload, parts });
    return old.map((each) => each.bodyId);
  });
  return etag;
}

/** The parts a request lists, found among those that were uploaded. @throws CosError when the list cannot be. */
function chosenParts(upload: UploadRecord, text: string): PartRecord[] {
  const listed = (readXml(text, "CompleteMultipartUpload")["Part"] ?? []) as Xml[];
  const numbers = listed.map((each) => Number(each["PartNumber"]));
  if (numbers.length === 0) {
    throw new CosError(400, "MalformedXML", "CompleteMultipartUpload lists no Part.");
  }
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] as number))) {
    throw new CosError(400, "InvalidPartOrder", "The parts are not in ascending order.");
  }
  return listed.map((each, index) => {
    const part = upload.parts.find(({ number }) => number === numbers[index]);
    // Go writes a quotation mark by its number, which the parser leaves as it is.
    const etag = (each["ETag"] as string).replaceAll(/"|&quot;|&#34;/g, "");
    if (!part || part.etag !== etag) {
      throw new CosError(
        400,
        "InvalidPart",
        `Part ${numbers[index]} with ETag ${etag} was not uploaded${part ? `: its ETag is ${part.etag}` : ""}.`,
      );
    }
    if (index < listed.length - 1 && part.size < minPartBytes) {
      throw new CosError(
        400,
        "EntityTooSmall",
        `Part ${part.number} has ${part.size} bytes; all but the last have ${minPartBytes} or more.`,
      );
    }
    return part;
  });
}

const complete: Operation = {
  name: "CompleteMultipartUpload",
  method: "POST",
  scope: "object",
  parameter: "uploadId",
  handle: async (call) => {
    const text = await receiveText(call);
    const parts = chosenParts(requireUpload(call), text);
    const body = await call.bodies.write(call.bodies.readAll(parts.map((each) => each.bodyId)));
    const digests = Buffer.concat(parts.map((each) => Buffer.from(each.etag, "hex")));
    const etag = `${createHash("md5").update(digests).digest("hex")}-${parts.length}`;
    keepBody(call, body.id, () => {
      const upload = requireUpload(call);
      call.store.tables.uploads.remove(upload.id);
      const written = { bodyId: body.id, size: body.size, etag };
      const replaced = putObject(call, upload.content, written);
      return [...replaced, ...upload.parts.map((each) => each.bodyId)];
    });
    const Location = `${call.headers["host"] ?? ""}/${call.key}`;
    return {
      body: writeXml({
        CompleteMultipartUploadResult: {
          Location,
          Bucket: call.bucketName,
          Key: call.key,
          ETag: `"${etag}"`,
        },
      }),
    };
  },
};

const abort: Operation = {
  name: "AbortMultipartUpload",
  method: "DELETE",
  scope: "object",
  parameter: "uploadId",
  handle: (call) => {
    const upload = requireUpload(call);
    call.store.transaction(() => call.store.tables.uploads.remove(upload.id));
    call.bodies.remove(upload.parts.map((each) => each.bodyId));
    return { status: 204 };
  },
};

const listParts: Operation = {
  name: "ListParts",
  method: "GET",
  scope: "object",
  parameter: "uploadId",
  handle: (call) => {
    const upload = requireUpload(call);
    const parts = [...upload.parts].sort((a, b) => a.number - b.number);
    return {
      body: writeXml({
        ListPartsResult: {
          Bucket: upload.bucket,
          Key: upload.key,
          UploadId: upload.id,
          StorageClass: upload.content.storageClass,
          MaxParts: maxParts,
          IsTruncated: false,
          Part: parts.map((part) => ({
            PartNumber: part.number,
            LastModified: part.modifiedAt,
            ETag: `"${part.etag}"`,
            Size: part.size,
          })),
        },
      }),
    };
  },
};

const listUploads: Operation = {
  name: "ListMultipartUploads",
  method: "GET",
  scope: "bucket",
  parameter: "uploads",
  takes: takesPrefix("ListMultipartUploads"),
  handle: (call) => {
    const { id } = requireBucket(call);
    const prefix = call.query.get("prefix") ?? "";
    const uploads = call.store.tables.uploads
      .list()
      .filter((each) => each.bucket === id && each.key.startsWith(prefix));
    return {
      body: writeXml({
        ListMultipartUploadsResult: {
          Bucket: id,
          Prefix: prefix,
          MaxUploads: 1000,
          IsTruncated: false,
          Upload: uploads.map((each) => ({
            Key: each.key,
            UploadId: each.id,
            StorageClass: each.content.storageClass,
            Initiated: each.createdAt,
          })),
        },
      }),
    };
  },
};

export const multipartOperations = [initiate, uploadPart, complete, abort, listParts, listUploads];
