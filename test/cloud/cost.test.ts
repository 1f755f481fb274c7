import { resolve } from "node:path";
import { clientsFrom } from "../../components/preflight/clients";
import { cloudDemand } from "../../components/preflight/demand";
import type { ClusterPlan } from "../../components/plan";
import { type CloudSettingsInput } from "../../lab/cloud/settings";
import { run } from "../../lab/process";
import { askPrices } from "../../operations/cost/ask";
import { type Bill, bill, notIncluded } from "../../operations/cost/bill";
import { camPolicy } from "../../operations/permissions/policy";
import { planHaving, planOf } from "../unit/plan/fixture";
import { credential, domain, startTestCloud, type TestCloud } from "./support/cloud";

let cloud: TestCloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

const environment = (port: number): Record<string, string> => ({
  TENCENTCLOUD_SECRET_ID: credential.secretId,
  TENCENTCLOUD_SECRET_KEY: credential.secretKey,
  TENCENTCLOUD_PROTOCOL: "HTTP",
  TENCENTCLOUD_DOMAIN: domain,
  HTTP_PROXY: `http://127.0.0.1:${port}`,
});

/** A cluster whose workers are of a type that the lab sells. */
const usual = () => planOf((config) => (config.workers[0].instanceType = "S5.4XLARGE64"));

async function costOf(
  plan: ClusterPlan,
  settings: Partial<CloudSettingsInput> = {},
  before: (cloud: TestCloud) => Promise<unknown> = () => Promise.resolve(),
): Promise<Bill> {
  cloud = await startTestCloud(settings);
  await before(cloud);
  const clients = clientsFrom(environment(cloud.cloud.apiPort));
  return bill(plan.name, await askPrices(clients, cloudDemand(plan)), notIncluded(plan));
}

test("a cluster's bill: each kind once, at what the account pays", async () => {
  const cost = await costOf(usual());
  expect(cost.items.map(({ what, count, hour }) => [what, count, hour])).toEqual([
    ["S5.SMALL2 with 50 GiB CLOUD_PREMIUM in ap-guangzhou-3", 1, 0.17],
    ["S5.MEDIUM4 with 50 GiB CLOUD_PREMIUM in ap-guangzhou-3", 3, 0.32],
    ["S5.LARGE8 with 50 GiB CLOUD_PREMIUM in ap-guangzhou-3", 3, 0.63],
    ["S5.MEDIUM2 with 50 GiB CLOUD_PREMIUM in ap-guangzhou-3", 2, 0.27],
    ["S5.4XLARGE64 with 50 GiB CLOUD_PREMIUM in ap-guangzhou-3", 2, 3.33],
    ["50 GiB CLOUD_HSSD, data disk", 3, 0.0315],
  ]);
  expect(cost).toMatchObject({
    // 0.17 + 3 × 0.32 + 3 × 0.63 + 2 × 0.27 + 2 × 3.33 + 3 × 0.0315, and that 730 times.
    hour: 10.3145,
    month: 7529.585,
    rates: [{ what: "traffic that prod-bastion-1 sends", unit: "GB", price: 0.63 }],
    complete: true,
    unanswered: [],
  });
  expect(cost.items[1]?.names).toEqual(["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"]);
});

test("workers are asked for as they are paid for, and their disks by the hour", async () => {
  const pool = { members: 2, instanceType: "S5.LARGE8" };
  const plan = planHaving({
    workers: [
      { ...pool, pool: "usual", dataDisk: { type: "CLOUD_SSD", sizeGiB: 100 } },
      { ...pool, pool: "spot", addressBlock: 1, charge: { kind: "spot", maxPrice: "0.5" } },
      { ...pool, pool: "paid", addressBlock: 2, charge: { kind: "prepaid", months: 12 } },
    ],
  });
  const { items, complete } = await costOf(plan);
  expect(complete).toBe(true);
  const of = (what: string) => items.find((item) => item.what === what);
  const type = "S5.LARGE8 with 50 GiB CLOUD_PREMIUM in ap-guangzhou-3";
  // Three masters cost the same.
  expect(of(type)).toMatchObject({ count: 5, hour: 0.63 });
  // (4 × 0.11 + 8 × 0.03) × 0.2 + 50 × 0.0003, less 10 per cent.
  expect(of(`${type}, spot up to 0.5 an hour`)).toMatchObject({ count: 2, hour: 0.14 });
  // (0.68 + 0.015) × 730 / 2, less 10 per cent.
  expect(of(`${type}, prepaid for 12 months`)).toMatchObject({
    ...{ count: 2, hour: 0.31275, month: 228.3075 },
  });
  expect(of("100 GiB CLOUD_SSD, data disk")).toMatchObject({ count: 2, hour: 0.054 });
});

test("a load balancer of the cloud is in it", async () => {
  const plan = planHaving({
    entry: { kind: "clb" },
    workers: [{ pool: "worker", members: 1, instanceType: "S5.LARGE8" }],
  });
  const { items } = await costOf(plan);
  expect(items.at(-1)).toMatchObject({ what: "internal load balancer", count: 1, hour: 0.018 });
  // Workers and masters cost the same: one question.
  const asked = items.filter(({ what }) => what.startsWith("S5.LARGE8"));
  expect(asked.map(({ count }) => count)).toEqual([4]);
});

test("what has no price is told, and the sum is known to lack it", async () => {
  const plan = planOf((config) => (config.masters.instanceType = "S9.LARGE8"));
  const cost = await costOf(plan);
  expect(cost.complete).toBe(false);
  expect(cost.unanswered).toMatchObject([
    {
      what: "S9.LARGE8 with 50 GiB CLOUD_PREMIUM in ap-guangzhou-3",
      action: "cvm:InquiryPriceRunInstances",
      code: "InvalidParameterValue.InstanceTypeNotFound",
    },
    { what: expect.stringContaining("S5.8XLARGE64") as string },
  ]);
});

test("more kinds than a second takes questions are all answered", async () => {
  const cost = await costOf(usual(), { rateLimits: { "cvm:InquiryPriceRunInstances": 2 } });
  expect(cost.complete).toBe(true);
});

describe("the command", () => {
  const checkout = resolve(__dirname, "../..");
  const cost = (port: number, ...args: string[]) =>
    run([process.execPath, "--import", "tsx", "operations/cost.ts", "--stack", "prod", ...args], {
      cwd: checkout,
      timeoutSeconds: 100,
      env: environment(port),
    });

  test("tells people and programs what the example for production costs", async () => {
    cloud = await startTestCloud();
    const json = await cost(cloud.cloud.apiPort, "--json");
    const { month, ...told } = JSON.parse(json.stdout) as Bill;
    expect(told).toMatchObject({ cluster: "prod", hoursPerMonth: 730, complete: true });
    expect(told.items.map(({ count }) => count).reduce((sum, each) => sum + each)).toBe(10 + 3 + 1);
    const { stdout, code, stderr } = await cost(cloud.cloud.apiPort);
    expect(stdout).toContain(`${month.toFixed(2)} for the first 730 hours`);
    expect([json.code, code, stderr]).toEqual([0, 0, ""]);
  });

  test("ends with 2 when a price was not told", async () => {
    cloud = await startTestCloud();
    await cloud.admin("POST", "/faults", {
      ...{ action: "InquiryPriceCreateDisks", times: 99 },
      ...{ code: "UnauthorizedOperation", message: "no" },
    });
    const { stdout, code } = await cost(cloud.cloud.apiPort);
    expect(stdout).toContain("WITHOUT what is below that no price was told of");
    expect(stdout).toContain("Grant cbs:InquiryPriceCreateDisks in CAM.");
    expect(code).toBe(2);
  });
});

test("the documented permissions are enough, and nothing is called without", async () => {
  const policy = camPolicy(["cost"]);
  const plan = planHaving({ ...usual().config, entry: { kind: "clb" } });
  const cost = await costOf(plan, { credentials: [{ ...credential, policy }] });
  expect(cost.unanswered).toEqual([]);
});
