import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { credentials } from "../../lab/engine";
import { run } from "../../lab/process";
import { camPolicy } from "../../operations/permissions/policy";
import { examples } from "../support/examples";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";
import { secretsIn } from "../support/readable";
import type { Exported, Recorded } from "./changes/recorded";

jest.setTimeout(10 * 60_000);

const checkout = resolve(__dirname, "../..");
const config = examples.production;
const settingsKey = "tencentcloud-kubernetes-ha:cluster";

interface Member {
  key: string;
  zone: string;
}

interface StackFile {
  config: Record<string, unknown> & {
    [settingsKey]: {
      masters: { members: Member[] };
      workers: { pool: string; members: Member[] }[];
    };
  };
}

/** A call of the API, as the cloud has logged it. */
interface Request {
  action: string;
  client: string;
  outcome: string;
}

let lab: MemoryLab;
/** All that its credentials may do: what docs/permissions.md says for it. */
const policy = camPolicy([
  ...(["cluster", "natGateway", "loadBalancer", "privateZone", "storageRole"] as const),
]);
beforeAll(async () => (lab = await startMemoryLab({ name: "prod-test", config, policy })));
afterAll(() => lab.close());

/** Names of the hosts that were told something since `before` entries of the log. */
async function touched(before: number): Promise<string[]> {
  return [...new Set((await lab.sshLog()).slice(before).map(({ host }) => host))].sort();
}

const everything = async (): Promise<string[]> =>
  Object.values(await lab.admin.resources())
    .flat()
    .sort();

async function exported(...flags: string[]): Promise<Exported> {
  const args = ["stack", "export", "--stack", "lab", ...flags];
  return JSON.parse((await lab.engine.capture(args)).stdout) as Exported;
}

/** The resource of the state with this noun and name, `Instance::prod-etcd-1`. */
async function stateOf(noun: string, name: string, state?: Exported): Promise<Recorded> {
  const { resources } = (state ?? (await exported())).deployment;
  const found = resources.find(({ urn }) => urn.endsWith(`:${noun}::${name}`));
  if (found === undefined) throw new Error(`the state has no ${noun} ${name}`);
  return found;
}

/** Texts of a value that nobody may read: whatever is long enough to be a key, and no certificate. */
function keysOf(value: unknown): string[] {
  if (typeof value === "string")
    return value.length < 40 || /BEGIN (CERTIFICATE|PUBLIC KEY)/.test(value) ? [] : [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(keysOf) : [];
}

/** Hosts that have been made anew. */
let generations: Record<string, number> = {};

/** The example for production, with what has been made anew since. */
function stackFile(): StackFile {
  const stack = parse(readFileSync(config, "utf8")) as StackFile;
  Object.assign(stack.config[settingsKey], { generations });
  return stack;
}

/** Has the next run take the example with other settings. */
async function configure(settings: object): Promise<void> {
  const stack = stackFile();
  Object.assign(stack.config[settingsKey], settings);
  const file = join(lab.identity.dir, "changed.yaml");
  writeFileSync(file, stringify(stack));
  await lab.engine.prepare(file);
}

/** Replaces a host (`etcd-2`) by the edit that the runbook shows, and takes its protection back. */
async function replaceByRunbook(host: string): Promise<void> {
  const text = readFileSync(join(checkout, "docs/runbooks/replace-a-host.md"), "utf8");
  const [, block] = /```yaml\n([^`]*)```/.exec(text) ?? [];
  if (block === undefined) throw new Error("the runbook shows no edit");
  const edit = parse(block.replaceAll("etcd-2", host)) as {
    generations: Record<string, number>;
    leaving: string[];
  };
  generations = { ...generations, ...edit.generations };
  const kept = /^(etcd|master)-/.test(host);
  await configure(kept ? { leaving: edit.leaving } : {});
  expect(await lab.engine.up()).toBe(0);
  if (!kept) return;
  await configure({});
  expect(await lab.engine.up()).toBe(0);
}

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
    // What they install they have from outside of the VPC.
    expect((await lab.admin.resources())["natGateways"]).toHaveLength(1);
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

  test("no secret is readable in the exported state", async () => {
    const open = await exported("--show-secrets");
    const authorities = await stateOf("Command", "prod-pki-authorities", open);
    const { plaintext } = authorities.outputs?.["stdout"] as { plaintext: string };
    const made = keysOf(JSON.parse(JSON.parse(plaintext) as string));
    // Four keys, the key of Secrets in etcd and the seed of SSH keys.
    expect(made).toHaveLength(6);
    const passphrase = readFileSync(join(lab.identity.dir, "passphrase"), "utf8");
    const known = [...made, passphrase, credentials.secretKey];
    expect(secretsIn(await exported(), known)).toEqual([]);
    expect(secretsIn(open, known).length).toBeGreaterThan(30);
  });

  test("another generation of a worker makes a new machine at the same address", async () => {
    const before = await stateOf("Instance", "prod-general-2");
    const told = (await lab.sshLog()).length;
    await replaceByRunbook("general-2");
    const after = await stateOf("Instance", "prod-general-2");
    expect(after.id).not.toBe(before.id);
    expect(after.outputs).toMatchObject({ privateIp: before.outputs?.["privateIp"] });
    expect(await touched(told)).toEqual(["prod-bastion-1", "prod-general-2"]);
  });

  test("of an etcd member is refused before anything is touched", async () => {
    const before = { made: await everything(), told: (await lab.sshLog()).length };
    await configure({ generations: { ...generations, "etcd-2": 2 } });
    expect(await lab.engine.up()).not.toBe(0);
    expect(await everything()).toEqual(before.made);
    expect(await touched(before.told)).toEqual([]);
  });

  test("of one that is leaving gives its disk to the new machine", async () => {
    const before = await exported();
    const told = (await lab.sshLog()).length;
    await replaceByRunbook("etcd-2");
    const after = await exported();
    const [old, instance] = [
      await stateOf("Instance", "prod-etcd-2", before),
      await stateOf("Instance", "prod-etcd-2", after),
    ];
    expect(instance.id).not.toBe(old.id);
    expect(instance.outputs).toMatchObject({ privateIp: old.outputs?.["privateIp"] });
    const disk = await stateOf("CbsStorage", "prod-etcd-2-data", after);
    expect(disk.id).toBe((await stateOf("CbsStorage", "prod-etcd-2-data", before)).id);
    const { outputs } = await stateOf("CbsStorageAttachment", "prod-etcd-2-data", after);
    expect(outputs).toMatchObject({ storageId: disk.id, instanceId: instance.id });
    expect([instance.protect, disk.protect]).toEqual([true, true]);
    expect(await touched(told)).toEqual(["prod-bastion-1", "prod-etcd-2"]);
  });

  test("a master that is replaced is taken out of the load balancer before it goes, and led to again when it is ready", async () => {
    const told = (await lab.sshLog()).length;
    await replaceByRunbook("master-2");
    expect(await touched(told)).toEqual(["prod-bastion-1", "prod-master-2"]);
    const acts = [
      "DeregisterTargetGroupInstances",
      "TerminateInstances",
      "RunInstances",
      "RegisterTargetGroupInstances",
    ];
    const calls = (await lab.admin.call("GET", "/requests?last=2000")) as Request[];
    const done = calls.map(({ action }) => action).filter((action) => acts.includes(action));
    expect(done.slice(-acts.length)).toEqual(acts);
  });

  describe("by the commands people use", () => {
    const checkout = resolve(__dirname, "../..");
    /** `npm run lab -- <args>`, from the checkout. */
    const command = (...args: string[]) =>
      run([process.execPath, "--import", "tsx", "lab/cli.ts", ...args], {
        cwd: checkout,
        env: { KUBERNETES_HA_LAB: lab.identity.name, INIT_CWD: checkout },
        timeoutSeconds: 300,
      });
    const must = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await command(...args);
      if (code !== 0) throw new Error(`${args.join(" ")}: ended with ${code}: ${stdout}${stderr}`);
      return stdout;
    };
    /** What a command of the engine could write to: project and configurations. */
    const projectFiles = () =>
      readdirSync(checkout)
        .filter((name) => /^Pulumi\./.test(name))
        .map((name) => [name, readFileSync(join(checkout, name), "utf8")]);
    const before = projectFiles();
    afterEach(() => expect(projectFiles()).toEqual(before));

    test("every command of pulumi is on the lab's stack and configuration", async () => {
      expect(await must("pulumi", "stack", "--show-name")).toBe("lab\n");
      expect(await must("pulumi", "stack", "output", "sshUser")).toBe("kubernetes\n");
      const exported = JSON.parse(await must("pulumi", "stack", "export")) as {
        deployment: { resources: unknown[] };
      };
      expect(exported.deployment.resources.length).toBeGreaterThan(90);
      const { stderr } = await command("pulumi", "state", "protect", "--yes", "nosuch");
      expect(stderr).toContain('No such resource "nosuch"');
      await must("pulumi", "config", "set", "note", "kept in the lab");
      expect(await must("pulumi", "config", "get", "note")).toBe("kept in the lab\n");
      await must("pulumi", "config", "rm", "note");
      // Files that are named are those of the checkout.
      await must("pulumi", "preview", "--expect-no-changes", "--policy-pack", "policy");
    });

    test("a stack that is named is the one that is meant", async () => {
      const { code, stderr } = await command("pulumi", "stack", "export", "--stack", "other");
      expect(stderr).toContain("no stack named 'other' found");
      expect(code).not.toBe(0);
      await must("pulumi", "stack", "init", "other");
      expect(await must("pulumi", "config", "--json", "--stack", "other")).not.toContain("cluster");
      await must("pulumi", "stack", "rm", "other", "--yes");
      expect(await must("pulumi", "stack", "--show-name")).toBe("lab\n");
    });

    test("check judges the lab's plan; orphans finds none, as JSON", async () => {
      expect(await must("check")).toContain("✅");
      expect(JSON.parse(await must("orphans", "--json"))).toEqual({ orphans: [], removed: [] });
    });

    test("physical hosts and instances have names; one that is not there is told in words", async () => {
      expect(await must("host", "list")).toMatch(/ap-guangzhou-6-host-\d .*prod-/);
      const { code, stderr } = await command("host", "kill", "99");
      expect(stderr).toMatch(/^error: no physical host '99'; there are: ap-guangzhou-3-host-1, /);
      expect(code).toBe(1);
    });

    test("npm run access gives ssh to a host behind the bastion, keys pinned", async () => {
      const out = join(lab.identity.dir, "printed");
      const outside = {
        cwd: checkout,
        netns: lab.identity.operatorNetns,
        env: lab.environment(),
        timeoutSeconds: 180,
      };
      const entry = [process.execPath, "--import", "tsx", "operations/access.ts"];
      const written = await run([...entry, "--stack", "lab", "--out", out], outside);
      expect(written).toMatchObject({ code: 0, stderr: "" });
      const ssh = ["ssh", "-F", join(out, "ssh_config"), "-o", "BatchMode=yes"];
      await run([...ssh, "prod-master-2", "uptime"], outside);
      expect((await lab.sshLog()).at(-1)).toMatchObject({
        ...{ host: "prod-master-2", command: "uptime" },
        user: "kubernetes",
      });
    });
  });

  test("one more worker touches its own host alone", async () => {
    const before = (await lab.sshLog()).length;
    const stack = stackFile();
    const [pool] = stack.config[settingsKey].workers;
    if (pool === undefined) throw new Error(`${config} has no pool of workers`);
    pool.members.push({ key: "4", zone: "ap-guangzhou-3" });
    const changed = join(lab.identity.dir, "one-more.yaml");
    writeFileSync(changed, stringify(stack));
    await lab.engine.prepare(changed);
    expect(await lab.engine.up()).toBe(0);
    expect(await touched(before)).toEqual(["prod-general-4"]);
    // The component that holds the configuration is registered anew, and the cloud is asked for one machine more; nothing living
    // changes, not even what was replaced before.
    expect(lab.engine.changes().filter((change) => !change.startsWith("create "))).toEqual([
      "update kubernetes-ha:index:HaCluster prod",
      "update kubernetes-ha:index:HaCluster$command:local:Command prod-preflight",
    ]);
  });

  test("one more master is one target more, and the others are told of it", async () => {
    const before = (await lab.sshLog()).length;
    const stack = stackFile();
    const { masters, workers } = stack.config[settingsKey];
    workers[0]?.members.push({ key: "4", zone: "ap-guangzhou-3" });
    masters.members.push({ key: "4", zone: "ap-guangzhou-4" });
    const changed = join(lab.identity.dir, "one-more-master.yaml");
    writeFileSync(changed, stringify(stack));
    await lab.engine.prepare(changed);
    expect(await lab.engine.up()).toBe(0);
    const masterNames = ["1", "2", "3", "4"].map((key) => `prod-master-${key}`);
    expect(await touched(before)).toEqual(expect.arrayContaining(masterNames) as unknown);
    const targets = lab.engine.changes().filter((change) => change.includes("TargetGroup"));
    expect(targets).toEqual([expect.stringMatching(/^create .* prod-master-4$/)]);
  });

  test("destroy is refused in its preview, as long as nobody says that it may take what is protected", async () => {
    const made = await everything();
    expect(await lab.engine.show(["destroy", "--yes", ...lab.engine.selection()])).not.toBe(0);
    expect(await everything()).toEqual(made);
  });

  test("destroy leaves the cloud empty, and asks nothing of hosts that go", async () => {
    const before = (await lab.sshLog()).length;
    expect(await lab.engine.destroy()).toBe(0);
    expect(await everything()).toEqual([]);
    expect(await touched(before)).toEqual([]);
  });

  test("all of it was done with the documented permissions, and they allow no more than is called", () => {
    const log = readFileSync(join(lab.identity.dir, "cloud/requests.jsonl"), "utf8");
    const calls = log
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Request & { service: string });
    const nameOf = ({ service, action }: { service: string; action: string }) =>
      `${service}:${action}`;
    const refused = calls.filter(({ outcome }) => outcome.startsWith("AuthFailure."));
    expect([...new Set(refused.map(nameOf))]).toEqual([]);
    const newest = readFileSync(join(checkout, "test/data/provider-1.83.25/calls.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => nameOf(JSON.parse(line) as Request & { service: string }));
    const called = new Set([...calls.map(nameOf), ...newest]);
    // Of changes that this life has not: a machine or a disk that grows, a name, a listener or a role that changes, a target group that is led to anew; and
    // what is asked for beside another call.
    const ofChanges =
      /:(Modify\w+|Resize\w+|ResetInstancesType|StartInstances|StopInstances|DisassociateInstancesKeyPairs|DescribeTargetGroupList|DisassociateTargetGroups|PassRole|ListPolicies|TagRole|UntagRole|Update\w+)$/;
    const allowed = policy.statement.flatMap(({ action }) => action);
    expect(allowed.filter((each) => !called.has(each) && !ofChanges.test(each))).toEqual([]);
  });
});
