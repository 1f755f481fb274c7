import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { examples } from "../support/examples";
import { roomyInventory, startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";

/** The example in one zone with so many masters, which hold etcd and the virtual address. */
function configured(file: string, masters: number): string {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, Record<string, unknown>>;
  };
  const settings = stack.config[settingsKey] ?? {};
  stack.config[settingsKey] = {
    ...settings,
    masters: { ...(settings["masters"] as object), members: masters },
    etcd: { topology: "stacked" },
    entry: { kind: "vip", on: "masters" },
  };
  writeFileSync(file, stringify(stack));
  return file;
}

let lab: MemoryLab;
// A physical host for each of five masters.
const options = { name: "two-duties-test", inventory: roomyInventory(5) };
beforeAll(async () => (lab = await startMemoryLab(options)));
afterAll(() => lab.close());

/** Takes the cluster to so many masters. @returns the hosts that were told something. */
async function up(masters: number): Promise<string[]> {
  const before = (await lab.sshLog()).length;
  await lab.engine.prepare(configured(join(lab.identity.dir, `${masters}.yaml`), masters));
  expect(await lab.engine.up()).toBe(0);
  return [...new Set((await lab.sshLog()).slice(before).map(({ host }) => host))].sort();
}

const masters = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `prod-master-${index + 1}`);

/** The life of a cluster whose masters do all but its pods' work, in this order, on one lab. */
describe("a cluster of masters and workers alone", () => {
  test("is made, a data disk and a part in the HAVIP for each master", async () => {
    const hosts = await up(3);
    const others = hosts.filter((host) => !/-(bastion|general)-/.test(host));
    expect(others).toEqual(masters(3));
    const names = (await lab.admin.placement()).map(({ name }) => name).sort();
    expect(hosts).toEqual(names);
  });

  test("keeps each master's steps in their order: its member, and its part in the entry, before it is one", async () => {
    const log = await lab.sshLog();
    for (const master of masters(3)) {
      const steps = log.flatMap(({ host, command }) => {
        const [step] =
          /(?<=run-step\.sh" )(prepare-host|etcd|balancer|control-plane)(?= )/.exec(command) ?? [];
        return host === master && step !== undefined ? [step] : [];
      });
      expect([steps.at(0), steps.at(-1)]).toEqual(["prepare-host", "control-plane"]);
      expect(steps.slice(1, -1).sort()).toEqual(["balancer", "etcd"]);
    }
  });

  test("does nothing the second time", async () => {
    expect(await up(3)).toEqual([]);
  });

  test("grows by two masters, and tells no worker; the bastion learns whom it may ask", async () => {
    expect(await up(5)).toEqual(["prod-bastion-1", ...masters(5)]);
  });

  test("goes, and leaves nothing", async () => {
    expect(await lab.engine.destroy()).toBe(0);
    expect(Object.values(await lab.admin.resources()).flat()).toEqual([]);
  });
});
