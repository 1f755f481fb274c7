import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import { ClusterConfigError, parseClusterConfig } from "../../components/plan";
import { run } from "../../lab/process";
import { clusterConfigs } from "../support/clusterConfigs";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

/** FUZZ_SEED repeats a run, FUZZ_RUNS makes more of each kind. */
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const runs = Number(process.env["FUZZ_RUNS"] ?? 3);

/** Problems of a configuration; none = it is taken. */
function problemsOf(config: unknown): string[] {
  try {
    parseClusterConfig(config);
    return [];
  } catch (error) {
    if (error instanceof ClusterConfigError) return error.problems.map(({ path }) => path);
    throw error;
  }
}

const sample = fc
  .sample(clusterConfigs, { seed, numRuns: 50 * runs })
  .map((config) => ({ config, problems: problemsOf(config) }));
const taken = sample.filter(({ problems }) => problems.length === 0).slice(0, runs);
const refused = sample.filter(({ problems }) => problems.length > 0).slice(0, runs);
const named = <T>(kind: T[]): (T & { title: string })[] =>
  kind.map((each, i) => ({ ...each, title: `seed ${seed}, number ${i + 1}` }));

let lab: MemoryLab;
beforeAll(async () => (lab = await startMemoryLab({ name: "fuzz-test" })));
afterAll(() => lab.close());

async function prepare(config: object): Promise<void> {
  const file = join(lab.identity.dir, "fuzz.yaml");
  writeFileSync(file, stringify({ config: { "tencentcloud-kubernetes-ha:cluster": config } }));
  await lab.engine.prepare(file);
}

const left = async (): Promise<string[]> => Object.values(await lab.admin.resources()).flat();

test("there are both kinds", () => {
  expect([taken.length, refused.length]).toEqual([runs, runs]);
});

test.each(named(refused))(
  "refused, with every problem by its path: $title",
  async ({ config, problems }) => {
    await prepare(config);
    const { code, stdout, stderr } = await run(["pulumi", "preview", ...lab.engine.selection()], {
      cwd: lab.identity.checkout,
      netns: lab.identity.operatorNetns,
      env: lab.environment(),
      timeoutSeconds: 240,
    });
    expect(code).not.toBe(0);
    for (const path of problems) expect(stdout + stderr).toContain(`${path}: `);
    expect(await left()).toEqual([]);
  },
);

test.each(named(taken))("up, no change, destroy: $title", async ({ config }) => {
  await prepare(config);
  expect({ config, code: await lab.engine.up() }).toEqual({ config, code: 0 });
  const told = (await lab.sshLog()).length;
  expect(await lab.engine.up()).toBe(0);
  expect({ config, changes: lab.engine.changes() }).toEqual({ config, changes: [] });
  expect((await lab.sshLog()).slice(told)).toEqual([]);
  expect(await lab.engine.destroy()).toBe(0);
  expect(await left()).toEqual([]);
});
