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
export async function ensureBuckets({ dir }: LabIdentity, file: string): Promise<void> {
  const { config } = parse(readFileSync(file, "utf8")) as Stack;
  const cos = config[clusterKey]?.registry?.cos;
  if (cos === undefined) return;
  const { status, text } = await put(dir, `${cos.bucket}.${new URL(cos.endpoint).host}`);
  if (status !== 200 && !text.includes("BucketAlreadyOwnedByYou"))
    throw new Error(`the lab's object storage does not make ${cos.bucket}: ${status} ${text}`);
}

/** The account's owner makes what a host name stands for, from the machine below. */
function put(dir: string, host: string): Promise<{ status: number; text: string }> {
  const authorization = COS.getAuthorization({
    ...{ SecretId: credentials.secretId, SecretKey: credentials.secretKey, Method: "PUT" },
    Headers: { Host: host },
  });
  const headers = { host, authorization };
  const to = { socketPath: instancesSocket(dir), method: "PUT", path: "/", headers };
  return new Promise((resolve, reject) => {
    request(to, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    })
      .on("error", reject)
      .end();
  });
}
