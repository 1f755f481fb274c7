import { CosError, invalidArgument } from "./errors";
import { parseCosHost } from "./host";
import { keepPart, partNumber, requireUpload } from "./multipart";
import { contentOf, keepBody, putObject } from "./objects";
import { ownHeader, receiveBody, requireBucket, type CosCall, type Operation } from "./operation";
import type { ObjectRecord } from "./records";
import { writeXml } from "./xml";

/** Where a copy is made from. */
interface Source {
  bucket: string;
  key: string;
}

/**
 * Reads the header that names it: a host and a key, or in the other dialect a bucket and a key, with a slash before it or without.
 * @throws CosError `InvalidArgument`
 */
function sourceOf(call: CosCall): Source {
  const text = ownHeader(call, "copy-source") ?? "";
  const [, place = "", key = ""] = /^\/?([^/]+)\/(.+)$/.exec(text) ?? [];
  const bucket = call.prefix === "x-amz-" ? place : (parseCosHost(place)?.bucket ?? "");
  if (bucket === "" || key === "") {
    const form =
      call.prefix === "x-amz-" ? "<bucket>/<key>" : "<bucket>.cos.<region>.<domain>/<key>";
    throw invalidArgument(`The source of the copy is '${text}', it must be ${form}.`);
  }
  if (key.includes("?")) {
    throw new CosError(501, "NotImplemented", "Copies of a version are not served.");
  }
  return { bucket, key: decodeURIComponent(key) };
}

/** @throws CosError `NoSuchBucket`, `NoSuchKey` */
function requireSource({ store }: CosCall, { bucket, key }: Source): ObjectRecord {
  const object = store.tables.objects.get(`${bucket}/${key}`);
  if (object) return object;
  const there = store.tables.buckets.get(bucket) !== undefined;
  const code = there ? "NoSuchKey" : "NoSuchBucket";
  throw new CosError(404, code, `There is no '${bucket}/${key}' to copy.`);
}

/** Reading the source, and an act on what is made of it. */
const takes =
  (...operations: string[]): NonNullable<Operation["takes"]> =>
  (call) => {
    const { bucket, key } = sourceOf(call);
    const target = `${call.bucketName}/${call.key}`;
    return [
      ["GetObject", `${bucket}/${key}`],
      ...operations.map((operation): [string, string] => [operation, target]),
    ];
  };

/** What a copy will be like: as its source is, or as the request says. @throws CosError `InvalidArgument` */
function copiedContent(call: CosCall, source: ObjectRecord): ReturnType<typeof contentOf> {
  const content = contentOf(call);
  const directive = ownHeader(call, "metadata-directive") ?? "Copy";
  if (/^copy$/i.test(directive)) return { ...content, headers: source.headers, meta: source.meta };
  if (/^replaced?$/i.test(directive)) return content;
  throw invalidArgument(`The metadata directive is '${directive}', it must be Copy or Replaced.`);
}

const copyObject: Operation = {
  name: "PutObjectCopy",
  method: "PUT",
  scope: "object",
  copies: true,
  takes: takes("PutObject"),
  handle: async (call) => {
    requireBucket(call);
    const from = sourceOf(call);
    const source = requireSource(call, from);
    if (from.bucket === call.bucketName && from.key === call.key) {
      throw new CosError(501, "NotImplemented", "A copy of an object onto itself is not served.");
    }
    const content = copiedContent(call, source);
    call.bodies.remove([(await receiveBody(call)).id]);
    const { id: bodyId, size, md5 } = await call.bodies.write(call.bodies.readAll([source.bodyId]));
    const etag = md5.toString("hex");
    keepBody(call, bodyId, () => putObject(call, content, { bodyId, size, etag }));
    const LastModified = call.now.toISOString();
    return { body: writeXml({ CopyObjectResult: { ETag: `"${etag}"`, LastModified } }) };
  },
};

/** Bytes of the source that a part is made of; all without the header. @throws CosError `InvalidArgument`, `InvalidRange` */
function copiedRange(call: CosCall, { size }: ObjectRecord): [number, number] {
  const header = ownHeader(call, "copy-source-range");
  if (header === undefined) return [0, size - 1];
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || last === undefined) {
    throw invalidArgument(
      `The range of the source is '${header}', it must be bytes=<first>-<last>.`,
    );
  }
  if (Number(first) > Number(last) || Number(last) >= size) {
    throw new CosError(416, "InvalidRange", `The range '${header}' is not within ${size} bytes.`);
  }
  return [Number(first), Number(last)];
}

const copyPart: Operation = {
  name: "UploadPartCopy",
  method: "PUT",
  scope: "object",
  parameter: "partNumber",
  copies: true,
  takes: takes("UploadPartCopy"),
  handle: async (call) => {
    const number = partNumber(call);
    requireUpload(call);
    const source = requireSource(call, sourceOf(call));
    const [first, last] = copiedRange(call, source);
    call.bodies.remove([(await receiveBody(call)).id]);
    const copied =
      first > last ? call.bodies.readAll([]) : call.bodies.read(source.bodyId, first, last);
    const body = await call.bodies.write(copied);
    const etag = keepPart(call, number, body);
    const LastModified = call.now.toISOString();
    return { body: writeXml({ CopyPartResult: { ETag: `"${etag}"`, LastModified } }) };
  },
};

export const copyOperations = [copyObject, copyPart];
