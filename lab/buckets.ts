import { readFileSync } from "node:fs";
import { request } from "node:http";
import COS from "cos-nodejs-sdk-v5";
import { parse } from "yaml";
import { credentials } from "./engine";
import { clusterKey } from "./examples";
import { instancesSocket } from "./hosts/platform/files";
import type { LabIdentity } from "./identity";

/** What of a stack's configuration names buckets. */
interface Stack {
  config: Record<string, { registry?: { cos: { bucket: string; endpoint: string } } }>;
}

/**
 * Makes the bucket of the cluster's own registry, as the account's owner does before the first `up`: it outlives the cluster, so the stack does not.
 *
 * @param file The stack's configuration.
 * @throws Error with the storage's answer when it does not take it.
 */
export async function ensureBuckets(identity: LabIdentity, file: string): Promise<void> {
  const { config } = parse(readFileSync(file, "utf8")) as Stack;
  const cos = config[clusterKey]?.registry?.cos;
  if (cos === undefined) return;
  await makeBucket(identity, `${cos.bucket}.${new URL(cos.endpoint).host}`);
}

/**
 * Makes a bucket; one that is the account's already stays as it is.
 *
 * @param host `<bucket>.cos.<region>.myqcloud.com`
 * @throws Error with the storage's answer when it does not take it.
 */
export async function makeBucket(identity: LabIdentity, host: string): Promise<void> {
  const { status, body } = await askStorage(identity, "PUT", host);
  const text = body.toString();
  if (status !== 200 && !text.includes("BucketAlreadyOwnedByYou"))
    throw new Error(`the lab's object storage does not make ${host}: ${status} ${text}`);
}

/**
 * The account's owner asks the lab's object storage, from the machine below.
 *
 * @param key of an object; the bucket itself without it.
 * @param content that is sent. @default nothing
 */
export function askStorage(
  { dir }: LabIdentity,
  method: "GET" | "PUT" | "DELETE",
  host: string,
  key = "",
  content: Buffer = Buffer.alloc(0),
): Promise<{ status: number; body: Buffer }> {
  const authorization = COS.getAuthorization({
    ...{ SecretId: credentials.secretId, SecretKey: credentials.secretKey },
    ...{ Method: method, Key: key, Headers: { Host: host } },
  });
  const headers = { host, authorization };
  const to = { socketPath: instancesSocket(dir), method, path: `/${key}`, headers };
  return new Promise((resolve, reject) => {
    request(to, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }),
      );
    })
      .on("error", reject)
      .end(content);
  });
}
