import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { request as httpRequest } from "node:http";
import path from "node:path";

import COS from "cos-nodejs-sdk-v5";

import { clientsFor, credential, startTestCloud, type TestCloud } from "./support/cloud";
import { appId, cosDomain, cosFor, region } from "./support/cos";

let cloud: TestCloud;
let cos: COS;
const bucket = { Bucket: `data-${appId}`, Region: region };
const reader = { secretId: "AKIDreader", secretKey: "reader-key" };

beforeEach(async () => {
  cloud = await startTestCloud({
    credentials: [
      credential,
      {
        ...reader,
        policy: {
          version: "2.0",
          statement: [{ effect: "allow", action: ["name/cos:Get*"], resource: "*" }],
        },
      },
    ],
  });
  cos = cosFor(cloud.cloud.apiPort);
});
afterEach(() => cloud.close());

/** The code a call fails with; `ok` when it does not. An answer without a body has its status only. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const object = (Key: string) => ({ ...bucket, Key });
const put = (Key: string, Body: string | Buffer = "hello") =>
  cos.putObject({ ...object(Key), Body });
const read = async (Key: string) => (await cos.getObject(object(Key))).Body;
const bodyFiles = () => readdirSync(path.join(cloud.stateDir, "objects"));

const bucketHost = (name = bucket.Bucket) => `${name}.cos.${region}.${cosDomain}`;

/** A request of any kind, as to a proxy; signed when `authorization` is given. */
function raw(
  method: string,
  host: string,
  target: string,
  authorization?: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      {
        host: "127.0.0.1",
        port: cloud.cloud.apiPort,
        method,
        path: `http://${host}${target}`,
        headers: { host, ...(authorization !== undefined && { authorization }) },
      },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      },
    );
    call.on("error", reject).end();
  });
}

/** The code of a signed request to a bucket; what the SDK refuses or hides is sent too. */
async function signedCode(Method: string, name: string, parameter?: string): Promise<string> {
  const authorization = COS.getAuthorization({
    SecretId: credential.secretId,
    SecretKey: credential.secretKey,
    Method: Method as COS.Method,
    Query: parameter === undefined ? {} : { [parameter]: "" },
    Headers: { Host: bucketHost(name) },
  });
  const target = parameter === undefined ? "/" : `/?${parameter}`;
  const { text } = await raw(Method, bucketHost(name), target, authorization);
  return /<Code>(.+)<\/Code>/.exec(text)?.[1] ?? "ok";
}

test("a bucket lives its life", async () => {
  expect(await outcome(cos.headBucket(bucket))).toBe("404");
  await cos.putBucket(bucket);
  expect(await outcome(cos.headBucket(bucket))).toBe("ok");
  expect(await outcome(cos.putBucket(bucket))).toBe("BucketAlreadyOwnedByYou");
  expect((await cos.getService({})).Buckets).toMatchObject([
    { Name: bucket.Bucket, Location: region },
  ]);
  await put("a");
  expect(await outcome(cos.deleteBucket(bucket))).toBe("BucketNotEmpty");
  expect(await cloud.admin("GET", "/resources")).toMatchObject({
    buckets: [bucket.Bucket],
    objects: [`${bucket.Bucket}/a`],
  });
  await cos.deleteObject(object("a"));
  await cos.deleteBucket(bucket);
  expect(await outcome(cos.getBucket(bucket))).toBe("NoSuchBucket");
});

test.each<[string, string, string]>([
  ["underscores", `my_data-${appId}`, "InvalidBucketName"],
  ["no appid", "data", "InvalidBucketName"],
  ["a name too long", `${"d".repeat(51)}-${appId}`, "InvalidBucketName"],
  ["another account's appid", "data-1299999999", "AccessDenied"],
])("a bucket with %s is refused", async (_, name, code) => {
  expect(await signedCode("PUT", name)).toBe(code);
});

describe("objects", () => {
  beforeEach(() => cos.putBucket(bucket));

  test.each(["a", "deep/er/key", "a b/ü+&=?#%.txt", "dots/../x", "*'()!~"])(
    "'%s' is put, read, replaced and deleted",
    async (Key) => {
      const { ETag } = await put(Key);
      expect(ETag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
      expect((await read(Key)).toString()).toBe("hello");
      await put(Key, "other");
      expect((await read(Key)).toString()).toBe("other");
      expect((await cos.getBucket(bucket)).Contents.map((each) => each.Key)).toEqual([Key]);
      expect(bodyFiles()).toHaveLength(1);
      await cos.deleteObject(object(Key));
      expect(await outcome(cos.getObject(object(Key)))).toBe("NoSuchKey");
      expect(await outcome(cos.deleteObject(object(Key)))).toBe("ok");
      expect(bodyFiles()).toEqual([]);
    },
  );

  test("what was said of an object is answered with it", async () => {
    await cos.putObject({
      ...object("a"),
      Body: "x",
      ContentType: "text/plain",
      CacheControl: "no-store",
      StorageClass: "STANDARD_IA",
      "x-cos-meta-sha256": "abc",
    });
    expect((await cos.headObject(object("a"))).headers).toMatchObject({
      "content-type": "text/plain",
      "cache-control": "no-store",
      "content-length": "1",
      "x-cos-storage-class": "STANDARD_IA",
      "x-cos-meta-sha256": "abc",
    });
  });

  test.each<[string, string]>([
    ["bytes=0-0", "0"],
    ["bytes=7-", "789"],
    ["bytes=-2", "89"],
    ["bytes=8-100", "89"],
  ])("range %s", async (Range, expected) => {
    await put("n", "0123456789");
    const answer = await cos.getObject({ ...object("n"), Range });
    expect([answer.statusCode, answer.Body.toString()]).toEqual([206, expected]);
  });

  test("a range outside, an empty body", async () => {
    await put("n", "");
    expect((await read("n")).length).toBe(0);
    const beyond = cos.getObject({ ...object("n"), Range: "bytes=5-" });
    expect(await outcome(beyond)).toBe("InvalidRange");
  });

  test("a body that is not what its MD5 says is refused and not kept", async () => {
    const ContentMD5 = createHash("md5").update("other").digest("base64");
    const call = cos.putObject({
      ...object("a"),
      Body: "x",
      Headers: { "Content-MD5": ContentMD5 },
    });
    expect(await outcome(call)).toBe("BadDigest");
    expect(await outcome(cos.headObject(object("a")))).toBe("404");
    expect(bodyFiles()).toEqual([]);
  });

  test("keys are listed in byte order, by prefix, folded at the delimiter, in pages", async () => {
    for (const key of ["b/1", "a", "b/2", "c/1", "Z", "b0"]) {
      await put(key);
    }
    const names = async (query: object) => {
      const found = await cos.getBucket({ ...bucket, ...query });
      return [
        ...found.Contents.map((each) => each.Key),
        ...found.CommonPrefixes.map((each) => each.Prefix),
        ...(found.IsTruncated === "true" ? [`more after ${String(found.NextMarker)}`] : []),
      ];
    };
    expect(await names({})).toEqual(["Z", "a", "b/1", "b/2", "b0", "c/1"]);
    expect(await names({ Prefix: "b/" })).toEqual(["b/1", "b/2"]);
    expect(await names({ Delimiter: "/" })).toEqual(["Z", "a", "b0", "b/", "c/"]);
    expect(await names({ MaxKeys: 2 })).toEqual(["Z", "a", "more after a"]);
    expect(await names({ MaxKeys: 2, Marker: "a", Delimiter: "/" })).toEqual([
      "b0",
      "b/",
      "more after b0",
    ]);
    expect(await outcome(cos.getBucket({ ...bucket, MaxKeys: -1 }))).toBe("InvalidArgument");
  });

  test("many are deleted at once", async () => {
    for (const key of ["a", "b", "c"]) {
      await put(key);
    }
    const Objects = [{ Key: "a" }, { Key: "b" }, { Key: "gone" }];
    const { Deleted } = await cos.deleteMultipleObject({ ...bucket, Objects });
    expect(Deleted.map((each) => each.Key)).toEqual(["a", "b", "gone"]);
    expect((await cos.getBucket(bucket)).Contents.map((each) => each.Key)).toEqual(["c"]);
  });

  test("tags of an object", async () => {
    await put("a");
    const Tags = [{ Key: "k", Value: "v" }];
    await cos.putObjectTagging({ ...object("a"), Tags });
    expect((await cos.getObjectTagging(object("a"))).Tags).toEqual(Tags);
    await cos.deleteObjectTagging(object("a"));
    expect((await cos.getObjectTagging(object("a"))).Tags).toEqual([]);
  });

  const copy = (Key: string, from: string, more: object = {}) =>
    cos.putObjectCopy({ ...object(Key), CopySource: `${bucketHost()}/${from}`, ...more });

  test("a copy has its source's content and headers, unless others are given", async () => {
    const said = { ContentType: "text/plain", "x-cos-meta-of": "a" };
    await cos.putObject({ ...object("a b"), Body: "hello", ...said });
    const { ETag } = await copy("kept", "a%20b");
    expect(ETag).toBe(`"${createHash("md5").update("hello").digest("hex")}"`);
    expect((await read("kept")).toString()).toBe("hello");
    const headers = async (Key: string) => (await cos.headObject(object(Key))).headers;
    expect(await headers("kept")).toMatchObject({
      ...{ "content-type": "text/plain", "x-cos-meta-of": "a" },
    });
    await copy("given", "a%20b", { MetadataDirective: "Replaced", ContentType: "text/html" });
    expect(await headers("given")).toMatchObject({ "content-type": "text/html" });
    expect(await headers("given")).not.toHaveProperty("x-cos-meta-of");
    await cos.deleteObject(object("a b"));
    expect((await read("kept")).toString()).toBe("hello");
  });

  test.each([
    ["nothing", "gone", "NoSuchKey"],
    ["itself", "b", "NotImplemented"],
    ["a version", "a?versionId=1", "NotImplemented"],
  ])("a copy of %s is refused", async (_, from, code) => {
    await put("a");
    await put("b");
    expect(await outcome(copy("b", from))).toBe(code);
    expect((await read("b")).toString()).toBe("hello");
  });

  test("a source is named by its host, in this dialect", async () => {
    await put("a");
    const CopySource = `${bucket.Bucket}/a`;
    expect(await outcome(cos.putObjectCopy({ ...object("b"), CopySource }))).toBe(
      "InvalidArgument",
    );
  });
});

describe("uploads in parts", () => {
  const part = randomBytes(1024 * 1024);
  let id: string;
  beforeEach(async () => {
    await cos.putBucket(bucket);
    id = (await cos.multipartInit(object("big"))).UploadId;
  });
  const upload = async (PartNumber: number, Body: Buffer) =>
    (await cos.multipartUpload({ ...object("big"), UploadId: id, PartNumber, Body })).ETag;
  const uploads = () => cos.multipartList({ ...bucket, Prefix: "", Delimiter: "" });
  const complete = (Parts: { PartNumber: number; ETag: string }[]) =>
    cos.multipartComplete({ ...object("big"), UploadId: id, Parts });

  test("become one object, in the order of their numbers", async () => {
    const last = await upload(2, Buffer.from("end"));
    await upload(1, Buffer.from("replaced"));
    const first = await upload(1, part);
    const listed = await cos.multipartListPart({ ...object("big"), UploadId: id });
    expect(listed.Part).toMatchObject([
      { PartNumber: "1", Size: String(part.length) },
      { PartNumber: "2", Size: "3" },
    ]);
    expect(await outcome(cos.headObject(object("big")))).toBe("404");
    const { ETag } = await complete([
      { PartNumber: 1, ETag: first },
      { PartNumber: 2, ETag: last },
    ]);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(Buffer.concat([part, Buffer.from("end")]).equals(await read("big"))).toBe(true);
    expect(bodyFiles()).toHaveLength(1);
    expect((await uploads()).Upload).toEqual([]);
  });

  test("are made of parts of an object, too", async () => {
    await put("whole", Buffer.concat([part, Buffer.from("end")]));
    const copied = async (PartNumber: number, CopySourceRange?: string) =>
      (
        await cos.uploadPartCopy({
          ...{ ...object("big"), UploadId: id, PartNumber },
          CopySource: `${bucketHost()}/whole`,
          ...(CopySourceRange !== undefined && { CopySourceRange }),
        })
      ).ETag;
    const [first, last] = [
      await copied(1, `bytes=0-${part.length - 1}`),
      await copied(2, `bytes=${part.length}-${part.length + 2}`),
    ];
    await complete([
      { PartNumber: 1, ETag: first },
      { PartNumber: 2, ETag: last },
    ]);
    expect(Buffer.concat([part, Buffer.from("end")]).equals(await read("big"))).toBe(true);
    id = (await cos.multipartInit(object("big"))).UploadId;
    expect(await outcome(copied(1, `bytes=0-${part.length + 3}`))).toBe("InvalidRange");
    expect(await outcome(copied(1, "all of it"))).toBe("InvalidArgument");
    expect(await outcome(copied(1))).toBe("ok");
  });

  test("can be given up, and stand in the way of the bucket's end until then", async () => {
    await upload(1, part);
    expect((await uploads()).Upload).toMatchObject([{ Key: "big", UploadId: id }]);
    expect(await outcome(cos.deleteBucket(bucket))).toBe("BucketNotEmpty");
    await cos.multipartAbort({ ...object("big"), UploadId: id });
    expect(bodyFiles()).toEqual([]);
    expect(await outcome(upload(1, part))).toBe("NoSuchUpload");
    expect(await outcome(cos.deleteBucket(bucket))).toBe("ok");
  });

  test.each<[string, (tags: string[]) => { PartNumber: number; ETag: string }[], string]>([
    [
      "a part that was not uploaded",
      (t) => [{ PartNumber: 9, ETag: t[0] as string }],
      "InvalidPart",
    ],
    ["another ETag", (t) => [{ PartNumber: 1, ETag: t[1] as string }], "InvalidPart"],
    [
      "the wrong order",
      (t) => [
        { PartNumber: 2, ETag: t[1] as string },
        { PartNumber: 1, ETag: t[0] as string },
      ],
      "InvalidPartOrder",
    ],
    [
      "a small part that is not the last",
      (t) => [
        { PartNumber: 1, ETag: t[0] as string },
        { PartNumber: 2, ETag: t[1] as string },
      ],
      "EntityTooSmall",
    ],
  ])("%s is refused and the upload goes on", async (_, choose, code) => {
    const tags = [await upload(1, Buffer.from("small")), await upload(2, part)];
    expect(await outcome(complete(choose(tags)))).toBe(code);
    expect(await outcome(complete([{ PartNumber: 2, ETag: tags[1] as string }]))).toBe("ok");
  });
});

describe("settings of a bucket", () => {
  beforeEach(() => cos.putBucket(bucket));

  test.each<
    [string, () => Promise<unknown>, () => Promise<unknown>, object, () => Promise<unknown>]
  >([
    [
      "lifecycle",
      () =>
        cos.putBucketLifecycle({
          ...bucket,
          Rules: [
            { ID: "old", Status: "Enabled", Filter: { Prefix: "s/" }, Expiration: { Days: 7 } },
          ],
        } as never),
      () => cos.getBucketLifecycle(bucket),
      { Rules: [{ ID: "old", Expiration: { Days: "7" } }] },
      () => cos.deleteBucketLifecycle(bucket),
    ],
    [
      "cors",
      () =>
        cos.putBucketCors({
          ...bucket,
          CORSRules: [{ AllowedOrigin: ["*"], AllowedMethod: ["GET"] }],
        }),
      () => cos.getBucketCors(bucket),
      { CORSRules: [{ AllowedOrigins: ["*"] }] },
      () => cos.deleteBucketCors(bucket),
    ],
    [
      "tags",
      () => cos.putBucketTagging({ ...bucket, Tags: [{ Key: "k", Value: "v" }] }),
      () => cos.getBucketTagging(bucket),
      { Tags: [{ Key: "k", Value: "v" }] },
      () => cos.deleteBucketTagging(bucket),
    ],
    [
      "website",
      () =>
        cos.putBucketWebsite({
          ...bucket,
          WebsiteConfiguration: { IndexDocument: { Suffix: "i.html" } },
        }),
      () => cos.getBucketWebsite(bucket),
      { WebsiteConfiguration: { IndexDocument: { Suffix: "i.html" } } },
      () => cos.deleteBucketWebsite(bucket),
    ],
  ])("%s are put, read and deleted", async (_, write, get, expected, remove) => {
    const before = await outcome(get());
    await write();
    expect(await get()).toMatchObject(expected);
    await remove();
    expect(await outcome(get())).toBe(before);
  });

  test.each([
    ["website", "NoSuchWebsiteConfiguration"],
    ["encryption", "NoSuchEncryptionConfiguration"],
    ["cors", "NoSuchCORSConfiguration"],
    ["lifecycle", "NoSuchLifecycleConfiguration"],
    ["tagging", "NoSuchTagSet"],
    ["intelligenttiering", "NoSuchIntelligentTieringConfiguration"],
    ["object-lock", "NoSuchObjectLockConfiguration"],
    ["policy", "NoSuchBucketPolicy"],
    ["versioning", "ok"],
    ["accelerate", "ok"],
    ["logging", "ok"],
    ["inventory", "NotImplemented"],
  ])("without any, ?%s answers %s", async (parameter, code) => {
    expect(await signedCode("GET", bucket.Bucket, parameter)).toBe(code);
  });

  test("a document of another kind, and one that would change objects, are refused", async () => {
    const versioning = (Status: "Enabled" | "Suspended") =>
      outcome(cos.putBucketVersioning({ ...bucket, VersioningConfiguration: { Status } }));
    expect(await versioning("Enabled")).toBe("NotImplemented");
    expect(await versioning("Suspended")).toBe("ok");
    expect(await signedCode("PUT", bucket.Bucket, "lifecycle")).toBe("MalformedXML");
    expect(await signedCode("PUT", bucket.Bucket, "policy")).toBe("MalformedPolicy");
  });

  test("a public object is read by anybody, and only that", async () => {
    const host = bucketHost();
    await put("a");
    expect((await raw("GET", host, "/a")).status).toBe(403);
    await cos.putObjectAcl({ ...object("a"), ACL: "public-read" });
    expect((await raw("GET", host, "/a")).text).toBe("hello");
    await put("b");
    expect((await raw("GET", host, "/b")).text).toContain("<Code>AccessDenied</Code>");
    await cos.putBucketAcl({ ...bucket, ACL: "public-read" });
    expect((await cos.getBucketAcl(bucket)).ACL).toBe("public-read");
    expect((await raw("GET", host, "/b")).text).toBe("hello");
    expect((await raw("PUT", host, "/b")).status).toBe(403);
    expect((await raw("GET", host, "/")).status).toBe(403);
  });
});

test("the bucket is in the host, never in the path", async () => {
  const answer = await raw("GET", `cos.${region}.${cosDomain}`, `/${bucket.Bucket}/a`);
  expect(answer).toMatchObject({ status: 403 });
  expect(answer.text).toContain("<Code>PathStyleDomainForbidden</Code>");
  const elsewhere = { ...bucket, Region: "ap-moon" };
  expect(await outcome(cos.headBucket(elsewhere))).toBe("404");
});

test.each<[string, typeof credential, string]>([
  ["wrong secret", { ...credential, secretKey: "wrong" }, "SignatureDoesNotMatch"],
  ["unknown id", { ...credential, secretId: "AKIDnobody" }, "InvalidAccessKeyId"],
  ["a policy without it", reader, "AccessDenied"],
])("with a %s nothing is written", async (_, who, code) => {
  await cos.putBucket(bucket);
  const theirs = cosFor(cloud.cloud.apiPort, who);
  expect(await outcome(theirs.putObject({ ...object("a"), Body: "x" }))).toBe(code);
  expect(bodyFiles()).toEqual([]);
});

test("a policy allows what it names", async () => {
  await cos.putBucket(bucket);
  await put("a");
  const theirs = cosFor(cloud.cloud.apiPort, reader);
  expect((await theirs.getObject(object("a"))).Body.toString()).toBe("hello");
});

test("ordered faults and the log know its operations; the API on the same port is as before", async () => {
  await cos.putBucket(bucket);
  await cloud.admin("POST", "/faults", { action: "PutObject", code: "SlowDown", times: 1 });
  // The SDK tries again by itself after a 5xx.
  await put("a");
  const log = (await cloud.admin("GET", "/requests")) as { action: string; outcome: string }[];
  expect(log.filter((each) => each.action === "PutObject").map((each) => each.outcome)).toEqual([
    "SlowDown",
    "ok",
  ]);
  expect((await clientsFor(cloud.cloud.apiPort).cvm.DescribeZones()).TotalCount).toBe(3);
});
