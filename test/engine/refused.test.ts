import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { run } from "../../lab/process";
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

/** Resources that an `up` is refused for, by their names. It begins with its preview, as it does for people. */
async function refusedFor(): Promise<string[]> {
  const command = ["pulumi", "up", "--yes", "--non-interactive", ...lab.engine.selection()];
  const { code, stdout, stderr } = await run(command, {
    cwd: lab.identity.checkout,
    netns: lab.identity.operatorNetns,
    env: lab.environment(),
    timeoutSeconds: 300,
  });
  const said = `${stdout}${stderr}`;
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
