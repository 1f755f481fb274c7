import { spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

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

jest.setTimeout(120_000);

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
