import { aclHeader } from "./acl";
import { CosError, invalidArgument } from "./errors";
import {
  ownHeader,
  receiveBody,
  receiveText,
  requireBucket,
  requireObject,
  type CosAnswer,
  type CosCall,
  type Operation,
} from "./operation";
import type { ObjectRecord, UploadRecord } from "./records";
import { readXml, writeXml, type Xml } from "./xml";

/** Longest key, in bytes. */
const maxKeyBytes = 850;
/** Most objects of one multiple delete. */
const maxDeletes = 1000;
const keptHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

/** What a request says its object will be like. @throws CosError when it asks for what the lab does not do. */
export function contentOf(call: CosCall): UploadRecord["content"] {
  if (Buffer.byteLength(call.key) > maxKeyBytes) {
    throw new CosError(400, "KeyTooLong", `The key has more than ${maxKeyBytes} bytes.`);
  }
  const given = Object.entries(call.headers).filter((each): each is [string, string] => !!each[1]);
  return {
    headers: Object.fromEntries(given.filter(([name]) => keptHeaders.includes(name))),
    meta: Object.fromEntries(
      given.flatMap(([name, value]) => {
        const own = /^x-(?:cos|amz)-meta-(.+)$/.exec(name)?.[1];
        return own === undefined ? [] : [[own, value]];
      }),
    ),
    storageClass: ownHeader(call, "storage-class") ?? "STANDARD",
    acl: aclHeader(call) ?? "default",
  };
}

/** Makes or replaces an object. Answers the name of the body that nothing names any more. */
export function putObject(
  call: CosCall,
  content: UploadRecord["content"],
  body: Pick<ObjectRecord, "bodyId" | "size" | "etag">,
): string[] {
  const { store, now, key } = call;
  const bucket = requireBucket(call).id;
  const id = `${bucket}/${key}`;
  const old = store.tables.objects.get(id);
  const at = now.toISOString();
  const place = { id, seq: old?.seq ?? store.next(), createdAt: at, modifiedAt: at };
  store.tables.objects.put({ ...place, bucket, key, ...content, ...body, tagging: "" });
  return old ? [old.bodyId] : [];
}

/** Runs `work` on a body just received; undone, the body goes. What `work` answers are bodies no longer named. */
export function keepBody(call: CosCall, bodyId: string, work: () => string[]): void {
  try {
    call.bodies.remove(call.store.transaction(work).result);
  } catch (error) {
    call.bodies.remove([bodyId]);
    throw error;
  }
}

const put: Operation = {
  name: "PutObject",
  method: "PUT",
  scope: "object",
  handle: async (call) => {
    requireBucket(call);
    const content = contentOf(call);
    const { id: bodyId, size, md5 } = await receiveBody(call);
    const etag = md5.toString("hex");
    keepBody(call, bodyId, () => putObject(call, content, { bodyId, size, etag }));
    return { headers: { etag: `"${etag}"` } };
  },
};

function headersOf(call: CosCall, object: ObjectRecord): Record<string, string> {
  const { prefix } = call;
  return {
    "content-type": "application/octet-stream",
    ...object.headers,
    ...Object.fromEntries(
      Object.entries(object.meta).map(([name, value]) => [`${prefix}meta-${name}`, value]),
    ),
    ...(object.storageClass !== "STANDARD" && { [`${prefix}storage-class`]: object.storageClass }),
    etag: `"${object.etag}"`,
    "last-modified": new Date(object.modifiedAt).toUTCString(),
    "accept-ranges": "bytes",
    "content-length": String(object.size),
  };
}

/** Bytes a Range header asks for; undefined = all. @throws CosError `InvalidRange` */
function rangeOf(header: string | undefined, size: number): [number, number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) {
    return undefined;
  }
  const [first, last] =
    match[1] === ""
      ? [Math.max(0, size - Number(match[2])), size - 1]
      : [Number(match[1]), match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1)];
  if (first > last) {
    throw new CosError(
      416,
      "InvalidRange",
      `The range '${header ?? ""}' is not within ${size} bytes.`,
    );
  }
  return [first, last];
}

const get: Operation = {
  name: "GetObject",
  method: "GET",
  scope: "object",
  handle: (call) => {
    const object = requireObject(call);
    const headers = headersOf(call, object);
    const range = rangeOf(call.headers["range"], object.size);
    const [first, last] = range ?? [0, object.size - 1];
    const answer: CosAnswer = range
      ? {
          status: 206,
          headers: {
            ...headers,
            "content-length": String(last - first + 1),
            "content-range": `bytes ${first}-${last}/${object.size}`,
          },
        }
      : { headers };
    if (object.size === 0) {
      return answer;
    }
    return { ...answer, body: call.bodies.read(object.bodyId, first, last) };
  },
};

const head: Operation = {
  name: "HeadObject",
  method: "HEAD",
  scope: "object",
  handle: (call) => ({ headers: headersOf(call, requireObject(call)) }),
};

/** What is not there is deleted too. */
function deleteObject({ store, bodies, bucketName }: CosCall, key: string): void {
  const id = `${bucketName}/${key}`;
  const object = store.tables.objects.get(id);
  if (object) {
    store.transaction(() => store.tables.objects.remove(id));
    bodies.remove([object.bodyId]);
  }
}

const remove: Operation = {
  name: "DeleteObject",
  method: "DELETE",
  scope: "object",
  handle: (call) => {
    requireBucket(call);
    deleteObject(call, call.key);
    return { status: 204 };
  },
};

const removeMany: Operation = {
  name: "DeleteMultipleObjects",
  method: "POST",
  scope: "bucket",
  parameter: "delete",
  // Each object by itself, once the request has been read.
  takes: () => [],
  handle: async (call) => {
    requireBucket(call);
    const request = readXml(await receiveText(call), "Delete");
    const keys = ((request["Object"] ?? []) as Xml[]).map((each) => each["Key"] as string);
    if (keys.length === 0 || keys.length > maxDeletes) {
      throw invalidArgument(`Delete names ${keys.length} objects, it must be 1 to ${maxDeletes}.`);
    }
    const refused = keys.flatMap((Key): Xml[] => {
      try {
        call.authorize("DeleteMultipleObjects", `${call.bucketName}/${Key}`);
        return [];
      } catch (error) {
        return [{ Key, Code: "AccessDenied", Message: (error as Error).message }];
      }
    });
    const deleted = keys.filter((key) => refused.every(({ Key }) => Key !== key));
    deleted.forEach((key) => deleteObject(call, key));
    const told = request["Quiet"] === "true" ? [] : deleted;
    return {
      body: writeXml({
        DeleteResult: { Deleted: told.map((Key) => ({ Key })), Error: refused },
      }),
    };
  },
};

function setTagging(call: CosCall, tagging: string): void {
  call.store.transaction(() => {
    call.store.tables.objects.put({ ...requireObject(call), tagging });
  });
}

const getTagging: Operation = {
  name: "GetObjectTagging",
  method: "GET",
  scope: "object",
  parameter: "tagging",
  handle: (call) => ({
    body: requireObject(call).tagging || writeXml({ Tagging: { TagSet: "" } }),
  }),
};

const putTagging: Operation = {
  name: "PutObjectTagging",
  method: "PUT",
  scope: "object",
  parameter: "tagging",
  handle: async (call) => {
    const text = await receiveText(call);
    readXml(text, "Tagging");
    setTagging(call, text);
    return {};
  },
};

const deleteTagging: Operation = {
  name: "DeleteObjectTagging",
  method: "DELETE",
  scope: "object",
  parameter: "tagging",
  handle: (call) => {
    setTagging(call, "");
    return { status: 204 };
  },
};

export const objectOperations = [
  put,
  get,
  head,
  remove,
  removeMany,
  getTagging,
  putTagging,
  deleteTagging,
];
