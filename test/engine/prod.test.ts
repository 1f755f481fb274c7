import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

const config = resolve(__dirname, "../../Pulumi.prod.yaml");
const settingsKey = "tencentcloud-kubernetes-ha:cluster";

interface StackFile {
  config: Record<string, unknown> & {
    [settingsKey]: { workers: { pool: string; members: number }[] };
  };
}

/** A call of the API, as the cloud has logged it. */
interface Request {
  action: string;
  client: string;
  outcome: string;
}

let lab: MemoryLab;
beforeAll(async () => (lab = await startMemoryLab({ name: "prod-test", config })));
afterAll(() => lab.close());

/** Names of the hosts that were told something since `before` entries of the log. */
async function touched(before: number): Promise<string[]> {
  return [...new Set((await lab.sshLog()).slice(before).map(({ host }) => host))].sort();
}

const everything = async (): Promise<string[]> =>
  Object.values(await lab.admin.resources())
    .flat()
    .sort();

/** The whole life of Pulumi.prod.yaml, in this order, on one lab. */
describe("the example for production on the local cloud, without machines", () => {
  test("preview shows it and makes nothing", async () => {
    expect(await lab.engine.preview()).toBe(0);
    expect(await everything()).toEqual([]);
    expect(await lab.sshLog()).toEqual([]);
  });

  test("up makes every host and takes each through its steps, over the bastion", async () => {
    expect(await lab.engine.up()).toBe(0);
    const hosts = (await lab.admin.placement()).map(({ name }) => name).sort();
    expect(hosts).toEqual([
      "prod-balancer-1",
      "prod-balancer-2",
      "prod-bastion-1",
      "prod-etcd-1",
      "prod-etcd-2",
      "prod-etcd-3",
      "prod-general-1",
      "prod-general-2",
      "prod-general-3",
      "prod-master-1",
      "prod-master-2",
      "prod-master-3",
    ]);
    expect(await touched(0)).toEqual(hosts);
    // Each host gets the scripts once, before any step.
    for (const host of hosts) {
      const copies = (await lab.sshLog()).filter((entry) => entry.host === host);
      expect(copies.map(({ command }) => command.startsWith("copy "))).toEqual(
        copies.map((_, index) => index === 0),
      );
    }
  });

  test("no instance was ordered too soon after others", async () => {
    const calls = (await lab.admin.call("GET", "/requests?last=2000")) as Request[];
    const orders = calls.filter(({ action }) => action === "RunInstances");
    // The preflight's dry runs are among them.
    expect(orders.length).toBeGreaterThan(12);
    expect(orders.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  });

  test("headers of calls do not grow with their number", async () => {
    const calls = (await lab.admin.call("GET", "/requests?last=2000")) as Request[];
    const looks = calls.filter(({ client }) => client.includes(",id="));
    expect(looks.length).toBeGreaterThan(12);
    // An id or two: looks at the same moment share the header's text.
    for (const { client } of looks) expect(client.length).toBeLessThan(100);
  });

  test("refresh finds no drift", async () => {
    const { engine } = lab;
    expect(
      await engine.show([
        ...["refresh", "--yes", "--skip-preview", "--expect-no-changes"],
        ...engine.selection(),
      ]),
    ).toBe(0);
  });

  test("a second up changes nothing and tells no host anything", async () => {
    const before = { made: await everything(), told: (await lab.sshLog()).length };
    expect(await lab.engine.up()).toBe(0);
    expect(lab.engine.changes()).toEqual([]);
    expect(await everything()).toEqual(before.made);
    expect(await touched(before.told)).toEqual([]);
  });

  test("one more worker touches its own host alone", async () => {
    const before = (await lab.sshLog()).length;
    const stack = parse(readFileSync(config, "utf8")) as StackFile;
    const [pool] = stack.config[settingsKey].workers;
    if (pool === undefined) throw new Error(`${config} has no pool of workers`);
    pool.members += 1;
    const changed = join(lab.identity.dir, "one-more.yaml");
    writeFileSync(changed, stringify(stack));
    await lab.engine.prepare(changed);
    expect(await lab.engine.up()).toBe(0);
    expect(await touched(before)).toEqual([`prod-general-${pool.members}`]);
    // The component that holds the configuration is registered anew, and the cloud is asked for one machine more; nothing living changes.
    expect(lab.engine.changes().filter((change) => !change.startsWith("create "))).toEqual([
      "update kubernetes-ha:index:HaCluster prod",
      "update kubernetes-ha:index:HaCluster$command:local:Command prod-preflight",
    ]);
  });

  test("destroy leaves the cloud empty, and asks nothing of hosts that go", async () => {
    const before = (await lab.sshLog()).length;
    expect(await lab.engine.destroy()).toBe(0);
    expect(await everything()).toEqual([]);
    expect(await touched(before)).toEqual([]);
  });
});
