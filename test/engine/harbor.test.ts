import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { examples } from "../support/examples";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

const project = "tencentcloud-kubernetes-ha";
const cos = { bucket: "images-1250000000" };
const harbor = {
  ...{ kind: "harbor", members: 2, instanceType: "S5.MEDIUM4", cos },
  ...{ database: { host: "10.0.9.5" }, redis: { host: "10.0.9.6" } },
};
const distribution = { kind: "distribution", members: 2, instanceType: "S5.MEDIUM4", cos };
const passwords = { database: "given-to-the-database" };

interface Wanted {
  registry?: object;
  /** Release of Harbor. */
  release?: string;
  passwords?: object;
}

/** The example for one zone with a worker a pool, and a registry. */
function configured(file: string, wanted: Wanted): string {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, Record<string, unknown>>;
  };
  const own = stack.config[`${project}:cluster`] ?? {};
  const workers = (own["workers"] as object[]).map((pool) => ({ ...pool, members: 1 }));
  const releases = { distribution: "v3.1.2", harbor: wanted.release ?? "v2.14.4" };
  const versions = { ...(own["versions"] as object), ...releases };
  const { registry } = wanted;
  stack.config[`${project}:cluster`] = {
    ...{ ...own, workers, versions },
    ...(registry && { registry }),
  };
  if (wanted.passwords) stack.config[`${project}:registryPasswords`] = { ...wanted.passwords };
  writeFileSync(file, stringify(stack));
  return file;
}

let lab: MemoryLab;
beforeAll(async () => (lab = await startMemoryLab({ name: "harbor-test" })));
afterAll(() => lab.close());

const prepared = (wanted: Wanted) =>
  lab.engine.prepare(configured(join(lab.identity.dir, "wanted.yaml"), wanted));

/** What an `up` says that begins with its preview, as it does for people, and is refused there: no host is told anything. */
async function refused(wanted: Wanted): Promise<string> {
  await prepared(wanted);
  const before = (await lab.sshLog()).length;
  const { code, said } = await lab.tryUp();
  expect(code).not.toBe(0);
  expect((await lab.sshLog()).slice(before)).toEqual([]);
  return said;
}

/** @returns what hosts were told something by which step, in this order. */
async function up(wanted: Wanted): Promise<string[]> {
  const before = (await lab.sshLog()).length;
  await prepared(wanted);
  expect(await lab.engine.up()).toBe(0);
  return (await lab.sshLog())
    .slice(before)
    .filter(({ command }) => command.includes("run-step.sh"))
    .map(({ host, command }) => `${/run-step\.sh"? (\S+)/.exec(command)?.[1]} ${host}`);
}

const both = ["prod-registry-1", "prod-registry-2"];
const steps = (step: string) => both.map((host) => `${step} ${host}`);

/** The life of a Harbor, in this order, on one lab, with the policy pack on. */
describe("a Harbor", () => {
  test("is not begun without its passwords", async () => {
    expect(await refused({ registry: harbor })).toContain("registryPasswords: is missing");
    expect(Object.values(await lab.admin.resources()).flat()).toEqual([]);
  });

  test("comes with its cluster, one host after the other, and does nothing the second time", async () => {
    const done = await up({ registry: harbor, passwords });
    expect(done.filter((each) => each.startsWith("harbor"))).toEqual(steps("harbor"));
    expect(await up({ registry: harbor, passwords })).toEqual([]);
    expect(lab.engine.changes()).toEqual([]);
  });

  test("has another password of its database on its own hosts alone", async () => {
    const changed = { database: "another-one" };
    expect(await up({ registry: harbor, passwords: changed })).toEqual(steps("harbor"));
  });

  test("takes another release on its own hosts alone, prepared at once and then one after the other", async () => {
    const done = await up({ registry: harbor, passwords, release: "v2.15.2" });
    expect(done.slice(0, 2).sort()).toEqual(steps("prepare-host"));
    expect(done.slice(2)).toEqual(steps("harbor"));
  });

  test("goes back to no release before: the preview refuses it", async () => {
    expect(await refused({ registry: harbor, passwords, release: "v2.14.4" })).toContain(
      "versions.harbor: Harbor goes from v2.15.2 to v2.14.4, down",
    );
  });

  test("does not become a Distribution", async () => {
    expect(await refused({ registry: distribution, release: "v2.15.2" })).toContain(
      "registry.kind: got distribution, but the registry that lives is of kind harbor",
    );
  });

  test("goes as a whole, and leaves the cluster alone", async () => {
    await up({});
    expect((await lab.admin.resources())["roles"]).toEqual([]);
    expect(lab.engine.changes().join("\n")).not.toMatch(/(etcd|master)-\d Instance/);
    expect(await lab.engine.destroy()).toBe(0);
  });
});
