import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

import COS from "cos-nodejs-sdk-v5";

import {
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  type TestCloud,
} from "./support/cloud";
import { appId, copySource, cosDomain, cosFor, region } from "./support/cos";

const bucket = { Bucket: `snapshots-${appId}`, Region: region };
const trust = JSON.stringify({
  version: "2.0",
  statement: [
    { action: "name/sts:AssumeRole", effect: "allow", principal: { service: ["cvm.qcloud.com"] } },
  ],
});

let cloud: TestCloud;
let time: Date;
let socketPath: string;
let instance: string;
let other: string;
let policy: number;
const addresses = new Map<string, string>();

beforeEach(async () => {
  time = new Date();
  socketPath = path.join(mkdtempSync(path.join(tmpdir(), "kha-instances-")), "socket");
  cloud = await startTestCloud({ instances: { socketPath } }, () => time);
  const { cam } = cloud;
  await cosFor(cloud.cloud.apiPort).putBucket(bucket);
  await cam.CreateRole({ RoleName: "prod-etcd", PolicyDocument: trust });
  const PolicyDocument = JSON.stringify({
    version: "2.0",
    statement: [
      {
        effect: "allow",
        action: ["name/cos:PutObject"],
        resource: [`qcs::cos:${region}:uid/${appId}:${bucket.Bucket}/prod/*`],
      },
    ],
  });
  policy = (await cam.CreatePolicy({ PolicyName: "put", PolicyDocument })).PolicyId as number;
  await cam.AttachRolePolicy({ PolicyId: policy, AttachRoleName: "prod-etcd" });
  const network = await makeNetwork(cloud);
  instance = await makeInstance(cloud, network, { CamRoleName: "prod-etcd" });
  other = await makeInstance(cloud, network);
  for (const id of [instance, other]) {
    const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: [id] });
    addresses.set(id, InstanceSet?.[0]?.PrivateIpAddresses?.[0] ?? "");
  }
});
afterEach(async () => {
  await cloud.close();
  rmSync(path.dirname(socketPath), { recursive: true, force: true });
});

/** What an instance is told, as the platform asks for it; undefined when there is nothing. */
function metadata(of: string, what: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ socketPath, path: `/latest/meta-data/${what}` },
      headers: { host: "metadata.tencentyun.com", "x-lab-asker": addresses.get(of) },
    };
    request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve(answer.statusCode === 200 ? text : undefined));
    })
      .on("error", reject)
      .end();
  });
}

interface Keys {
  TmpSecretId: string;
  TmpSecretKey: string;
  Token: string;
  ExpiredTime: number;
  Code: string;
}

const keysOf = async (id: string) =>
  JSON.parse((await metadata(id, "cam/security-credentials/prod-etcd")) ?? "null") as Keys | null;

function storage({ TmpSecretId: SecretId, TmpSecretKey: SecretKey, Token }: Keys): COS {
  return new COS({
    ...{ SecretId, SecretKey, SecurityToken: Token, Protocol: "http:" },
    Domain: `{Bucket}.cos.{Region}.${cosDomain}`,
    CopySourceParser: copySource,
    Proxy: `http://127.0.0.1:${cloud.cloud.apiPort}`,
  });
}

test("an instance is told of itself, and nobody else of it", async () => {
  expect(await metadata(instance, "instance-id")).toBe(instance);
  expect(await metadata(instance, "local-ipv4")).toBe(addresses.get(instance));
  expect(await metadata(other, "instance-id")).toBe(other);
  expect(await metadata(instance, "placement/zone")).toBe("ap-guangzhou-3");
  expect(await metadata(instance, "placement/")).toBe("region\nzone");
  expect(await metadata(instance, "")).toContain("cam/\ninstance-id\n");
  expect(await metadata(instance, "no-such-thing")).toBeUndefined();
});

test("only an instance that has a role is given its keys", async () => {
  expect(await keysOf(instance)).toMatchObject({ Code: "Success" });
  expect(await keysOf(other)).toBeNull();
});

test("they do what the role's policies say, for two hours", async () => {
  const keys = (await keysOf(instance)) as Keys;
  const cos = storage(keys);
  const put = (Key: string) => outcome(cos.putObject({ ...bucket, Key, Body: "x" }));
  expect(await put("prod/a")).toBe("ok");
  expect(await put("other/a")).toBe("AccessDenied");
  expect(await outcome(cos.getObject({ ...bucket, Key: "prod/a" }))).toBe("AccessDenied");
  expect(await outcome(cos.deleteObject({ ...bucket, Key: "prod/a" }))).toBe("AccessDenied");
  const withoutToken = storage({ ...keys, Token: "" });
  expect(await outcome(withoutToken.putObject({ ...bucket, Key: "prod/a", Body: "x" }))).toBe(
    "InvalidToken",
  );
  await cloud.cam.DetachRolePolicy({ PolicyId: policy, DetachRoleName: "prod-etcd" });
  expect(await put("prod/b")).toBe("AccessDenied");
  await cloud.cam.AttachRolePolicy({ PolicyId: policy, AttachRoleName: "prod-etcd" });
  time = new Date(Date.now() - (2 * 3600 + 60) * 1000);
  const old = (await keysOf(instance)) as Keys;
  time = new Date();
  expect(old.ExpiredTime * 1000).toBeLessThan(time.getTime());
  const late = storage(old).putObject({ ...bucket, Key: "prod/c", Body: "x" });
  expect(await outcome(late)).toBe("InvalidAccessKeyId");
});

test("lists are allowed by what they are to begin with, copies and deletions by each object", async () => {
  const resource = [`qcs::cos:${region}:uid/${appId}:${bucket.Bucket}/prod/*`];
  const statement = [{ effect: "allow", action: ["name/cos:*"], resource }];
  const PolicyDocument = JSON.stringify({ version: "2.0", statement });
  const all = (await cloud.cam.CreatePolicy({ PolicyName: "all", PolicyDocument }))
    .PolicyId as number;
  await cloud.cam.AttachRolePolicy({ PolicyId: all, AttachRoleName: "prod-etcd" });
  const owner = cosFor(cloud.cloud.apiPort);
  await owner.putObject({ ...bucket, Key: "prod/a", Body: "x" });
  await owner.putObject({ ...bucket, Key: "other/a", Body: "x" });
  const cos = storage((await keysOf(instance)) as Keys);
  const list = (Prefix: string) => outcome(cos.getBucket({ ...bucket, Prefix }));
  expect([await list("prod/"), await list("prod/a")]).toEqual(["ok", "ok"]);
  expect([await list(""), await list("pro"), await list("other/")]).toEqual(
    Array(3).fill("AccessDenied"),
  );
  const uploads = (Prefix: string) =>
    outcome(cos.multipartList({ ...bucket, Prefix, Delimiter: "" }));
  expect([await uploads("prod/"), await uploads("")]).toEqual(["ok", "AccessDenied"]);
  const copy = (Key: string, from: string) =>
    outcome(
      cos.putObjectCopy({
        ...{ ...bucket, Key },
        CopySource: `${bucket.Bucket}.cos.${region}.${cosDomain}/${from}`,
      }),
    );
  expect(await copy("prod/b", "prod/a")).toBe("ok");
  expect(await copy("prod/b", "other/a")).toBe("AccessDenied");
  expect(await copy("other/b", "prod/a")).toBe("AccessDenied");
  const { Deleted, Error: refused } = await cos.deleteMultipleObject({
    ...bucket,
    Objects: [{ Key: "prod/a" }, { Key: "other/a" }],
  });
  expect(Deleted.map(({ Key }) => Key)).toEqual(["prod/a"]);
  expect(refused.map(({ Key, Code }) => `${Key} ${Code}`)).toEqual(["other/a AccessDenied"]);
  const left = await owner.getBucket(bucket);
  expect(left.Contents.map(({ Key }) => Key)).toEqual(["other/a", "prod/b"]);
});
