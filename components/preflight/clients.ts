import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { HttpProxyAgent } from "http-proxy-agent";
import type { Client as CamClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/cam/v20190116/cam_client";
import type { Client as CbsClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_client";
import type { Client as ClbClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_client";
import type { Client as CvmClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_client";
import type { Client as PrivateDnsClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/privatedns/v20201028/privatedns_client";
import type { Client as StsClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/sts/v20180813/sts_client";
import type { Client as VpcClient } from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_client";
import {
  type AbstractClient,
  type ClientConfig,
  CommonClient,
} from "tencentcloud-sdk-nodejs-common";

/** The actions of a service, as its client in the official SDK declares them. */
type Actions<Client> = Omit<Client, keyof AbstractClient>;

/** The services that the preflight and the operations ask. */
export interface CloudClients {
  cam: Actions<CamClient>;
  cbs: Actions<CbsClient>;
  clb: Actions<ClbClient>;
  cvm: Actions<CvmClient>;
  privatedns: Actions<PrivateDnsClient>;
  sts: Actions<StsClient>;
  vpc: Actions<VpcClient>;
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
  const options: ClientConfig = {
    credential,
    region,
    profile: {
      language: "en-US",
      httpProfile: {
        protocol: plain ? "http://" : "https://",
        reqTimeout: timeoutSeconds,
        ...(transport || {}),
      },
    },
  };
  return {
    cam: actions<CamClient>(`cam.${domain}`, "2019-01-16", options),
    cbs: actions<CbsClient>(`cbs.${domain}`, "2017-03-12", options),
    clb: actions<ClbClient>(`clb.${domain}`, "2018-03-17", options),
    cvm: actions<CvmClient>(`cvm.${domain}`, "2017-03-12", options),
    privatedns: actions<PrivateDnsClient>(`privatedns.${domain}`, "2020-10-28", options),
    sts: actions<StsClient>(`sts.${domain}`, "2018-08-13", options),
    vpc: actions<VpcClient>(`vpc.${domain}`, "2017-03-12", options),
  };
}

/**
 * The SDK's general client with a service's actions as methods, as its own client has them. Those add nothing but types, and come as one
 * package of 58 MB: it is needed for compiling alone.
 */
function actions<Client>(
  endpoint: string,
  version: string,
  options: ClientConfig,
): Actions<Client> {
  return new Proxy(new CommonClient(endpoint, version, options), {
    get: (client, name) =>
      typeof name === "string" && /^[A-Z]/.test(name)
        ? (request: unknown) => client.request(name, request ?? {})
        : (Reflect.get(client, name) as unknown),
  }) as unknown as Actions<Client>;
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
