import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { cam } from "tencentcloud-sdk-nodejs/tencentcloud/services/cam";
import { cbs } from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs";
import { clb } from "tencentcloud-sdk-nodejs/tencentcloud/services/clb";
import { cvm } from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm";
import { privatedns } from "tencentcloud-sdk-nodejs/tencentcloud/services/privatedns";
import { sts } from "tencentcloud-sdk-nodejs/tencentcloud/services/sts";
import { tag } from "tencentcloud-sdk-nodejs/tencentcloud/services/tag";
import { vpc } from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc";

import { startCloud, type CloudSettingsInput, type RunningCloud } from "../../../lab/cloud";
import { MemoryWorld } from "../../../lab/hosts/memory";

export const credential = { secretId: "AKIDtest", secretKey: "test-secret-key" };
export const domain = "tencentcloudapi.lab.test";

/** The official SDK's clients, all led to one port of this machine whatever their host name is. */
export function clientsFor(port: number, credentials: typeof credential = credential) {
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = (): Socket => connect(port, "127.0.0.1");
  const options = (service: string) => ({
    credential: credentials,
    region: "ap-guangzhou",
    profile: {
      httpProfile: { protocol: "http://", endpoint: `${service}.${domain}`, agent },
    },
  });
  return {
    cvm: new cvm.v20170312.Client(options("cvm")),
    vpc: new vpc.v20170312.Client(options("vpc")),
    clb: new clb.v20180317.Client(options("clb")),
    cbs: new cbs.v20170312.Client(options("cbs")),
    tag: new tag.v20180813.Client(options("tag")),
    sts: new sts.v20180813.Client(options("sts")),
    privatedns: new privatedns.v20201028.Client(options("privatedns")),
    cam: new cam.v20190116.Client(options("cam")),
  };
}

export type Clients = ReturnType<typeof clientsFor>;

/** A cloud in this process with a world without machines. */
export interface TestCloud extends Clients {
  world: MemoryWorld;
  cloud: RunningCloud;
  stateDir: string;
  /** What the cloud has told on its log. */
  told: string[];
  /** Calls the admin API. */
  admin(method: "GET" | "POST" | "DELETE", route: string, body?: object): Promise<unknown>;
  close(): Promise<void>;
}

/** @param settings beside the usual: any free port, no rate limits, since tests ask as fast as they can. */
export async function startTestCloud(
  settings: Partial<CloudSettingsInput> = {},
  now?: () => Date,
): Promise<TestCloud> {
  const stateDir = mkdtempSync(path.join(tmpdir(), "kha-cloud-"));
  const world = new MemoryWorld();
  const told: string[] = [];
  const cloud = await startCloud(
    {
      stateDir,
      credentials: [credential],
      api: { port: 0 },
      admin: { port: 0 },
      rateLimits: false,
      ...settings,
    },
    world,
    (line) => told.push(line),
    now,
  );
  return {
    ...clientsFor(cloud.apiPort),
    world,
    cloud,
    stateDir,
    told,
    admin: (method, route, body) => adminCall(cloud.adminPort as number, method, route, body),
    close: async () => {
      await cloud.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

export async function adminCall(
  port: number,
  method: string,
  route: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}${route}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { error?: string };
  if (!response.ok) {
    throw new Error(`${response.status}: ${answer.error ?? ""}`);
  }
  return answer;
}

/** The code an SDK call fails with; `ok` when it does not. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Asks again until `done` holds. @throws Error telling what was seen last after `deadlineMs`. */
export async function until<T>(
  ask: () => Promise<T>,
  done: (value: T) => boolean,
  deadlineMs = 10_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await ask();
    if (done(value)) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`not so after ${deadlineMs} ms; last: ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const zone = "ap-guangzhou-3";
export const debian = "img-7ag0z2jt";

/** A VPC with a subnet in the lab's zone. */
export async function makeNetwork(clients: Clients): Promise<{ vpcId: string; subnetId: string }> {
  const { Vpc } = await clients.vpc.CreateVpc({ VpcName: "net", CidrBlock: "10.1.0.0/16" });
  const vpcId = Vpc?.VpcId as string;
  const { Subnet } = await clients.vpc.CreateSubnet({
    VpcId: vpcId,
    SubnetName: "subnet",
    CidrBlock: "10.1.1.0/24",
    Zone: zone,
  });
  return { vpcId, subnetId: Subnet?.SubnetId as string };
}

/** Orders an instance and waits until it runs. */
export async function makeInstance(
  clients: Clients,
  network: { vpcId: string; subnetId: string },
  fields: object = {},
): Promise<string> {
  const { InstanceIdSet } = await clients.cvm.RunInstances({
    Placement: { Zone: zone },
    ImageId: debian,
    InstanceType: "S5.SMALL2",
    VirtualPrivateCloud: { VpcId: network.vpcId, SubnetId: network.subnetId },
    ...fields,
  });
  const id = InstanceIdSet?.[0] as string;
  await until(
    () => stateOf(clients, id),
    (state) => state === "RUNNING",
  );
  return id;
}

export async function stateOf(clients: Clients, id: string): Promise<string> {
  const { InstanceSet } = await clients.cvm.DescribeInstances({ InstanceIds: [id] });
  return InstanceSet?.[0]?.InstanceState ?? "gone";
}
