import { createWriteStream } from "node:fs";
import { join } from "node:path";
import COS from "cos-nodejs-sdk-v5";
import type { SnapshotStorePlan } from "../../components/plan/etcd";
import { timeOf } from "./snapshots";

/** A sealed snapshot in the object storage. */
export interface StoredSnapshot {
  /** `etcd-....db.gz.age`. */
  name: string;
  /** Name of the object. */
  key: string;
  /** When it was taken, ISO 8601. */
  time: string;
  bytes: number;
}

/** Snapshots in the object storage, by the operator's own keys: those that `pulumi up` has in its environment. */
export class SnapshotStore {
  private readonly cos: COS;
  private readonly bucket: { Bucket: string; Region: string };

  /** @throws Error when the environment has no keys. */
  constructor(
    private readonly plan: SnapshotStorePlan,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    const { TENCENTCLOUD_SECRET_ID: SecretId, TENCENTCLOUD_SECRET_KEY: SecretKey } = env;
    if (!SecretId || !SecretKey)
      throw new Error(
        "no keys for the object storage: set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, of somebody who may read the bucket",
      );
    const { protocol, host } = new URL(plan.endpoint);
    const proxy = protocol === "http:" ? env["HTTP_PROXY"] : env["HTTPS_PROXY"];
    this.cos = new COS({
      ...{ SecretId, SecretKey, SecurityToken: env["TENCENTCLOUD_SECURITY_TOKEN"] ?? "" },
      ...{ Protocol: protocol as "http:" | "https:", Domain: `{Bucket}.${host}` },
      ...(proxy === undefined ? {} : { Proxy: proxy }),
      Timeout: 60_000,
    });
    this.bucket = { Bucket: plan.bucket, Region: plan.region };
  }

  /** What there is, the newest first. @throws Error when the storage cannot be reached, or refuses. */
  async list(): Promise<StoredSnapshot[]> {
    const found: StoredSnapshot[] = [];
    let Marker = "";
    do {
      const page = await this.asked(
        this.cos.getBucket({ ...this.bucket, Prefix: this.plan.prefix, Marker, MaxKeys: 1000 }),
      );
      for (const { Key, Size } of page.Contents) {
        const name = Key.slice(this.plan.prefix.length);
        if (name.endsWith(".db.gz.age"))
          found.push({ name, key: Key, time: timeOf(name), bytes: Number(Size) });
      }
      Marker = page.IsTruncated === "true" ? (page.NextMarker ?? "") : "";
    } while (Marker !== "");
    return found.sort((one, other) => other.name.localeCompare(one.name));
  }

  /** Brings one to a directory of this machine. @returns its path */
  async fetch({ key, name }: StoredSnapshot, directory: string): Promise<string> {
    const path = join(directory, name);
    const Output = createWriteStream(path, { mode: 0o600 });
    await this.asked(this.cos.getObject({ ...this.bucket, Key: key, Output }));
    return path;
  }

  private async asked<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string };
      throw new Error(
        `the object storage at ${this.plan.url} cannot be asked (${[code, message].filter(Boolean).join(": ")}); members keep snapshots of their own: leave --cos out`,
        { cause: error },
      );
    }
  }
}
