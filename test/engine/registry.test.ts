import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { camPolicy } from "../../operations/permissions/policy";
import { examples } from "../support/examples";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";
const registry = {
  ...{ kind: "distribution", members: 2, instanceType: "S5.MEDIUM2" },
  cos: { bucket: "images-1250000000" },
};

/** The example for one zone with a worker a pool, and settings in the place of its own. */
function configured(file: string, settings: object): string {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, Record<string, unknown>>;
  };
  const own = stack.config[settingsKey] ?? {};
  const workers = (own["workers"] as object[]).map((pool) => ({ ...pool, members: 1 }));
  const versions = { ...(own["versions"] as object), distribution: "v3.1.2" };
  stack.config[settingsKey] = { ...own, workers, versions, ...settings };
  writeFileSync(file, stringify(stack));
  return file;
}

let lab: MemoryLab;
/** All that its credentials may do: what docs/permissions.md says for it. */
const policy = camPolicy(["cluster", "natGateway", "haVip", "storageRole"]);
beforeAll(async () => (lab = await startMemoryLab({ name: "registry-test", policy })));
afterAll(() => lab.close());

/** @returns what hosts were told something, in the order they were first told it. */
async function up(settings: object = {}): Promise<string[]> {
  const before = (await lab.sshLog()).length;
  await lab.engine.prepare(configured(join(lab.identity.dir, "wanted.yaml"), settings));
  expect(await lab.engine.up()).toBe(0);
  return [...new Set((await lab.sshLog()).slice(before).map(({ host }) => host))];
}

const both = ["prod-registry-1", "prod-registry-2"];

/** The life of a registry, in this order, on one lab, with the policy pack on. */
describe("a registry", () => {
  test("comes to a living cluster: its hosts, and those that front it or ask it are told; etcd is not", async () => {
    await up();
    const hosts = await up({ registry });
    expect([...hosts].sort()).toEqual([
      ...["prod-balancer-1", "prod-balancer-2", "prod-bastion-1", "prod-general-1"],
      ...["prod-master-1", "prod-master-2", "prod-master-3", ...both],
    ]);
  });

  test("does nothing the second time", async () => {
    expect(await up({ registry })).toEqual([]);
    expect(lab.engine.changes()).toEqual([]);
  });

  test("takes another release on its own hosts alone, one after the other", async () => {
    const { engine } = lab;
    const before = (await lab.sshLog()).length;
    const file = join(lab.identity.dir, "wanted.yaml");
    const text = readFileSync(configured(file, { registry }), "utf8");
    writeFileSync(file, text.replace("distribution: v3.1.2", "distribution: v3.1.1"));
    await engine.prepare(file);
    expect(await engine.up()).toBe(0);
    const steps = (await lab.sshLog())
      .slice(before)
      .filter(({ command }) => command.includes("run-step.sh"))
      .map(({ host, command }) => `${/run-step\.sh"? (\S+)/.exec(command)?.[1]} ${host}`);
    expect(steps.slice(0, 2).sort()).toEqual(both.map((host) => `prepare-host ${host}`));
    expect(steps.slice(2)).toEqual(both.map((host) => `registry ${host}`));
  });

  test("has one host made anew, and leaves the other alone", async () => {
    await up({ registry });
    const hosts = await up({ registry, generations: { "registry-1": 2 } });
    expect(hosts).toEqual(["prod-registry-1"]);
    const changed = lab.engine.changes();
    expect(changed.filter((change) => change.includes("registry-2"))).toEqual([]);
    expect(changed).toContainEqual(expect.stringMatching(/^replace .*:Instance prod-registry-1$/));
  });

  test("goes as a whole, with its role, and leaves the cluster alone", async () => {
    await up({ generations: {} });
    expect((await lab.admin.resources())["roles"]).toEqual([]);
    expect(lab.engine.changes().join("\n")).not.toMatch(/(etcd|master)-\d Instance/);
  });

  test("is gone with the cluster", async () => {
    expect(await lab.engine.destroy()).toBe(0);
    expect(Object.values(await lab.admin.resources()).flat()).toEqual([]);
  });
});
