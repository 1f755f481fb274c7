import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { examples } from "../support/examples";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import type { TestConfig } from "../unit/plan/fixture";

jest.setTimeout(10 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";
let lab: MemoryLab;
beforeAll(async () => {
  lab = await startMemoryLab({ name: "refused-test" });
  await configure(() => undefined);
  expect(await lab.engine.up()).toBe(0);
});
afterAll(() => lab.close());

/** The example of one zone, small, after a change. */
async function configure(change: (config: TestConfig) => void): Promise<void> {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, TestConfig>;
  };
  const config = stack.config[settingsKey];
  if (config === undefined) throw new Error(`${examples.oneZone} has no ${settingsKey}`);
  for (const pool of config.workers) pool.members = 1;
  change(config);
  const file = join(lab.identity.dir, "wanted.yaml");
  writeFileSync(file, stringify(stack));
  await lab.engine.prepare(file);
}

/** What is there, and what was ever asked of cloud and hosts that could have changed it. */
async function world(): Promise<unknown> {
  const requests = (await lab.admin.call("GET", "/requests")) as { action: string }[];
  return {
    made: await lab.admin.resources(),
    changes: requests.filter(({ action }) => !/^(Describe|Get|List|Inquiry)/.test(action)),
    told: (await lab.sshLog()).length,
  };
}

/** Resources that an `up` is refused for, by their names. */
async function refusedFor(): Promise<string[]> {
  const { code, said } = await lab.tryUp();
  const refusals =
    /unable to replace resource "[^"]*::([^:"]+)"|"[^"]*::([^:"]+)" cannot be deleted/g;
  const found = [...said.matchAll(refusals)].map(
    ([, replaced, removed]) => replaced ?? removed ?? "",
  );
  if (code === 0 || found.length === 0) throw new Error(`ended with ${code}:\n${said}`);
  return [...new Set(found)].sort();
}

const disks = ["prod-etcd-1-data", "prod-etcd-2-data", "prod-etcd-3-data"];
const members = ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"];
const masters = ["prod-master-1", "prod-master-2", "prod-master-3"];

/** An edit, and what of the cluster it would replace or take out. */
const edits: [string, (config: TestConfig) => void, string[]][] = [
  ["disks that are encrypted", ({ etcd }) => (etcd.disk = { ...etcd.disk, encrypt: true }), disks],
  [
    "the name of the cluster",
    (config) => (config.name = "other"),
    [...disks, ...members, ...masters],
  ],
  [
    "the first zone",
    ({ network }) => (network.zones[0].zone = "ap-guangzhou-4"),
    [...disks, ...members, ...masters],
  ],
  [
    "the range of the VPC",
    ({ network }) => {
      network.vpcCidr = "10.40.0.0/16";
      network.zones[0].subnetCidr = "10.40.0.0/20";
    },
    ["prod"],
  ],
  ["the virtual address", ({ entry }) => (entry.vip = "10.30.0.19"), ["prod-fixed-entry.vip"]],
  ["keys of etcd's members", ({ etcd }) => (etcd.members = ["1", "2", "4"]), ["prod-etcd-3"]],
  ["keys of the masters", ({ masters }) => (masters.members = ["1", "2"]), ["prod-master-3"]],
  [
    "the topology of etcd",
    (config) => Object.assign(config, { etcd: { topology: "stacked" } }),
    [...disks, ...members, "prod-fixed-etcd.topology"],
  ],
];

test.each(edits)(
  "an edit of %s is refused in the preview, and nothing is touched",
  async (_, edit, expected) => {
    const before = await world();
    await configure(edit);
    expect(await refusedFor()).toEqual(expect.arrayContaining(expected));
    expect(await world()).toEqual(before);
  },
);

test("what is put back changes nothing", async () => {
  await configure(() => undefined);
  expect(await lab.engine.up()).toBe(0);
  expect(lab.engine.changes()).toEqual([]);
});

/** Has the cluster be of other releases. */
const brought = (versions: Record<string, string>) =>
  configure((config) => Object.assign(config, { versions: { ...config.versions, ...versions } }));

test.each([
  [{ kubernetes: "v1.38.0" }, "Kubernetes goes from v1.36.3 to v1.38.0, 2 minor releases at once"],
  [{ kubernetes: "v1.35.4" }, "Kubernetes goes from v1.36.3 to v1.35.4, a minor release down"],
  [{ etcd: "v3.6.16" }, "etcd goes from v3.7.3 to v3.6.16, a minor release down"],
])("%j is refused in the preview, and nothing is touched", async (versions, why) => {
  const before = await world();
  await brought(versions);
  const { code, said } = await lab.tryUp();
  expect(code).not.toBe(0);
  expect(said).toContain(why);
  expect(await world()).toEqual(before);
});

test("a minor up is carried out by steps in place, once; then it is where a way begins", async () => {
  await brought({ kubernetes: "v1.37.2" });
  expect(await lab.engine.up()).toBe(0);
  const changes = lab.engine.changes();
  expect(changes).toContainEqual(expect.stringMatching(/^update .* prod-releases-kubernetes$/));
  expect(changes.filter((change) => /:Instance |CbsStorage/.test(change))).toEqual([]);
  expect(await lab.engine.up()).toBe(0);
  expect(lab.engine.changes()).toEqual([]);
  await brought({ kubernetes: "v1.36.3" });
  expect((await lab.tryUp()).said).toContain(
    "Kubernetes goes from v1.37.2 to v1.36.3, a minor release down",
  );
});
