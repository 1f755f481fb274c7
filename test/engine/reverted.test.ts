import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { startRun } from "../support/interruptible";
import { smallCluster } from "../support/planned";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(15 * 60_000);

const cluster = smallCluster("reverted");
const settingsKey = "tencentcloud-kubernetes-ha:cluster";

let lab: MemoryLab;
beforeAll(async () => {
  lab = await startMemoryLab({ name: "reverted", config: cluster.configFile });
  expect(await lab.engine.up()).toBe(0);
});
afterAll(() => lab.close());

type Settings = Record<string, Record<string, unknown>>;

/** Has the next run take the cluster with these settings changed. */
async function configure(change: (settings: Settings) => void): Promise<void> {
  const stack = parse(readFileSync(cluster.configFile, "utf8")) as {
    config: Record<string, Settings>;
  };
  change(stack.config[settingsKey] ?? {});
  const file = join(lab.identity.dir, "changed.yaml");
  writeFileSync(file, stringify(stack));
  await lab.engine.prepare(file);
}

/** Hosts that were told to run a step since, in order. */
async function told(step: string, since: number): Promise<string[]> {
  const log = (await lab.sshLog()).slice(since);
  return log.filter(({ command }) => command.includes(` ${step} `)).map(({ host }) => host);
}

const [first = "", ...others] = cluster.plan.masters.map(({ name }) => name);

test("good, bad, good: a step that failed runs again, though its inputs are those of the last good run", async () => {
  await configure((settings) => {
    settings["controlPlane"] = { ...settings["controlPlane"], podEvictionSeconds: 77 };
  });
  await lab.admin.failHost({ host: first, commandMatches: "control-plane", exitCode: 1 });
  expect((await startRun(lab, "up").ended).code).not.toBe(0);

  await configure(() => undefined);
  const since = (await lab.sshLog()).length;
  expect(await lab.engine.up()).toBe(0);
  expect((await told("control-plane", since)).sort()).toEqual([first, ...others].sort());
  const again = (await lab.sshLog()).length;
  expect(await lab.engine.up()).toBe(0);
  expect((await lab.sshLog()).length).toBe(again);
});

test("machines of a pool are not stopped at once: refused in the preview, and without one after the first", async () => {
  await configure((settings) => {
    settings["masters"] = { ...settings["masters"], instanceType: "S5.2XLARGE16" };
  });
  expect(await lab.engine.preview()).not.toBe(0);
  const { code, output } = await startRun(lab, "up").ended;
  expect(code).not.toBe(0);
  expect(output.replace(/\s+/g, " ")).toMatch(/would be stopped at once, as instanceType changes/);
  const calls = (await lab.admin.call("GET", "/requests?last=2000")) as { action: string }[];
  expect(calls.filter(({ action }) => action === "ResetInstancesType")).toHaveLength(1);
});
