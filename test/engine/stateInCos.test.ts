import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { askStorage, makeBucket } from "../../lab/buckets";
import type { ConfiguredPolicy } from "../../lab/cloud/permissions";
import { credentials } from "../../lab/engine";
import { inNetns, must, run, type RunOptions } from "../../lab/process";
import { waitFor } from "../../lab/wait";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";

// docs/guides/state.md with the real engine and the local object storage: two people share a stack. One story, each chapter needs the one before it.
jest.setTimeout(5 * 60_000);

const storage = "cos.ap-guangzhou.myqcloud.com";
const bucket = "state-1300000001";
const bucketHost = `${bucket}.${storage}`;
const program = resolve(__dirname, "state/index.ts");
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-state-"));
/** For as long as it is there a run of the program lasts. */
const gate = join(dir, "gate");

/** What the guide gives those who run the engine, and the owner's right to make the bucket. Which bucket, the lab does not judge. */
function policy(): ConfiguredPolicy {
  const guide = readFileSync(resolve("docs/guides/state.md"), "utf8");
  const { version, statement } = JSON.parse(
    /```json\n([^`]+)```/.exec(guide)?.[1] ?? "",
  ) as ConfiguredPolicy;
  const action = statement.flatMap((each) => each.action);
  const all = [...action, "name/cos:PutBucket"];
  return { version, statement: [{ effect: "allow", action: all, resource: "*" }] };
}

let lab: MemoryLab;

beforeAll(async () => {
  lab = await startMemoryLab({ name: "state-in-cos", policy: policy() });
  await makeBucket(lab.identity, bucketHost);
});
afterAll(async () => {
  await lab.close();
  rmSync(dir, { recursive: true });
});

/** A person's own checkout of the project, and an environment as the guide has it; the local cloud is reached by a proxy that takes HTTP alone. */
function optionsOf(name: string): RunOptions & { cwd: string; env: Record<string, string> } {
  const cwd = join(dir, name);
  mkdirSync(cwd, { recursive: true });
  const options = { typescript: false, nodeargs: `--require ${resolve("typescript.cjs")}` };
  const runtime = { name: "nodejs", options };
  writeFileSync(join(cwd, "Pulumi.yaml"), stringify({ name: "state", runtime, main: program }));
  const env = {
    ...lab.environment(),
    PULUMI_BACKEND_URL: `s3://${bucket}?region=ap-guangzhou&endpoint=http://${storage}`,
    PULUMI_CONFIG_PASSPHRASE: "the team's",
    PULUMI_CONFIG_PASSPHRASE_FILE: "",
    AWS_ACCESS_KEY_ID: credentials.secretId,
    AWS_SECRET_ACCESS_KEY: credentials.secretKey,
    AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
    AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
  };
  return { netns: lab.identity.operatorNetns, cwd, env, timeoutSeconds: 120 };
}

const onStack = (args: string[]) => ["pulumi", ...args, "--stack", "prod", "--non-interactive"];
/** What a person gives, to its end, which must be a good one. */
const give = (name: string, ...args: string[]) => must(onStack(args), optionsOf(name));
/** The same, however it ends. */
const tryTo = (name: string, ...args: string[]) => run(onStack(args), optionsOf(name));

const flags = ["--yes", "--skip-preview", "--suppress-progress"];
const sized = (sixteens: number) => ["-c", `sixteens=${sixteens}`];

/** Names of the objects in the bucket. */
async function objects(): Promise<string[]> {
  const { body } = await askStorage(lab.identity, "GET", bucketHost);
  return [...body.toString().matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = ""]) => key);
}
const locks = async () => (await objects()).filter((key) => key.startsWith(".pulumi/locks/"));

/** Somebody's run that holds the stack, and lasts. */
async function holding(name: string): Promise<ChildProcess> {
  writeFileSync(gate, "");
  const { netns, cwd, env } = optionsOf(name);
  const args = onStack(["up", ...flags, ...sized(1), "-c", `waitsFor=${gate}`]);
  const [file, ...rest] = inNetns(netns, args);
  const child = spawn(file as string, rest, {
    ...{ cwd, detached: true, stdio: "ignore" },
    env: { ...process.env, ...env },
  });
  await waitFor({ what: "the stack to be locked", deadlineSeconds: 60 }, async (seen) => {
    const found = await locks();
    if (found.length > 0) return true;
    seen((await objects()).join());
    return undefined;
  });
  return child;
}

test("a stack is made in the bucket, and its secrets are sealed there", async () => {
  await give("ann", "stack", "init");
  await give("ann", "up", ...flags, ...sized(1));
  const key = ".pulumi/stacks/state/prod.json";
  expect(await objects()).toContain(key);
  const { body } = await askStorage(lab.identity, "GET", bucketHost, key);
  expect(body.toString()).toContain("test:index:Component");
  expect(body.toString()).not.toContain("what nobody reads");
  expect(await locks()).toEqual([]);
});

test("somebody else with the same configuration finds it, with nothing to change", async () => {
  mkdirSync(join(dir, "bob"));
  copyFileSync(join(dir, "ann/Pulumi.prod.yaml"), join(dir, "bob/Pulumi.prod.yaml"));
  await give("bob", "preview", "--expect-no-changes");
  const { stdout } = await give("bob", "stack", "output", "secret", "--show-secrets");
  expect(stdout.trim()).toBe("what nobody reads");
});

test("a state that is sent in parts comes back whole", async () => {
  await give("ann", "up", ...flags, ...sized(1_500_000));
  const { stdout } = await give("bob", "stack", "output", "large");
  expect(stdout.trim()).toHaveLength(16 * 1_500_000);
});

test("while one works on it the other is told who does", async () => {
  const { pid } = await holding("ann");
  const { code, stderr, stdout } = await tryTo("bob", "up", ...flags, ...sized(1));
  expect(code).not.toBe(0);
  expect(stdout + stderr).toMatch(/the stack is currently locked by 1 lock/);
  rmSync(gate);
  await waitFor({ what: "the lock to go", deadlineSeconds: 60 }, async (seen) => {
    const found = await locks();
    if (found.length === 0) return true;
    seen(`${found.join()} of ${pid ?? "nobody"}`);
    return undefined;
  });
});

test("a killed run leaves its lock, which is taken off by hand; the next run goes on", async () => {
  const child = await holding("ann");
  process.kill(-(child.pid as number), "SIGKILL");
  rmSync(gate);
  const refused = await tryTo("bob", "up", ...flags, ...sized(1));
  expect(refused.code).not.toBe(0);
  await give("bob", "cancel", "--yes");
  expect(await locks()).toEqual([]);
  await give("bob", "up", ...flags, ...sized(1));
});

test("a state that is deleted is put back from what is kept of each run, and nothing is to change", async () => {
  const state = ".pulumi/stacks/state/prod.json";
  await give("ann", "up", ...flags, ...sized(1));
  await askStorage(lab.identity, "DELETE", bucketHost, state);
  const { code, stdout, stderr } = await tryTo("bob", "preview", ...sized(1));
  expect([code === 0, stdout + stderr]).toEqual([false, expect.stringContaining("no stack named")]);
  const kept = (await objects())
    .filter((key) => /^\.pulumi\/history\/state\/prod\/prod-\d+\.checkpoint\.json$/.test(key))
    .sort();
  const { body } = await askStorage(lab.identity, "GET", bucketHost, kept.at(-1));
  await askStorage(lab.identity, "PUT", bucketHost, state, body);
  await give("bob", "preview", "--expect-no-changes", ...sized(1));
});

test("a stack of a directory moves into the bucket, and back", async () => {
  const file = join(dir, "prod.json");
  await give("ann", "stack", "export", "--file", file);
  const local = { PULUMI_BACKEND_URL: `file://${join(dir, "local")}` };
  mkdirSync(join(dir, "local"));
  const options = optionsOf("ann");
  const there = { ...options, env: { ...options.env, ...local } };
  await must(onStack(["stack", "init"]), there);
  await must(onStack(["stack", "import", "--file", file]), there);
  await must(onStack(["preview", "--expect-no-changes", ...sized(1)]), there);
});

test("it goes, and leaves nothing but its history", async () => {
  await give("bob", "destroy", "--yes", "--skip-preview");
  await give("bob", "stack", "rm", "--yes");
  expect((await objects()).filter((key) => key.startsWith(".pulumi/stacks/state/prod."))).toEqual([
    ".pulumi/stacks/state/prod.json.bak",
  ]);
});
