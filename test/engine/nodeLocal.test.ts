import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";
const pulumiConfig = resolve(__dirname, "../../Pulumi.prod.yaml");

/** Pulumi.prod.yaml with a proxy on every node, and so many masters. */
function configured(file: string, masters: number): string {
  const stack = parse(readFileSync(pulumiConfig, "utf8")) as {
    config: Record<string, Record<string, unknown>>;
  };
  const settings = stack.config[settingsKey] ?? {};
  const members = { ...(settings["masters"] as object), members: masters };
  stack.config[settingsKey] = { ...settings, masters: members, entry: { kind: "nodeLocal" } };
  writeFileSync(file, stringify(stack));
  return file;
}

let lab: MemoryLab;
beforeAll(async () => (lab = await startMemoryLab({ name: "node-local-test" })));
afterAll(() => lab.close());

/** Takes the cluster to so many masters. @returns the hosts that were told something. */
async function up(masters: number): Promise<string[]> {
  const before = (await lab.sshLog()).length;
  await lab.engine.prepare(configured(join(lab.identity.dir, `${masters}.yaml`), masters));
  expect(await lab.engine.up()).toBe(0);
  return [...new Set((await lab.sshLog()).slice(before).map(({ host }) => host))].sort();
}

/** The life of a cluster whose nodes have a proxy each, in this order, on one lab. */
describe("a cluster without balancers", () => {
  test("is made, with nothing for its entry in the cloud", async () => {
    const hosts = await up(2);
    expect(hosts.filter((host) => host.includes("balancer"))).toEqual([]);
    const { haVips, ...resources } = await lab.admin.resources();
    expect(haVips ?? []).toEqual([]);
    expect(Object.keys(resources).length).toBeGreaterThan(5);
  });

  test("does nothing the second time", async () => {
    expect(await up(2)).toEqual([]);
  });

  test("tells of another master whoever has a proxy, and etcd's hosts nothing but whom to look for", async () => {
    const hosts = await up(3);
    expect(hosts).toEqual(expect.arrayContaining(["prod-bastion-1", "prod-master-3"]));
    expect(hosts.some((host) => host.includes("general"))).toBe(true);
  });

  test("goes, and leaves nothing", async () => {
    expect(await lab.engine.destroy()).toBe(0);
    expect(Object.values(await lab.admin.resources()).flat()).toEqual([]);
  });
});
