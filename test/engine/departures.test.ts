import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { familyOf } from "../../lab/runningProcesses";
import { waitFor } from "../../lab/wait";
import { examples } from "../support/examples";
import { lift, reach, startRun } from "../support/interruptible";
import { type MemoryLab, roomyInventory, startMemoryLab } from "../support/memoryLab";
import type { TestConfig } from "../unit/plan/fixture";

jest.setTimeout(20 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";
let lab: MemoryLab;
// A physical host for each of five members of etcd.
beforeAll(
  async () =>
    (lab = await startMemoryLab({ name: "departures-test", inventory: roomyInventory(5) })),
);
afterAll(() => lab.close());

/** The example of one zone with so many members of etcd and workers of these keys, and what else is said. */
async function configure(
  etcd: number,
  workers: string[],
  more: Partial<TestConfig> = {},
): Promise<void> {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, TestConfig>;
  };
  const config = stack.config[settingsKey];
  if (config === undefined) throw new Error(`${examples.oneZone} has no ${settingsKey}`);
  config.etcd.members = etcd;
  for (const pool of config.workers) pool.members = workers;
  const file = join(lab.identity.dir, "wanted.yaml");
  stack.config[settingsKey] = { ...config, ...more };
  writeFileSync(file, stringify(stack));
  await lab.engine.prepare(file);
}

interface Told {
  /** Hosts that were told something. */
  hosts: string[];
  /** Who left, in order. */
  departed: string[];
}

/** What hosts are told while something is done. No machine is ended before it has left, be it in a run before that was killed. */
async function toldBy(done: () => Promise<unknown>): Promise<Told> {
  const since = Date.now();
  await done();
  const all = await lab.sshLog();
  const isDeparture = ({ command }: { command: string }) => command.includes("run-departure.sh");
  const departures = all.filter(isDeparture);
  const requests = (await lab.admin.call("GET", "/requests?last=2000")) as {
    action: string;
    time: string;
  }[];
  requests
    .filter(({ action }) => action === "TerminateInstances")
    .forEach(({ time }, index) => {
      const before = departures.filter(({ at }) => Date.parse(at) <= Date.parse(time));
      expect(before.length).toBeGreaterThan(index);
    });
  const log = all.filter(({ at }) => Date.parse(at) >= since);
  return {
    hosts: [...new Set(log.map(({ host }) => host))].sort(),
    departed: log
      .filter(isDeparture)
      .map(({ command }) => /run-departure\.sh" prod-(\S+) /.exec(command)?.[1] ?? ""),
  };
}

async function up(): Promise<void> {
  expect(await lab.engine.up()).toBe(0);
}

async function instances(): Promise<string[]> {
  const rows = await lab.admin.placement();
  return rows.map(({ name }) => name.replace("prod-", "")).sort();
}

async function idOf(host: string): Promise<string> {
  const row = (await lab.admin.placement()).find(({ name }) => name === `prod-${host}`);
  if (row === undefined) throw new Error(`there is no ${host}`);
  return row.instanceId;
}

/** One cluster's life, in this order. */
describe("members come and go", () => {
  test("a departure is there from birth, and tells nobody anything", async () => {
    await configure(3, ["1"]);
    expect((await toldBy(up)).departed).toEqual([]);
  });

  test("one worker more is nothing to any host but itself", async () => {
    await configure(3, ["1", "2"]);
    expect(await toldBy(up)).toEqual({ hosts: ["prod-general-2"], departed: [] });
  });

  test("a worker that does not get away stays, and `up` says so; the next one goes on", async () => {
    await configure(3, ["2"]);
    await lab.admin.failHost({
      ...{ host: "prod-bastion-1", commandMatches: "run-departure", exitCode: 1 },
      stderr: "error: after 300 s these pods are still on prod-general-1: default/web-1",
    });
    const failed = await startRun(lab, "up").ended;
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain("these pods are still on prod-general-1: default/web-1");
    expect(await instances()).toContain("general-1");
    expect(await toldBy(up)).toEqual({ hosts: ["prod-bastion-1"], departed: ["general-1"] });
    expect(await instances()).not.toContain("general-1");
  });

  test("etcd 3 -> 5, then who may leave is said: nothing runs", async () => {
    await configure(5, ["2"]);
    await up();
    await configure(5, ["2"], { leaving: ["etcd-4", "etcd-5"] });
    expect(await toldBy(up)).toEqual({ hosts: [], departed: [] });
  });

  test("5 -> 3, killed in the middle of a departure: the next one converges", async () => {
    await configure(3, ["2"]);
    const run = startRun(lab, "up");
    const step = { host: "prod-bastion-1", commandMatches: "run-departure.* prod-etcd-5 " };
    await reach(lab, run, { name: "etcd-5 leaves", step }, 300_000, []);
    for (const pid of familyOf(run.child.pid as number)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await run.ended;
    await lift(lab);
    await lab.engine.recover();
    expect(await instances()).toContain("etcd-5");
    const { departed } = await toldBy(up);
    expect(departed).toContain("etcd-5");
    expect((await instances()).filter((name) => name.startsWith("etcd"))).toEqual([
      ...["etcd-1", "etcd-2", "etcd-3"],
    ]);
    expect(await toldBy(up)).toEqual({ hosts: [], departed: [] });
  });

  test("the first member of etcd and the worker are made anew by an edit: each departs, then all its steps run", async () => {
    const [member, worker] = [await idOf("etcd-1"), await idOf("general-2")];
    await configure(3, ["2"], {
      leaving: ["etcd-1"],
      generations: { "etcd-1": 2, "general-2": 2 },
    });
    const { hosts, departed } = await toldBy(up);
    expect(hosts).toEqual(["prod-bastion-1", "prod-etcd-1", "prod-general-2"]);
    expect(departed.sort()).toEqual(["etcd-1", "general-2"]);
    expect(await idOf("etcd-1")).not.toBe(member);
    expect(await idOf("general-2")).not.toBe(worker);
    // The generation stays; the protection comes back.
    await configure(3, ["2"], { generations: { "etcd-1": 2, "general-2": 2 } });
    expect(await toldBy(up)).toEqual({ hosts: [], departed: [] });
  });

  test("a machine whose create failed once the cloud had made it is known to the next run, which makes it anew", async () => {
    const former = await idOf("general-2");
    await configure(3, ["2"], { generations: { "etcd-1": 2, "general-2": 3 } });
    const run = startRun(lab, "up");
    const made = await waitFor(
      { what: "another machine of general-2", deadlineSeconds: 300, everyMs: 20 },
      async () => {
        const id = await idOf("general-2").catch(() => former);
        return id === former ? undefined : id;
      },
    );
    await lab.admin.failAction({ action: "DescribeInstances", code: "UnauthorizedOperation" });
    expect((await run.ended).code).not.toBe(0);
    expect((await lab.engine.operate("list")).stdout).toContain(made);
    expect(await lab.engine.recover()).toContainEqual(
      expect.stringContaining(`taken into the state as ${made}`),
    );
    await up();
    expect([former, made]).not.toContain(await idOf("general-2"));
    expect((await lab.engine.operate("list")).stdout).toContain("no orphans");
    expect(await toldBy(up)).toEqual({ hosts: [], departed: [] });
  });

  test("as a whole it goes without a word, and leaves nothing", async () => {
    const before = await lab.sshLog();
    expect(await lab.engine.destroy()).toBe(0);
    expect(await lab.sshLog()).toEqual(before);
    expect(Object.values(await lab.admin.resources()).flat()).toEqual([]);
  });
});
