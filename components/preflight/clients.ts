import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { HttpProxyAgent } from "http-proxy-agent";
import { Client as CbsClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_client";
import { Client as CvmClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_client";
import { Client as StsClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/sts/v20180813/sts_client";
import { Client as VpcClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_client";

/** The clients of the official SDK that the preflight asks with. */
export interface CloudClients {
  cbs: CbsClient;
  cvm: CvmClient;
  sts: StsClient;
  vpc: VpcClient;
}

interface Credential {
  secretId: string;
  secretKey: string;
  token?: string;
}

/** Seconds one call may take. */
const timeoutSeconds = 20;

/**
 * Clients for the account and endpoint that the provider finds by the same environment: TENCENTCLOUD_SECRET_ID, _SECRET_KEY,
 * _SECURITY_TOKEN, _REGION, _PROTOCOL, _DOMAIN, HTTP_PROXY and HTTPS_PROXY; without a secret id the profile of the vendor's CLI.
 * @throws when there are no credentials.
 */
export function clientsFrom(env: NodeJS.ProcessEnv): CloudClients {
  const credential = credentialOf(env);
  const region = env.TENCENTCLOUD_REGION ?? "ap-guangzhou";
  const plain = env.TENCENTCLOUD_PROTOCOL?.toUpperCase() === "HTTP";
  const domain = env.TENCENTCLOUD_DOMAIN ?? "tencentcloudapi.com";
  const { HTTP_PROXY, HTTPS_PROXY } = env;
  const transport = plain
    ? // The SDK's own proxy opens tunnels, which proxies refuse for plain HTTP.
      HTTP_PROXY && { agent: new HttpProxyAgent(HTTP_PROXY) }
    : HTTPS_PROXY && { proxy: HTTPS_PROXY };
  const options = (service: string) => ({
    credential,
    region,
    profile: {
      language: "en-US" as const,
      httpProfile: {
        protocol: plain ? ("http://" as const) : ("https://" as const),
        endpoint: `${service}.${domain}`,
        reqTimeout: timeoutSeconds,
        ...(transport || {}),
      },
    },
  });
  return {
    cbs: new CbsClient(options("cbs")),
    cvm: new CvmClient(options("cvm")),
    sts: new StsClient(options("sts")),
    vpc: new VpcClient(options("vpc")),
  };
}

function credentialOf(env: NodeJS.ProcessEnv): Credential {
  const { TENCENTCLOUD_SECRET_ID: secretId, TENCENTCLOUD_SECRET_KEY: secretKey } = env;
  if (secretId && secretKey) {
    const token = env.TENCENTCLOUD_SECURITY_TOKEN;
    return { secretId, secretKey, ...(token && { token }) };
  }
  const profile = env.TENCENTCLOUD_PROFILE ?? "default";
  const directory = env.TENCENTCLOUD_SHARED_CREDENTIALS_DIR ?? join(homedir(), ".tccli");
  const file = join(directory, `${profile}.credential`);
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Credential;
  } catch {
    throw new Error(
      `there are no credentials: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set, and ${file} cannot be read`,
    );
  }
}
