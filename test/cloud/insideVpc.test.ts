import { mkdtempSync } from "node:fs";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { vpc } from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc";
import { credential, startTestCloud, type TestCloud } from "./support/cloud";

let cloud: TestCloud;
let socketPath: string;

beforeAll(async () => {
  socketPath = path.join(mkdtempSync(path.join(tmpdir(), "kha-instances-")), "socket");
  cloud = await startTestCloud({ instances: { socketPath } });
});
afterAll(() => cloud.close());

/** The official client as it is on an instance, where the platform leads it to the cloud. */
function clientAt(endpoint: string) {
  const agent = new Agent({ keepAlive: false });
  agent.createConnection = (): Socket => connect(socketPath);
  const profile = { httpProfile: { protocol: "http://", endpoint, agent } };
  return new vpc.v20170312.Client({ credential, region: "ap-guangzhou", profile });
}

test("an instance reaches the API by its name inside a VPC, and sees what others made outside", async () => {
  const { Vpc } = await cloud.vpc.CreateVpc({ VpcName: "office", CidrBlock: "10.0.0.0/16" });
  const { VpcSet } = await clientAt("vpc.internal.tencentcloudapi.com").DescribeVpcs({});
  expect(VpcSet?.map(({ VpcId }) => VpcId)).toEqual([Vpc?.VpcId]);
});

test("by its public name there is no API inside", async () => {
  await expect(clientAt("vpc.tencentcloudapi.com").DescribeVpcs({})).rejects.toThrow();
});
