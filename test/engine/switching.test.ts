import { readFileSync } from "node:fs";
import { nameOf, parseEvents, type StepMetadata } from "../../lab/engineEvents";
import { familyOf } from "../../lab/runningProcesses";
import { lift, reach, startRun } from "../support/interruptible";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import { orphanIds, smallCluster } from "../support/planned";

// The life of one cluster that goes from one way to the API to the next, with pack and plan check on, on one lab.
jest.setTimeout(15 * 60_000);

const pair = { members: 2, instanceType: "S5.MEDIUM4" };
const entries = {
  vip: { kind: "vip", balancers: pair },
  clb: { kind: "clb" },
  nodeLocal: { kind: "nodeLocal", proxy: "haproxy" },
} as const;
type Name = keyof typeof entries;

const masters = ["prod-master-1", "prod-master-2", "prod-master-3"];
const etcd = ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"];
const workers = ["prod-general-1"];
const balancers = ["prod-balancer-1", "prod-balancer-2"];

let lab: MemoryLab;
beforeAll(async () => {
  lab = await startMemoryLab({ name: "switching-test", config: configured("vip") });
});
afterAll(() => lab.close());

function configured(entry: Name, settings: object = {}): string {
  return smallCluster("switching", { entry: entries[entry], ...settings }).configFile;
}

/** One step of an `up`, with its place among all beginnings and ends. */
interface Done {
  op: string;
  name: string;
  type: string;
  begun: number;
  ended: number;
}

/** What the last `up` did, in the order in which it began; what stayed the same and components left out. */
function done(): Done[] {
  const known = new Map<string, Done>();
  parseEvents(readFileSync(lab.engine.eventLog, "utf8")).forEach((event, at) => {
    const metadata: StepMetadata | undefined =
      event.resourcePreEvent?.metadata ?? event.resOutputsEvent?.metadata;
    if (metadata === undefined || metadata.op === "same") return;
    if (metadata.type.startsWith("kubernetes-ha:") || metadata.type.startsWith("pulumi:")) return;
    const { op, type, urn } = metadata;
    const key = `${op} ${urn}`;
    const step = known.get(key) ?? { op, type, name: nameOf(metadata), begun: at, ended: at };
    known.set(key, { ...step, ended: at });
  });
  return [...known.values()];
}

const named = (steps: readonly Done[], noun: string, op?: string) =>
  steps
    .filter((step) => step.type.endsWith(`:${noun}`) && (op === undefined || step.op === op))
    .map(({ name }) => name)
    .sort();

/** The one step of an `up` on a resource. */
function only(steps: readonly Done[], name: string, noun = "Command"): Done {
  const found = steps.filter(
    (step) => step.name === name && step.type.endsWith(`:${noun}`) && step.op !== "delete-replaced",
  );
  if (found.length === 0) throw new Error(`nothing was done to ${noun} ${name}`);
  return found.reduce((one, other) => (other.ended > one.ended ? other : one));
}

const instances = async () =>
  Object.fromEntries(
    (await lab.admin.placement()).map(({ name, instanceId }) => [name, instanceId]),
  );

/** Takes the cluster to an entry. @returns what the engine did. */
async function up(entry: Name): Promise<Done[]> {
  await lab.engine.prepare(configured(entry));
  expect((await lab.engine.check([])).code).toBe(0);
  expect(await lab.engine.up()).toBe(0);
  return done();
}

async function expectNothingToDo(): Promise<void> {
  const before = (await lab.sshLog()).length;
  expect(await lab.engine.up()).toBe(0);
  expect(lab.engine.changes()).toEqual([]);
  expect(await lab.sshLog()).toHaveLength(before);
  expect(await orphanIds(lab)).toEqual([]);
}

/** What is deleted goes once all else is done, steps that were run anew included. */
function expectDeletedLast(steps: readonly Done[]): void {
  const isEnd = ({ op }: Done) => op === "delete";
  const last = Math.max(...steps.filter((step) => !/delete/.test(step.op)).map((s) => s.ended));
  const first = Math.min(...steps.filter(isEnd).map(({ begun }) => begun));
  expect(steps.filter(isEnd).length).toBeGreaterThan(0);
  expect(first).toBeGreaterThan(last);
}

/** No machine is touched but those of the entries; no rule of a security group, so both ways are open all the while. */
function expectOnlyEntries(steps: readonly Done[]): void {
  const machines = steps.filter(({ type }) => /:(Instance|CbsStorage\w*)$/.test(type));
  expect(machines.filter(({ name }) => !balancers.includes(name))).toEqual([]);
  const replaced = steps.filter(({ op }) => op.includes("replace"));
  expect(replaced.filter(({ type }) => !type.startsWith("command:remote:"))).toEqual([]);
  expect(named(steps, "SecurityGroup")).toEqual([]);
  expect(named(steps, "SecurityGroupRuleSet")).toEqual([]);
}

const controlPlanes = masters.map((name) => `${name}-control-plane`);

describe("a cluster behind a pair of balancers", () => {
  let machines: Record<string, string>;

  test("is made, and a second up does nothing", async () => {
    await up("vip");
    await expectNothingToDo();
    machines = await instances();
  });

  test("goes behind a CLB: that is complete, masters have both names, nodes are told, and the pair goes last", async () => {
    const steps = await up("clb");
    expectOnlyEntries(steps);
    expectDeletedLast(steps);
    // The new way, whole, and not before a master has the address in its certificate.
    expect(named(steps, "ClbInstance", "create")).toEqual(["prod-api"]);
    expect(named(steps, "ClbTargetGroupInstanceAttachment", "create")).toEqual(masters);
    for (const master of masters) {
      const admitted = only(steps, master, "ClbTargetGroupInstanceAttachment").begun;
      expect(only(steps, `${master}-local-endpoint`).ended).toBeLessThan(
        only(steps, `${master}-control-plane`).begun,
      );
      expect(only(steps, `${master}-control-plane`).ended).toBeLessThan(admitted);
    }
    // Everybody who asks the API, and etcd's hosts, which have its name as well.
    const told = [...new Set(named(steps, "Command"))];
    expect(told).toEqual(expect.arrayContaining(controlPlanes));
    expect(told).toEqual(
      expect.arrayContaining([
        ...workers.map((name) => `${name}-worker`),
        ...[...etcd, ...masters, "prod-bastion-1"].map((name) => `${name}-prepare`),
      ]),
    );
    // The old way.
    expect(named(steps, "HaVip", "delete")).toEqual(["prod-api"]);
    expect(named(steps, "Instance", "delete")).toEqual(balancers);
    expect(named(steps, "PlacementGroup", "delete")).toEqual(["prod-balancer"]);
    const kept = Object.entries(machines).filter(([name]) => !balancers.includes(name));
    expect(await instances()).toEqual(Object.fromEntries(kept));
  });

  test("does nothing then", () => expectNothingToDo());

  test("goes to proxies on its nodes, the engine killed as a master is made: the next up converges", async () => {
    await lab.engine.prepare(configured("nodeLocal"));
    const killed = startRun(lab, "up");
    const step = { host: "prod-master-2", commandMatches: 'run-step.sh" control-plane ' };
    await reach(lab, killed, { name: "a master is made", step }, 300_000, []);
    // The old way is whole.
    const there = await lab.admin.resources();
    expect(there["loadBalancers"]).toHaveLength(1);
    for (const pid of familyOf(killed.child.pid as number)) process.kill(pid, "SIGKILL");
    await killed.ended;
    await lab.engine.recover();
    await lift(lab);
    const steps = await up("nodeLocal");
    expectDeletedLast(steps);
    expect(named(steps, "ClbInstance", "delete")).toEqual(["prod-api"]);
    expect((await lab.admin.resources())["loadBalancers"] ?? []).toEqual([]);
    await expectNothingToDo();
  });

  test("goes back behind a pair of balancers", async () => {
    const steps = await up("vip");
    expect(named(steps, "HaVip", "create")).toEqual(["prod-api"]);
    expect(named(steps, "Instance", "create")).toEqual(balancers);
    expectOnlyEntries(steps);
    await expectNothingToDo();
  });
});

describe("refused before anything is touched, by its name in the engine's words", () => {
  test.each([
    ["etcd on the masters", { etcd: { topology: "stacked" } }, "prod-fixed-etcd.topology"],
    [
      "the VIP on the masters, at another port",
      { entry: { kind: "vip", on: "masters" } },
      "prod-fixed-entry.on",
    ],
  ])("%s", async (_, settings, kept) => {
    await lab.engine.prepare(configured("vip", settings));
    const [asked, told] = [await lab.admin.resources(), (await lab.sshLog()).length];
    const { code, said } = await lab.tryUp("--skip-preview");
    expect(code).not.toBe(0);
    expect(said).toMatch(
      new RegExp(`unable to replace resource "\\S+::${kept}"[\\s\\S]*marked for protection`),
    );
    expect(await lab.admin.resources()).toEqual(asked);
    expect(await lab.sshLog()).toHaveLength(told);
    expect((await lab.engine.check([])).code).toBe(1);
  });
});
