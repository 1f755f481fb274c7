import COS from "cos-nodejs-sdk-v5";

import { credential } from "./cloud";

export const region = "ap-guangzhou";
export const appId = "1300000001";
export const cosDomain = "myqcloud.lab.test";

/** What the SDK takes the name of a copy's source for, which it knows of the real domains alone. */
export function copySource(source: string): { Bucket: string; Region: string; Key: string } {
  const [host = "", ...key] = source.split("/");
  return { Bucket: host.split(".", 1)[0] ?? "", Region: region, Key: key.join("/") };
}

/** The official SDK's client, led to one port of this machine as to a proxy. */
export function cosFor(port: number, credentials: typeof credential = credential): COS {
  return new COS({
    SecretId: credentials.secretId,
    SecretKey: credentials.secretKey,
    Protocol: "http:",
    Domain: `{Bucket}.cos.{Region}.${cosDomain}`,
    ServiceDomain: `service.cos.${cosDomain}`,
    CopySourceParser: copySource,
    Proxy: `http://127.0.0.1:${port}`,
  });
}
