import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { run } from "../../lab/process";
import { type ClusterPlan, planCluster } from "../../components/plan/cluster";
import { parseClusterConfig } from "../../components/plan/config";
import { examples } from "../support/examples";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import { expectPlanned } from "../support/planned";
import type { TestConfig } from "../unit/plan/fixture";

jest.setTimeout(20 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";
const instanceType = "S5.LARGE8";
type Pools = TestConfig["workers"];
/** Machines that are paid for otherwise, with a disk, an image's choice and a script of their own. */
const usual = (): Pools => [
  {
    ...{ pool: "spot", members: 1, instanceType },
    charge: { kind: "spot", maxPrice: "0.5" },
    dataDisk: { type: "CLOUD_SSD", sizeGiB: 100, encrypt: true },
  },
  {
    ...{ pool: "paid", members: 1, instanceType, addressBlock: 1 },
    charge: { kind: "prepaid", months: 1 },
    firstBootScript: "#!/bin/sh\nmodprobe nbd\n",
  },
];

const workers = ["prod-spot-1", "prod-paid-1"];
const workerStep = 'run-step.sh" worker ';
/** How long the first step of each worker takes, at least. */
const stepMs = 3000;

let lab: MemoryLab;
let plan: ClusterPlan;
beforeAll(async () => {
  lab = await startMemoryLab({ name: "machines-test" });
  await configure();
  for (const host of workers)
    await lab.admin.failHost({ host, commandMatches: workerStep, times: 1, delayMs: stepMs });
  // One less than hosts.
  expect(await lab.engine.up(["--parallel", "10"])).toBe(0);
});
afterAll(() => lab.close());

/** The example of one zone with these pools. */
async function configure(change: (pools: Pools) => Pools = (pools) => pools): Promise<void> {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, TestConfig>;
  };
  const config = stack.config[settingsKey];
  if (config === undefined) throw new Error(`${examples.oneZone} has no ${settingsKey}`);
  config.workers = change(usual());
  plan = planCluster(parseClusterConfig(config));
  const file = join(lab.identity.dir, "wanted.yaml");
  writeFileSync(file, stringify(stack));
  await lab.engine.prepare(file);
}

/** What has been asked of the cloud that could have changed it. */
async function changes(): Promise<string[]> {
  const calls = (await lab.admin.call("GET", "/requests?last=2000")) as { action: string }[];
  return calls.flatMap(({ action }) =>
    /^(Describe|Get|List|Inquiry)/.test(action) ? [] : [action],
  );
}

/** Outputs of an instance, as the provider has read them from the cloud. */
async function instance(name: string): Promise<Record<string, unknown>> {
  const { stdout } = await lab.engine.capture(["stack", "export", "--stack", "lab"]);
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources: { urn: string; outputs?: Record<string, unknown> }[] };
  };
  const found = deployment.resources.find(({ urn }) => urn.endsWith(`:Instance::${name}`));
  if (found?.outputs === undefined) throw new Error(`there is no ${name}`);
  return found.outputs;
}

const idOf = async (name: string) =>
  (await lab.admin.placement()).find((each) => each.name === name)?.instanceId ?? "";

/** One cluster's life, in this order. */
describe("machines of a pool", () => {
  test("whose steps are more than the engine has operations for go one after another", async () => {
    const log = await lab.sshLog();
    const begun = workers.map((worker) => {
      const step = log.find(({ host, command }) => host === worker && command.includes(workerStep));
      return Date.parse(step?.at ?? "");
    });
    const [first = NaN, second = NaN] = begun;
    expect(second - first).toBeGreaterThanOrEqual(stepMs);
  });

  test("are what the pool says, and a second run changes nothing", async () => {
    await expectPlanned(lab, plan);
    expect(await instance("prod-spot-1")).toMatchObject({ instanceChargeType: "SPOTPAID" });
    expect(await instance("prod-paid-1")).toMatchObject({
      instanceChargeType: "PREPAID",
      instanceChargeTypePrepaidRenewFlag: "NOTIFY_AND_AUTO_RENEW",
    });
    expect(await instance("prod-master-1")).toMatchObject({
      instanceChargeType: "POSTPAID_BY_HOUR",
    });
    expect(await lab.engine.up()).toBe(0);
    expect(lab.engine.changes()).toEqual([]);
  });

  test("do not become others: an edit is refused in the preview with the settings, and nothing is touched", async () => {
    const [before, told] = [await changes(), (await lab.sshLog()).length];
    await configure(([spot, ...others]) => [
      {
        ...spot,
        charge: { kind: "hourly" },
        dataDisk: { ...spot.dataDisk, type: "CLOUD_HSSD", mountPath: "/data" },
      },
      ...others,
    ]);
    const { code, stdout, stderr } = await run(
      ["pulumi", "up", "--yes", ...lab.engine.selection()],
      {
        cwd: lab.identity.checkout,
        netns: lab.identity.operatorNetns,
        env: lab.environment(),
        timeoutSeconds: 300,
      },
    );
    expect(code).not.toBe(0);
    const said = `${stdout}${stderr}`.replace(/\s+/g, " ");
    for (const [setting, was] of [
      ["dataDisk.type", "CLOUD_SSD"],
      ["dataDisk.mountPath", "/var/lib/containerd"],
      ["charge.kind", "spot"],
    ])
      expect(said).toMatch(
        new RegExp(
          `workers\\[spot\\]\\.${setting}: got "[^"]+", but workers of the pool .* have "${was}"`,
        ),
      );
    expect(await changes()).toEqual(before);
    expect((await lab.sshLog()).length).toBe(told);
  });

  test("whose disk grows go on, and their hosts alone are told; another pool takes the place of one, whose machines are given back", async () => {
    await configure(([spot]) => [
      { ...spot, dataDisk: { ...spot.dataDisk, sizeGiB: 200 } },
      {
        pool: "other",
        members: 1,
        instanceType,
        addressBlock: 2,
        dataDisk: { mountPath: "/data" },
      },
    ]);
    const since = (await lab.sshLog()).length;
    expect(await lab.engine.up()).toBe(0);
    const told = (await lab.sshLog()).slice(since).map(({ host }) => host);
    // The bastion takes the one that leaves out of the cluster.
    expect([...new Set(told)].sort()).toEqual(["prod-bastion-1", "prod-other-1", "prod-spot-1"]);
    expect(await changes()).toContain("ResizeDisk");
    // Nothing is left in the recycle bin.
    await expectPlanned(lab, plan);
  });

  test("that the cloud has taken back are found gone, and made anew with their disks", async () => {
    const taken = await idOf("prod-spot-1");
    await lab.admin.instance(taken, "reclaim");
    expect(await lab.engine.up(["--refresh"])).toBe(0);
    expect([taken, ""]).not.toContain(await idOf("prod-spot-1"));
    const ofDisks = lab.engine.changes().filter((change) => change.includes(":CbsStorage "));
    expect(ofDisks.filter((change) => !change.startsWith("refresh "))).toEqual([]);
    await expectPlanned(lab, plan);
  });
});
