import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { must } from "../../lab/process";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import { smallCluster } from "../support/planned";

// docs/guides/existing.md with the real engine and provider: a VPC and a subnet that were made by hand come into a stack of their owners, and a cluster lives in both.
jest.setTimeout(10 * 60_000);

const program = resolve(__dirname, "existing/index.ts");
const [zone, other] = ["ap-guangzhou-6", "ap-guangzhou-4"];
let lab: MemoryLab;
let vpcId: string;
let subnetId: string;

beforeAll(async () => {
  lab = await startMemoryLab({ name: "existing" });
  mkdirSync(directory());
  const options = { typescript: false, nodeargs: `--require ${resolve("typescript.cjs")}` };
  const runtime = { name: "nodejs", options };
  const file = join(directory(), "Pulumi.yaml");
  writeFileSync(file, stringify({ name: "network", runtime, main: program }));
});
afterAll(() => lab.close());

const directory = () => join(lab.identity.dir, "network");
/** The owners of the VPC, in the project of their own. */
const owners = (stack: string, ...args: string[]) =>
  must(["pulumi", ...args, "--stack", stack, "--non-interactive"], {
    ...{ cwd: directory(), netns: lab.identity.operatorNetns },
    ...{ env: lab.environment(), timeoutSeconds: 180 },
  });
const yes = ["--yes", "--skip-preview", "--suppress-progress"];
const unchanged = () => owners("office", "preview", "--expect-no-changes", "--refresh");

const resources = async () => {
  const { vpcs = [], subnets = [], instances = [] } = await lab.admin.resources();
  return { vpcs, subnets, instances };
};

test("a VPC and a subnet that no stack knows are imported as they are", async () => {
  // Whoever made it by hand.
  await owners("console", "stack", "init");
  await owners("console", "up", ...yes);
  const output = async (name: string) =>
    (await owners("console", "stack", "output", name)).stdout.trim();
  [vpcId, subnetId] = [await output("vpcId"), await output("subnetId")];
  await owners("console", "stack", "rm", "--yes", "--force");

  await owners("office", "stack", "init");
  const imports = ["-c", `import=${vpcId}`, "-c", `importSubnet=${subnetId}`];
  await owners("office", "up", ...yes, ...imports);
  expect(await resources()).toMatchObject({ vpcs: [vpcId], subnets: [subnetId] });
  // They are known now, so nothing has to say so any more.
  for (const each of ["import", "importSubnet"]) await owners("office", "config", "rm", each);
  await unchanged();
});

test("a cluster lives in them, with a subnet of its own in another zone, and their owners see no change", async () => {
  const network = {
    ...{ vpcCidr: "10.30.0.0/16", existing: { vpcId, subnetIds: { [zone]: subnetId } } },
    zones: [
      { zone, subnetCidr: "10.30.16.0/20" },
      { zone: other, subnetCidr: "10.30.32.0/20" },
    ],
  };
  const { plan, configFile } = smallCluster("existing", { network });
  await lab.engine.prepare(configFile);
  expect(await lab.engine.up()).toBe(0);
  const there = await resources();
  expect(there.vpcs).toEqual([vpcId]);
  expect(there.subnets).toEqual([subnetId, expect.not.stringMatching(subnetId)]);
  expect(there.instances).toHaveLength(plan.hosts.length);
  expect(await lab.engine.up()).toBe(0);
  expect(lab.engine.changes()).toEqual([]);
  await unchanged();
});

test("the cluster goes, and leaves VPC and subnet as they were", async () => {
  expect(await lab.engine.destroy()).toBe(0);
  expect(await resources()).toEqual({ vpcs: [vpcId], subnets: [subnetId], instances: [] });
  await unchanged();
});
