import { encode } from "./encoding";
import { numberOf, requireBucket, type CosCall, type Operation } from "./operation";
import type { ObjectRecord } from "./records";
import { writeXml, type Xml } from "./xml";

/** Most keys of one answer. */
const maxKeys = 1000;

interface Listing {
  objects: ObjectRecord[];
  /** Common prefixes: what stands for all keys that go on after the delimiter. */
  prefixes: string[];
  /** The last thing listed, if there is more. */
  next: string | undefined;
  limit: number;
}

/** Keys after `marker` in byte order, at most max-keys of them and of common prefixes together. */
function list(call: CosCall, marker: string): Listing {
  const { id } = requireBucket(call);
  const prefix = call.query.get("prefix") ?? "";
  const delimiter = call.query.get("delimiter") ?? "";
  const limit = numberOf(call, "max-keys", maxKeys, maxKeys);
  const objects = call.store.tables.objects
    .list()
    .filter((each) => each.bucket === id && each.key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const entries = new Map<string, ObjectRecord | undefined>();
  for (const object of objects) {
    const end = delimiter === "" ? -1 : object.key.indexOf(delimiter, prefix.length);
    const common = end < 0 ? undefined : object.key.slice(0, end + delimiter.length);
    entries.set(common ?? object.key, common === undefined ? object : undefined);
  }
  const after = [...entries].filter(
    ([name]) => Buffer.compare(Buffer.from(name), Buffer.from(marker)) > 0,
  );
  const page = after.slice(0, limit);
  return {
    objects: page.flatMap(([, object]) => object ?? []),
    prefixes: page.flatMap(([name, object]) => (object ? [] : name)),
    next: after.length > page.length ? page.at(-1)?.[0] : undefined,
    limit,
  };
}

function common(call: CosCall, { prefixes, next, limit }: Listing): Xml {
  const name = writer(call);
  return {
    Name: call.bucketName,
    ...(call.query.get("encoding-type") === "url" && { EncodingType: "url" }),
    Prefix: name(call.query.get("prefix") ?? ""),
    Delimiter: name(call.query.get("delimiter") ?? ""),
    MaxKeys: limit,
    IsTruncated: next !== undefined,
    CommonPrefixes: prefixes.map((each) => ({ Prefix: name(each) })),
  };
}

/** How names are written: percent-encoded when `encoding-type` asks for it. */
function writer(call: CosCall): (name: string) => string {
  return call.query.get("encoding-type") === "url" ? encode : (name) => name;
}

function contents(call: CosCall, object: ObjectRecord): Xml {
  const { uin } = call.settings.account;
  return {
    Key: writer(call)(object.key),
    LastModified: object.modifiedAt,
    ETag: `"${object.etag}"`,
    Size: object.size,
    Owner: { ID: uin, DisplayName: uin },
    StorageClass: object.storageClass,
  };
}

/** A list is allowed where what it is to begin with is (product document 598/57092: `<bucket>/<resource path>`). */
export const takesPrefix =
  (name: string): NonNullable<Operation["takes"]> =>
  ({ bucketName, query }) => [[name, `${bucketName}/${query.get("prefix") ?? ""}`]];

const listObjects: Operation = {
  name: "GetBucket",
  method: "GET",
  scope: "bucket",
  takes: takesPrefix("GetBucket"),
  handle: (call) => {
    const second = call.query.get("list-type") === "2";
    const marker = second
      ? (call.query.get("continuation-token") ?? call.query.get("start-after") ?? "")
      : (call.query.get("marker") ?? "");
    const found = list(call, marker);
    const name = writer(call);
    const paging: Xml = second
      ? {
          KeyCount: found.objects.length + found.prefixes.length,
          ...(found.next !== undefined && { NextContinuationToken: found.next }),
        }
      : {
          Marker: name(marker),
          ...(found.next !== undefined && { NextMarker: name(found.next) }),
        };
    return {
      body: writeXml({
        ListBucketResult: {
          ...common(call, found),
          ...paging,
          Contents: found.objects.map((each) => contents(call, each)),
        },
      }),
    };
  },
};

/** Objects have one version each, as in a bucket that never had versioning on. */
const listObjectVersions: Operation = {
  name: "GetBucketObjectVersions",
  method: "GET",
  scope: "bucket",
  parameter: "versions",
  takes: takesPrefix("GetBucketObjectVersions"),
  handle: (call) => {
    const marker = call.query.get("key-marker") ?? "";
    const found = list(call, marker);
    return {
      body: writeXml({
        ListVersionsResult: {
          ...common(call, found),
          KeyMarker: writer(call)(marker),
          ...(found.next !== undefined && { NextKeyMarker: writer(call)(found.next) }),
          Version: found.objects.map((each) => ({
            ...contents(call, each),
            VersionId: "null",
            IsLatest: true,
          })),
        },
      }),
    };
  },
};

export const listingOperations = [listObjects, listObjectVersions];
