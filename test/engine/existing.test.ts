import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { must } from "../../lab/process";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import { smallCluster } from "../support/planned";

// docs/guides/existing.md with the real engine and provider: a VPC that was made by hand comes into a stack of its owners, and a cluster lives in it.
jest.setTimeout(10 * 60_000);

const program = resolve(__dirname, "existing/index.ts");
const zone = "ap-guangzhou-6";
let lab: MemoryLab;
let vpcId: string;

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

test("a VPC that no stack knows is imported as it is", async () => {
  // Whoever made it by hand.
  await owners("console", "stack", "init");
  await owners("console", "up", ...yes);
  vpcId = (await owners("console", "stack", "output", "vpcId")).stdout.trim();
  await owners("console", "stack", "rm", "--yes", "--force");

  await owners("office", "stack", "init");
  await owners("office", "up", ...yes, "-c", `import=${vpcId}`);
  expect((await resources()).vpcs).toEqual([vpcId]);
  // It is known now, so nothing has to say so any more.
  await owners("office", "config", "rm", "import");
  await unchanged();
});

test("a cluster lives in it, in subnets of its own, and its owners see no change", async () => {
  const network = {
    ...{ vpcCidr: "10.30.0.0/16", existing: { vpcId } },
    zones: [{ zone, subnetCidr: "10.30.0.0/20" }],
  };
  const { plan, configFile } = smallCluster("existing", { network });
  await lab.engine.prepare(configFile);
  expect(await lab.engine.up()).toBe(0);
  const there = await resources();
  expect(there.vpcs).toEqual([vpcId]);
  expect(there.instances).toHaveLength(plan.hosts.length);
  expect(await lab.engine.up()).toBe(0);
  expect(lab.engine.changes()).toEqual([]);
  await unchanged();
});

test("the cluster goes, and leaves the VPC as it was", async () => {
  expect(await lab.engine.destroy()).toBe(0);
  expect(await resources()).toMatchObject({ vpcs: [vpcId], instances: [] });
  await unchanged();
});
