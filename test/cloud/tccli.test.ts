import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { generateModels } from "../../lab/cloud/models/generate";
import { ensureTccli } from "../../lab/cloud/models/tccli";
import {
  credential,
  debian,
  domain,
  startTestCloud,
  until,
  zone,
  type TestCloud,
} from "./support/cloud";

jest.setTimeout(300_000);

let cloud: TestCloud;
let home: string;
let python: ChildProcess;
let answers: AsyncIterator<string>;

beforeAll(async () => {
  const installed = ensureTccli();
  cloud = await startTestCloud();
  home = mkdtempSync(path.join(tmpdir(), "kha-tccli-"));
  python = spawn("python3", [path.join(__dirname, "support/commands.py")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      PYTHONPATH: installed,
      PYTHONDONTWRITEBYTECODE: "1",
      HTTP_PROXY: `http://127.0.0.1:${cloud.cloud.apiPort}`,
      TENCENTCLOUD_SECRET_ID: credential.secretId,
      TENCENTCLOUD_SECRET_KEY: credential.secretKey,
      TENCENTCLOUD_REGION: "ap-guangzhou",
    },
  });
  const lines = createInterface({ input: python.stdout as NodeJS.ReadableStream });
  answers = lines[Symbol.asyncIterator]();
});

afterAll(async () => {
  const ended = new Promise((resolve) => python.once("exit", resolve));
  python.kill("SIGKILL");
  await ended;
  await cloud.close();
  rmSync(home, { recursive: true, force: true });
});

interface Answer {
  ok?: Record<string, unknown>;
  error?: string;
}

/** Runs one tccli command. @param parameters Values that are no text go as JSON, as tccli wants them. */
async function tccli(service: string, action: string, parameters: object = {}): Promise<Answer> {
  const options = Object.entries(parameters).flatMap(([name, value]) => [
    `--${name}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const words = [service, action, "--endpoint", `${service}.${domain}`, ...options];
  python.stdin?.write(`${JSON.stringify(words)}\n`);
  const { value, done } = (await answers.next()) as IteratorResult<string, undefined>;
  if (done) {
    throw new Error(`tccli ended at: ${words.join(" ")}`);
  }
  return JSON.parse(value) as Answer;
}

async function ok(
  service: string,
  action: string,
  parameters: object = {},
): Promise<Record<string, unknown>> {
  const answer = await tccli(service, action, parameters);
  if (answer.ok === undefined) {
    throw new Error(`tccli ${service} ${action}: ${answer.error ?? ""}`);
  }
  return answer.ok;
}

test("the models kept are those of the pinned tccli; if not: tsx lab/cloud/models/generate.ts", () => {
  for (const [service, text] of generateModels()) {
    const file = path.join(__dirname, "../../lab/cloud/models", `${service}.json`);
    expect(readFileSync(file, "utf8")).toBe(text);
  }
});

test("network, group, instance and disk are made, read, changed and deleted", async () => {
  const { Vpc } = await ok("vpc", "CreateVpc", { VpcName: "one", CidrBlock: "10.0.0.0/16" });
  const VpcId = (Vpc as { VpcId: string }).VpcId;
  const { Subnet } = await ok("vpc", "CreateSubnet", {
    VpcId,
    SubnetName: "subnet",
    CidrBlock: "10.0.1.0/24",
    Zone: zone,
  });
  const SubnetId = (Subnet as { SubnetId: string }).SubnetId;
  await ok("vpc", "ModifyVpcAttribute", { VpcId, VpcName: "two" });
  expect(await ok("vpc", "DescribeVpcs", { VpcIds: [VpcId] })).toMatchObject({
    TotalCount: 1,
    VpcSet: [{ VpcId, VpcName: "two" }],
  });
  expect(await tccli("vpc", "DeleteVpc", { VpcId })).toEqual({ error: "ResourceInUse" });
  const { SecurityGroup } = await ok("vpc", "CreateSecurityGroup", {
    GroupName: "g",
    GroupDescription: "d",
  });
  const SecurityGroupId = (SecurityGroup as { SecurityGroupId: string }).SecurityGroupId;
  await ok("vpc", "DeleteSecurityGroup", { SecurityGroupId });

  const { DisasterRecoverGroupId } = await ok("cvm", "CreateDisasterRecoverGroup", {
    Name: "ps",
    Type: "HOST",
  });
  const { InstanceIdSet } = await ok("cvm", "RunInstances", {
    Placement: { Zone: zone },
    ImageId: debian,
    InstanceType: "S5.SMALL2",
    VirtualPrivateCloud: { VpcId, SubnetId },
    DisasterRecoverGroupIds: [DisasterRecoverGroupId],
  });
  expect(await ok("cvm", "DescribeInstances", { InstanceIds: InstanceIdSet })).toMatchObject({
    TotalCount: 1,
  });
  await ok("cvm", "ModifyInstancesAttribute", {
    InstanceIds: InstanceIdSet,
    InstanceName: "renamed",
  });
  const { DiskIdSet } = await ok("cbs", "CreateDisks", {
    Placement: { Zone: zone },
    DiskChargeType: "POSTPAID_BY_HOUR",
    DiskType: "CLOUD_PREMIUM",
    DiskSize: 20,
  });
  await ok("cbs", "ModifyDiskAttributes", { DiskIds: DiskIdSet, DiskName: "renamed" });
  expect(await ok("cbs", "DescribeDisks", { DiskIds: DiskIdSet })).toMatchObject({
    DiskSet: [{ DiskName: "renamed" }],
  });
  await ok("cbs", "TerminateDisks", { DiskIds: DiskIdSet });
  await ok("cvm", "TerminateInstances", { InstanceIds: InstanceIdSet });
  const left = async (): Promise<string> =>
    (
      await tccli("cvm", "DeleteDisasterRecoverGroups", {
        DisasterRecoverGroupIds: [DisasterRecoverGroupId],
      })
    ).error ?? "gone";
  await until(left, (seen) => seen === "gone", 60_000);
  await ok("vpc", "DeleteSubnet", { SubnetId });
  await ok("vpc", "DeleteVpc", { VpcId });
  const resources = (await cloud.admin("GET", "/resources")) as Record<string, string[]>;
  expect(Object.values(resources).flat()).toEqual([]);
});
