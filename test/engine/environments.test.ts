import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { type ClusterPlan, planCluster } from "../../components/plan/cluster";
import { parseClusterConfig } from "../../components/plan/config";
import { must, run, type RunOptions } from "../../lab/process";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import { expectPlanned, smallCluster } from "../support/planned";

// docs/guides/environments.md and destroy.md with the real engine: two stacks of one project, in one account. One story, each chapter needs the one before it.
jest.setTimeout(10 * 60_000);

const checkout = resolve(__dirname, "../..");
const settingsKey = "tencentcloud-kubernetes-ha:cluster";
type Environment = "prod" | "staging";
interface StackFile {
  config: Record<string, Record<string, unknown>>;
}

let lab: MemoryLab;
/** Directory of the project, with a file for each stack. */
let project: string;
const { configFile: prodFile, plan: prodPlan } = smallCluster("environments");
let stagingPlan: ClusterPlan;

beforeAll(async () => {
  lab = await startMemoryLab({ name: "environments" });
  project = join(lab.identity.dir, "environments");
  mkdirSync(project);
  const settings = parse(readFileSync(join(checkout, "Pulumi.yaml"), "utf8")) as { main: string };
  const main = join(checkout, settings.main);
  writeFileSync(join(project, "Pulumi.yaml"), stringify({ ...settings, main }));
  copyFileSync(prodFile, fileOf("prod"));
});
afterAll(async () => {
  await lab.close();
  rmSync(project, { recursive: true, force: true });
});

const fileOf = (stack: Environment) => join(project, `Pulumi.${stack}.yaml`);
const options = (): RunOptions & { cwd: string } => ({
  cwd: project,
  netns: lab.identity.operatorNetns,
  env: lab.environment(),
  timeoutSeconds: 300,
});
const commandLine = (stack: Environment, args: string[]) => [
  ...["pulumi", ...args, "--stack", stack, "--non-interactive"],
];
/** What a person gives, to its end, which must be a good one. */
const give = (stack: Environment, ...args: string[]) => must(commandLine(stack, args), options());
/** The same, however it ends. */
const tryTo = (stack: Environment, ...args: string[]) => run(commandLine(stack, args), options());

const yes = ["--yes", "--skip-preview", "--suppress-progress"];
const up = ["up", ...yes, "--policy-pack", join(checkout, "policy"), "--parallel", "64"];

/** `npm run orphans -- --stack <stack> --json`, in the checkout. */
async function orphans(stack: Environment): Promise<unknown> {
  const program = [process.execPath, "--import", "tsx", "operations/orphans.ts", "list", "--json"];
  const { stdout, stderr } = await run(
    [...program, "--stack", stack, "--config-file", fileOf(stack)],
    { ...options(), cwd: checkout },
  );
  if (stdout === "") throw new Error(stderr);
  return (JSON.parse(stdout) as { orphans: unknown }).orphans;
}

/** Changes settings of the staging cluster in its file. */
function configureStaging(settings: object): void {
  const stack = parse(readFileSync(fileOf("staging"), "utf8")) as StackFile;
  const cluster = Object.assign(stack.config[settingsKey] ?? {}, settings);
  writeFileSync(fileOf("staging"), stringify(stack));
  stagingPlan = planCluster(parseClusterConfig(cluster));
}

const everything = async (): Promise<string[]> =>
  Object.values(await lab.admin.resources())
    .flat()
    .sort();

describe("environments of one project in one account", () => {
  let ofProd: string[];

  test("the first is made", async () => {
    await give("prod", "stack", "init");
    await give("prod", ...up);
    await expectPlanned(lab, prodPlan);
    ofProd = await everything();
  });

  test("a second whose file still has the first one's name is refused before anything is made", async () => {
    await give("staging", "stack", "init");
    const { encryptionsalt } = parse(readFileSync(fileOf("staging"), "utf8")) as object & {
      encryptionsalt: string;
    };
    const copied = parse(readFileSync(prodFile, "utf8")) as object;
    writeFileSync(fileOf("staging"), stringify({ encryptionsalt, ...copied }));
    const { code, stdout, stderr } = await tryTo("staging", ...up);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/failed .* name prod .*key pair prod_operator is there, and/);
    expect(await everything()).toEqual(ofProd);
    expect(await orphans("staging")).toEqual([]);
  });

  test("with a name of its own it is made beside the first, which has no change", async () => {
    configureStaging({ name: "staging" });
    await give("staging", ...up);
    const there = (await lab.admin.placement()).map(({ name }) => name);
    const planned = [prodPlan, stagingPlan].flatMap(({ hosts }) => hosts.map(({ name }) => name));
    expect(there.sort()).toEqual(planned.sort());
    await give("prod", "preview", "--expect-no-changes");
    await give("staging", "preview", "--expect-no-changes");
    expect([await orphans("prod"), await orphans("staging")]).toEqual([[], []]);
  });

  test("a change is tried on one alone", async () => {
    const before = (await lab.sshLog()).length;
    const extraArgs = { apiServer: { "max-requests-inflight": "500" } };
    configureStaging({ controlPlane: { extraArgs } });
    await give("staging", ...up);
    const told = new Set((await lab.sshLog()).slice(before).map(({ host }) => host));
    expect([...told].filter((host) => !host.startsWith("staging-"))).toEqual([]);
    expect([...told]).toContain("staging-master-1");
  });

  test("the second goes, with what is protected, and leaves the first as it was", async () => {
    await give("staging", "destroy", ...yes, "--ignore-protect");
    expect(await orphans("staging")).toEqual([]);
    await give("staging", "stack", "rm", "--yes");
    expect(await everything()).toEqual(ofProd);
    await give("prod", "preview", "--expect-no-changes");
    await expectPlanned(lab, prodPlan);
  });
});
