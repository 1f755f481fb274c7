import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";
const pulumiConfig = resolve(__dirname, "../../Pulumi.prod.yaml");
const pair = { members: 2, instanceType: "S5.MEDIUM4" };
const nat = { kind: "lvs", forwarding: "nat", directors: pair, balancers: pair };

/** Pulumi.prod.yaml with such an entry, in one zone, with a worker a pool. */
function configured(file: string, entry: object): string {
  const stack = parse(readFileSync(pulumiConfig, "utf8")) as {
    config: Record<string, Record<string, unknown>>;
  };
  const settings = stack.config[settingsKey] ?? {};
  const workers = (settings["workers"] as object[]).map((pool) => ({ ...pool, members: 1 }));
  stack.config[settingsKey] = { ...settings, workers, entry };
  writeFileSync(file, stringify(stack));
  return file;
}

let lab: MemoryLab;
beforeAll(async () => (lab = await startMemoryLab({ name: "lvs-test" })));
afterAll(() => lab.close());

/** @returns what hosts were told something. */
async function up(entry: object): Promise<string[]> {
  const before = (await lab.sshLog()).length;
  await lab.engine.prepare(configured(join(lab.identity.dir, "wanted.yaml"), entry));
  expect(await lab.engine.up()).toBe(0);
  return [...new Set((await lab.sshLog()).slice(before).map(({ host }) => host))].sort();
}

/** The life of a cluster behind directors, in this order, on one lab, with the policy pack on. */
describe("a cluster behind directors that translate", () => {
  test("is made: directors with a HAVIP, balancers behind them", async () => {
    const hosts = await up(nat);
    expect(hosts).toEqual(
      expect.arrayContaining([
        ...["prod-balancer-1", "prod-balancer-2", "prod-director-1", "prod-director-2"],
      ]),
    );
    expect((await lab.admin.resources()).haVips).toHaveLength(1);
  });

  test("does nothing the second time", async () => {
    expect(await up(nat)).toEqual([]);
    expect(lab.engine.changes()).toEqual([]);
  });

  test("tells of another scheduler the directors, and nobody else", async () => {
    const hosts = await up({ ...nat, scheduler: "sh" });
    expect(hosts).toEqual(["prod-director-1", "prod-director-2"]);
  });

  test("that front another service, too, tell it to all that have a part in it or ask for it", async () => {
    const web = { name: "web", mode: "https", port: 443, hostname: "web.prod.internal" };
    const pool = { name: "general", port: 30_080 };
    const hosts = await up({ ...nat, extraFrontends: [{ ...web, pool }] });
    expect(hosts).toEqual(
      expect.arrayContaining([
        ...["prod-balancer-1", "prod-balancer-2", "prod-director-1", "prod-director-2"],
        ...["prod-bastion-1", "prod-general-1", "prod-master-1"],
      ]),
    );
    expect(hosts.filter((host) => host.startsWith("prod-etcd"))).toEqual([]);
    expect(await up({ ...nat, extraFrontends: [{ ...web, pool }] })).toEqual([]);
  });

  test("goes, and leaves nothing", async () => {
    expect(await lab.engine.destroy()).toBe(0);
    expect(Object.values(await lab.admin.resources()).flat()).toEqual([]);
  });
});
