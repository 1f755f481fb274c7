import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { readModels } from "../../lab/cloud/models";
import { services } from "../../lab/cloud/services";
import {
  adminCall,
  clientsFor,
  credential,
  debian,
  makeNetwork,
  stateOf,
  until,
  zone,
  type Clients,
} from "./support/cloud";
import { appId, cosFor, region } from "./support/cos";
import { send, type Answer } from "./support/send";

// One test starts the cloud thirty times, beside all else that runs.
jest.setTimeout(10 * 60_000);

let dir: string;
let child: ChildProcess | undefined;

/** Starts the cloud as a process of its own, on what is left in `dir`. */
async function start(): Promise<Clients & { adminPort: number; apiPort: number }> {
  const settings = path.join(dir, "settings.json");
  writeFileSync(
    settings,
    JSON.stringify({
      stateDir: path.join(dir, "state"),
      credentials: [credential],
      api: { port: 0 },
      admin: { port: 0 },
      rateLimits: false,
    }),
  );
  const main = path.resolve(__dirname, "../../lab/cloud/main.ts");
  const started = spawn(process.execPath, ["--import", "tsx", main, settings], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child = started;
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: started.stdout }).once("line", resolve);
    started.once("exit", (code) => reject(new Error(`the cloud ended with ${String(code)}`)));
  });
  const { api, admin } = JSON.parse(line) as { api: number; admin: number };
  return { ...clientsFor(api), adminPort: admin, apiPort: api };
}

/** Power cut: no chance to write anything. */
async function kill(): Promise<void> {
  const dying = child;
  child = undefined;
  if (dying && dying.exitCode === null && dying.signalCode === null) {
    const ended = new Promise((resolve) => dying.once("exit", resolve));
    dying.kill("SIGKILL");
    await ended;
  }
}

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "kha-durable-"));
});
afterEach(async () => {
  await kill();
  rmSync(dir, { recursive: true, force: true });
});

test("killed between any two calls, it goes on where it was", async () => {
  let cloud = await start();
  const again = async (): Promise<void> => {
    await kill();
    cloud = await start();
  };
  const network = await makeNetwork(cloud);
  await again();
  const order = () =>
    cloud.cvm.RunInstances({
      ClientToken: "once",
      Placement: { Zone: zone },
      ImageId: debian,
      VirtualPrivateCloud: { VpcId: network.vpcId, SubnetId: network.subnetId },
      UserData: Buffer.from("#cloud-config\n").toString("base64"),
      TagSpecification: [{ ResourceType: "instance", Tags: [{ Key: "k", Value: "v" }] }],
    });
  const ordered = (await order()).InstanceIdSet as string[];
  await again();
  const id = ordered[0] as string;
  // The order was acknowledged before the world had carried it out; the next cloud sees to that.
  await until(
    () => stateOf(cloud, id),
    (state) => state === "RUNNING",
  );
  expect((await order()).InstanceIdSet).toEqual(ordered);
  await adminCall(cloud.adminPort, "POST", "/hosts/1/kill");
  await again();
  const { InstanceSet } = await cloud.cvm.DescribeInstances({});
  expect(InstanceSet).toMatchObject([
    { InstanceId: id, InstanceState: "RUNNING", Tags: [{ Key: "k", Value: "v" }] },
  ]);
  expect(await adminCall(cloud.adminPort, "GET", "/placement")).toMatchObject([
    { instanceId: id, power: "failed" },
  ]);
  await cloud.cvm.TerminateInstances({ InstanceIds: [id] });
  await again();
  await until(
    () => stateOf(cloud, id),
    (state) => state === "gone",
  );
});

/** What is asked of one resource at a time, if it is there. */
interface Shown {
  LoadBalancerId?: string;
  SecurityGroupId?: string;
  /** The task of a load balancer's last change. */
  TaskId?: string;
  ZoneId?: string;
}

/** What the cloud shows of all that it has, to calls that need nothing and to those of what `of` names. */
async function shown(port: number, of: Shown): Promise<object> {
  const { LoadBalancerId, SecurityGroupId, TaskId, ZoneId } = of;
  const bodies: Record<string, object> = {
    ...(LoadBalancerId && {
      DescribeListeners: { LoadBalancerId },
      DescribeTargets: { LoadBalancerId },
    }),
    ...(SecurityGroupId && { DescribeSecurityGroupPolicies: { SecurityGroupId } }),
    ...(TaskId && { DescribeTaskStatus: { TaskId } }),
    ...(ZoneId && { DescribePrivateZoneRecordList: { ZoneId } }),
  };
  const answers: Record<string, object> = {};
  for (const { name: service, version, actions } of services) {
    const { $defs } = readModels(service);
    for (const action of actions.keys()) {
      const needs = $defs[`${action}Request`]?.required.length;
      if (action in bodies || (/^(Describe|List)/.test(action) && needs === 0)) {
        const body = JSON.stringify(bodies[action] ?? {});
        const { response } = await send(port, { service, version, action, body });
        answers[action] = { ...response, RequestId: "" };
      }
    }
  }
  return answers;
}

/** What goes on by itself or as it is asked for: a state, RUNNING is where it ends, or a task. */
const underWay = /"(?!RUNNING")[A-Z_]*ING"|"Status": 2\b/;

test("killed after each call of a cluster's life, it shows what it showed", async () => {
  let cloud = await start();
  const of: Shown = {};
  const show = async (): Promise<string> =>
    JSON.stringify(await shown(cloud.apiPort, of), undefined, 1);
  let last = await show();

  /** Calls, waits until nothing is under way, and kills the cloud. */
  const call = async (
    service: (typeof services)[number]["name"],
    action: string,
    body: object,
  ): Promise<Answer["response"]> => {
    const version = services.find(({ name }) => name === service)?.version ?? "";
    const sent = { service, action, version, body: JSON.stringify(body) };
    const { code, response } = await send(cloud.apiPort, sent);
    expect([action, code, response.Error?.Message]).toEqual([action, "ok", undefined]);
    if (service === "clb") of.TaskId = response.RequestId as string;
    let before = "";
    await until(show, (now) => {
      const still = now === before && !underWay.test(now);
      before = now;
      return still;
    });
    // A call that is seen nowhere would prove nothing.
    expect(before).not.toBe(last);
    last = before;
    await kill();
    cloud = await start();
    expect((await show()).split("\n")).toEqual(before.split("\n"));
    return response;
  };
  /** The same for a call that makes something: its id. */
  const make = async (prefix: string, ...args: Parameters<typeof call>): Promise<string> => {
    const response = await call(...args);
    const id = new RegExp(`"(${prefix}-\\w{8})"`).exec(JSON.stringify(response))?.[1];
    if (id === undefined) throw new Error(`${args[1]} answered no id: ${JSON.stringify(response)}`);
    return id;
  };

  const VpcId = await make("vpc", "vpc", "CreateVpc", { VpcName: "net", CidrBlock: "10.1.0.0/16" });
  const SubnetId = await make("subnet", "vpc", "CreateSubnet", {
    ...{ VpcId, SubnetName: "subnet", CidrBlock: "10.1.1.0/24", Zone: zone },
  });
  const SecurityGroupId = await make("sg", "vpc", "CreateSecurityGroup", {
    ...{ GroupName: "etcd", GroupDescription: "" },
  });
  of.SecurityGroupId = SecurityGroupId;
  const rule = { Protocol: "TCP", Port: "2379", CidrBlock: "10.1.0.0/16", Action: "ACCEPT" };
  await call("vpc", "ModifySecurityGroupPolicies", {
    ...{ SecurityGroupId, SecurityGroupPolicySet: { Version: "0", Ingress: [rule] } },
  });
  const group = await make("ps", "cvm", "CreateDisasterRecoverGroup", {
    Name: "etcd",
    Type: "HOST",
  });
  const InstanceId = await make("ins", "cvm", "RunInstances", {
    Placement: { Zone: zone },
    ImageId: debian,
    VirtualPrivateCloud: { VpcId, SubnetId },
    SecurityGroupIds: [SecurityGroupId],
    DisasterRecoverGroupIds: [group],
  });
  const DiskId = await make("disk", "cbs", "CreateDisks", {
    ...{ Placement: { Zone: zone }, DiskChargeType: "POSTPAID_BY_HOUR" },
    ...{ DiskType: "CLOUD_HSSD", DiskSize: 50 },
  });
  await call("cbs", "AttachDisks", { InstanceId, DiskIds: [DiskId] });
  const HaVipId = await make("havip", "vpc", "CreateHaVip", { VpcId, SubnetId, HaVipName: "api" });
  const AddressId = await make("eip", "vpc", "AllocateAddresses", {});
  await call("vpc", "AssociateAddress", { AddressId, InstanceId });
  const LoadBalancerId = await make("lb", "clb", "CreateLoadBalancer", {
    ...{ LoadBalancerType: "INTERNAL", VpcId, SubnetId },
  });
  of.LoadBalancerId = LoadBalancerId;
  const ListenerId = await make("lbl", "clb", "CreateListener", {
    ...{ LoadBalancerId, Ports: [6443], Protocol: "TCP" },
  });
  const Targets = [{ InstanceId, Port: 6443 }];
  await call("clb", "RegisterTargets", { LoadBalancerId, ListenerId, Targets });
  const ZoneId = await make("zone", "privatedns", "CreatePrivateZone", { Domain: "k8s.internal" });
  of.ZoneId = ZoneId;
  await call("privatedns", "CreatePrivateZoneRecord", {
    ...{ ZoneId, SubDomain: "api", RecordType: "A", RecordValue: "10.1.1.10" },
  });
  await call("privatedns", "DeletePrivateZone", { ZoneId });
  const InstanceIds = [InstanceId];
  await call("cvm", "ModifyInstancesAttribute", { InstanceIds, InstanceName: "etcd-1" });
  await call("cbs", "DetachDisks", { DiskIds: [DiskId] });
  await call("cbs", "ResizeDisk", { DiskId, DiskSize: 100 });
  await call("clb", "DeleteLoadBalancer", { LoadBalancerIds: [LoadBalancerId] });
  await call("vpc", "DeleteHaVip", { HaVipId });
  await call("vpc", "DisassociateAddress", { AddressId });
  await call("cvm", "TerminateInstances", { InstanceIds });
  await call("cbs", "TerminateDisks", { DiskIds: [DiskId] });
});

test("killed in the middle of many calls, it has lost nothing that was acknowledged", async () => {
  for (let round = 0; round < 4; round++) {
    const cloud = await start();
    const acknowledged: string[] = [];
    const calls = Array.from({ length: 12 }, async (_, n) => {
      const { SecurityGroup } = await cloud.vpc.CreateSecurityGroup({
        GroupName: `g${n}`,
        GroupDescription: "",
      });
      acknowledged.push(SecurityGroup?.SecurityGroupId as string);
      if (acknowledged.length === 2 * round + 1) {
        child?.kill("SIGKILL");
      }
    });
    await Promise.allSettled(calls);
    await kill();
    expect(acknowledged.length).toBeGreaterThan(2 * round);
    const reopened = await start();
    const { SecurityGroupSet } = await reopened.vpc.DescribeSecurityGroups({ Limit: "100" });
    const kept = SecurityGroupSet?.map((each) => each.SecurityGroupId) ?? [];
    for (const id of acknowledged) {
      expect(kept).toContain(id);
    }
    for (const id of kept) {
      await reopened.vpc.DeleteSecurityGroup({ SecurityGroupId: id });
    }
    await kill();
  }
});

/** A body of some hundred KiB that its key tells. */
function contentOf(key: string): Buffer {
  return Buffer.alloc(300_000, createHash("sha256").update(key).digest());
}

test("killed in the middle of uploads, every object is whole, and no file is left over", async () => {
  const bucket = { Bucket: `data-${appId}`, Region: region };
  const bodies = path.join(dir, "state", "objects");
  for (let round = 0; round < 2; round++) {
    const cos = cosFor((await start()).apiPort);
    await cos.putBucket(bucket).catch(() => undefined); // it is there from the second round on
    const acknowledged: string[] = [];
    const uploads = Array.from({ length: 8 }, async (_, n) => {
      const Key = `${round}/${n}`;
      await cos.putObject({ ...bucket, Key, Body: contentOf(Key) });
      acknowledged.push(Key);
      if (acknowledged.length === 2 * round + 1) {
        child?.kill("SIGKILL");
      }
    });
    await Promise.race([Promise.allSettled(uploads), once(child as ChildProcess, "exit")]);
    await kill();
    const again = cosFor((await start()).apiPort);
    const { Contents } = await again.getBucket(bucket);
    const kept = Contents.map((each) => each.Key);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    for (const Key of kept) {
      expect((await again.getObject({ ...bucket, Key })).Body.equals(contentOf(Key))).toBe(true);
    }
    expect(readdirSync(bodies)).toHaveLength(kept.length);
    await kill();
  }
});
