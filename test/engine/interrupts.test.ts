import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../lab/process";
import { familyOf } from "../../lab/runningProcesses";
import { lift, reach, startRun, type Moment, type Run } from "../support/interruptible";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";
import { expectPlanned, orphanIds, smallCluster } from "../support/planned";
import type { Exported } from "./changes/recorded";

// One story on one lab: a cluster is brought up and taken down twice, once with Ctrl-C at every moment, once with kill -9.
jest.setTimeout(15 * 60_000);

// No preflight: what is held back from later moments would stop it already.
const { plan, configFile } = smallCluster("interrupts", { preflight: { cloud: false } });

/** In the order in which an `up` comes to them. */
const moments: Moment[] = [
  { name: "placement groups are made", action: "CreateDisasterRecoverGroup" },
  { name: "the subnet is made", action: "CreateSubnet" },
  { name: "the HAVIP is made", action: "CreateHaVip" },
  { name: "instances are made", action: "RunInstances" },
  { name: "etcd's disks are attached", action: "AttachDisks" },
  { name: "the bastion's address is bound", action: "AssociateAddress" },
  { name: "scripts are copied", step: { host: "prod-bastion-1", commandMatches: "^copy" } },
  {
    name: "a host is prepared",
    step: { host: "prod-master-1", commandMatches: 'run-step.sh" prepare-host ' },
  },
  { name: "etcd begins", step: { host: "prod-etcd-2", commandMatches: 'run-step.sh" etcd ' } },
  {
    name: "a master is made",
    step: { host: "prod-master-2", commandMatches: 'run-step.sh" control-plane ' },
  },
];
const removals: Moment[] = [
  { name: "instances are ended", action: "TerminateInstances" },
  { name: "the VPC is removed", action: "DeleteVpc" },
];

let lab: MemoryLab;

beforeAll(async () => {
  lab = await startMemoryLab({ name: "interrupts", config: configFile });
});
afterEach(() => lift(lab));
afterAll(() => lab.close());

/** A run to its end, which must be a good one. */
async function finish(command: "up" | "destroy"): Promise<string> {
  const { code, output } = await startRun(lab, command).ended;
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output.slice(-6000)}`);
  return output;
}

/** The one worker's instance, as the state has it. */
async function workerInState(): Promise<{ urn: string; id: string }> {
  const { stdout } = await lab.engine.capture(["stack", "export", "--stack", "lab"]);
  const { resources } = (JSON.parse(stdout) as Exported).deployment;
  const found = resources.find(({ urn }) => urn.endsWith(":Instance::prod-general-1"));
  if (found?.id === undefined) throw new Error("the state has no prod-general-1");
  return { urn: found.urn, id: found.id };
}

async function expectEmpty(): Promise<void> {
  const there = Object.entries(await lab.admin.resources()).filter(([, ids]) => ids.length > 0);
  expect(there).toEqual([]);
}

async function interrupt(command: "up" | "destroy", index: number, of: Moment[]): Promise<void> {
  const run = startRun(lab, command);
  await reach(lab, run, of[index] as Moment, 2000, of.slice(index + 1));
  run.child.kill("SIGINT");
  const { code, output } = await run.ended;
  expect(output).toContain("cancelling");
  // What was under way may have been all that was left.
  if (code === 0) expect(command).toBe("destroy");
}

async function kill(command: "up" | "destroy", index: number, of: Moment[]): Promise<string[]> {
  const run = startRun(lab, command);
  await reach(lab, run, of[index] as Moment, 300_000, of.slice(index + 1));
  return killRun(run, index % 2 === 0);
}

/** @param plugins whether its plugins go, too; else they live on, as they do when the kernel ends an engine for want of memory. */
async function killRun(run: Run, plugins: boolean): Promise<string[]> {
  const pid = run.child.pid as number;
  for (const each of plugins ? familyOf(pid) : [pid]) {
    try {
      process.kill(each, "SIGKILL");
    } catch (error) {
      // One of the family may have ended by itself; the engine must not have.
      if (each === pid) throw error;
    }
  }
  expect((await run.ended).code).toBe("SIGKILL");
  return lab.engine.recover();
}

test("the commands of the runbook are those that exist", async () => {
  const { identity, engine } = lab;
  const text = readFileSync(join(identity.checkout, "docs/runbooks/interrupted-up.md"), "utf8");
  const commands = [...text.matchAll(/^ *(npm run orphans .*)$/gm)].map(([, line]) => String(line));
  expect(commands).toHaveLength(3);
  for (const command of commands) {
    const mine = command.replace("--stack prod", `--stack lab --config-file ${engine.configFile}`);
    const options = { netns: identity.operatorNetns, cwd: identity.checkout };
    const ended = await run(mine.split(" "), { ...options, env: lab.environment() });
    if (ended.code !== 0) throw new Error(`${command}: ${ended.stdout}${ended.stderr}`);
    if (!command.includes("recover")) expect(ended.stdout).toContain("no orphans");
  }
});

describe("Ctrl-C", () => {
  test.each(moments.map(({ name }, index) => [name, index] as const))(
    "while %s: the engine saves its state, nothing is left open",
    async (_, index) => {
      await interrupt("up", index, moments);
      expect(await lab.engine.recover()).toEqual([]);
    },
  );

  test("ten times: the next up ends well, and the cloud holds exactly what was planned", async () => {
    await finish("up");
    await expectPlanned(lab, plan);
    expect(await finish("up")).not.toMatch(/created|updated|deleted|replaced/);
  });

  test.each(removals.map(({ name }, index) => [name, index] as const))(
    "while %s",
    async (_, index) => interrupt("destroy", index, removals),
  );

  test("twice: destroyed, the cloud is empty", async () => {
    await finish("destroy");
    await expectEmpty();
  });
});

describe("kill -9", () => {
  const each = moments.map(({ name }, index) => [name, index] as const);
  const etcdBegins = moments.findIndex(({ name }) => name === "etcd begins");
  const title = "while %s: the lock is cleared, and whatever the cloud has made is known again";
  const check = async (_: string, index: number): Promise<void> => {
    const said = await kill("up", index, moments);
    expect(said.join("\n")).toMatch(
      /cleared the lock of \S+@\S+ \(pid \d+\) since 20.*runs no more/,
    );
    if (moments[index]?.action) expect(said.join("\n")).toMatch(/into the state as \w+-\w{8}/);
    expect(await orphanIds(lab)).toEqual([]);
  };

  test.each(each.slice(0, etcdBegins))(title, check);

  test("of the cloud while etcd begins: the same state is there again", async () => {
    const before = await lab.admin.resources();
    const run = startRun(lab, "up");
    await reach(lab, run, moments[etcdBegins] as Moment, 5000, []);
    await lab.killCloud();
    run.child.kill("SIGINT");
    await run.ended;
    await lab.startCloud();
    await lab.engine.recover();
    expect(await lab.admin.resources()).toEqual(before);
  });

  test.each(each.slice(etcdBegins))(title, check);

  test("eleven times: the next up ends well, and the cloud holds exactly what was planned", async () => {
    await lab.engine.recover();
    // And on the way a connection breaks twice in the middle of a step: it is tried again.
    const step = moments.at(-1)?.step as { host: string; commandMatches: string };
    await lab.admin.failHost({ ...step, times: 2, disconnect: true });
    await finish("up");
    expect(await lab.admin.call("GET", "/ssh-faults")).toEqual([]);
    await expectPlanned(lab, plan);
    expect(await finish("up")).not.toMatch(/created|updated|deleted|replaced/);
  });

  test("while the successor of a replaced host is made: it is known again, and the next up goes on", async () => {
    const old = await workerInState();
    const flags = ["--target-replace", old.urn, "--target-dependents"];
    const run = startRun(lab, "up", {}, flags);
    const successor = { name: "the successor is made", action: "RunInstances" };
    await reach(lab, run, successor, 300_000, []);
    expect((await killRun(run, true)).join("\n")).toMatch(/into the state as ins-\w{8}/);
    await lift(lab);
    await finish("up");
    await expectPlanned(lab, plan);
    expect((await workerInState()).id).not.toBe(old.id);
    expect(await finish("up")).not.toMatch(/created|updated|deleted|replaced/);
  });

  test.each(removals.map(({ name }, index) => [name, index] as const))(
    "while %s",
    async (_, index) => {
      await kill("destroy", index, removals);
    },
  );

  test("twice: destroyed, the cloud is empty", async () => {
    await finish("destroy");
    await expectEmpty();
  });
});
