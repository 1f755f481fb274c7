import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { TestConfig } from "../unit/plan/fixture";
import { run, type RunResult } from "../../lab/process";
import { examples } from "../support/examples";
import { type MemoryLab, roomyInventory, startMemoryLab } from "../support/memoryLab";

jest.setTimeout(10 * 60_000);

const checkout = resolve(__dirname, "../..");
const key = "tencentcloud-kubernetes-ha:cluster";
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-bad-input-"));
let lab: MemoryLab;

beforeAll(async () => {
  lab = await startMemoryLab({ name: "bad-input", inventory: roomyInventory(3) });
});
afterAll(async () => {
  await lab.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The example of one zone, small, after a change. */
async function configure(change: (config: TestConfig) => void): Promise<void> {
  const file = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, unknown>;
  };
  const config = file.config[key] as TestConfig;
  for (const pool of config.workers) pool.members = 1;
  change(config);
  const path = join(dir, "config.yaml");
  writeFileSync(path, stringify(file));
  await lab.engine.prepare(path);
}

/** `pulumi up` with everything it says. */
async function up(
  env: Record<string, string> = {},
  flags: string[] = [],
): Promise<RunResult & { said: string }> {
  const command = ["pulumi", "up", "--yes", "--skip-preview", ...flags, ...lab.engine.selection()];
  const ended = await run(command, {
    netns: lab.identity.operatorNetns,
    cwd: checkout,
    env: { ...lab.environment(), ...env },
    timeoutSeconds: 300,
  });
  return { ...ended, said: `${ended.stdout}${ended.stderr}` };
}

const ids = async () => Object.values(await lab.admin.resources()).flat();

// One stack through all of it: every fault is met by what the ones before have left, and nothing that is there is lost.
describe("on the real engine, bad input is told and made good by the next up", () => {
  let before: string[] = [];
  const nothingLost = async () => {
    const now = await ids();
    expect(before.filter((id) => !now.includes(id))).toEqual([]);
    before = now;
  };

  test("a configuration that breaks rules: nothing is asked of the cloud", async () => {
    await configure((config) => {
      config.etcd.members = 4;
      config.masters.members = 1;
      (config as unknown as Record<string, unknown>).arcitecture = "amd64";
    });
    const { code, said } = await up();
    expect(code).not.toBe(0);
    expect(said).toContain("The cluster configuration has 3 problems:");
    expect(said).toContain("arcitecture: there is no such setting. Did you mean architecture");
    expect(said).toContain("etcd needs 3, 5 or 7 members: got 4");
    expect(said).toContain("masters need 2 or more members: got 1");
    expect(await ids()).toEqual([]);
  });

  test("wrong credentials: told once, nothing is made", async () => {
    await configure(() => undefined);
    const { code, said } = await up({ TENCENTCLOUD_SECRET_KEY: "wrong" });
    expect(code).not.toBe(0);
    expect(said).toContain("AuthFailure.SignatureFailure");
    expect(said).toContain("the secret key does");
    expect(said).toContain("Check TENCENTCLOUD_SECRET_ID");
    expect(await ids()).toEqual([]);
  });

  test("an image that is gone, a type that does not exist: all told at once, nothing is made", async () => {
    await configure((config) => {
      config.imageId = "img-gone0000";
      config.masters.instanceType = "S9.LARGE16";
    });
    const { code, said } = await up();
    expect(code).not.toBe(0);
    expect(said).toContain("image img-gone0000");
    expect(said).toContain("instance type S9.LARGE16 in");
    expect(said).toMatch(/preflight: \d+ ok, 0 warnings, 2 failed/);
    expect(await ids()).toEqual([]);
  });

  test("too few physical hosts: the host that is too many is told, the others stay, and what the preflight let pass", async () => {
    await configure(() => undefined);
    await lab.admin.power("ap-guangzhou-6-host-3", "kill");
    await lab.admin.failAction({
      action: "DescribeAddressQuota",
      code: "UnauthorizedOperation",
      times: 99,
    });
    const { code, said } = await up();
    await lab.admin.call("DELETE", "/faults");
    expect(code).not.toBe(0);
    expect(said).toMatch(
      /warning: preflight: quota of public addresses: .* Grant vpc:DescribeAddressQuota in CAM/,
    );
    expect(said).toMatch(
      /create Instance prod-(etcd|master)-\d: ResourceInsufficient\.DisasterRecoverGroupCvmQuota: the zone has no physical machine left that keeps the placement group spread, or the group is full\. Use fewer members,/,
    );
    before = await ids();
    expect(before.filter((id) => id.startsWith("ins-")).length).toBeGreaterThan(0);
  });

  test("sold out meanwhile: the preflight of what is missing stops before more is made", async () => {
    await lab.admin.power("ap-guangzhou-6-host-3", "start");
    await configure((config) => {
      for (const pool of config.workers) pool.members = 2;
    });
    await lab.admin.failAction({
      action: "RunInstances",
      code: "ResourcesSoldOut.SpecifiedInstanceType",
      times: 99,
    });
    const { code, said } = await up();
    await lab.admin.call("DELETE", "/faults");
    expect(code).not.toBe(0);
    expect(said).toContain("ResourcesSoldOut.SpecifiedInstanceType");
    await nothingLost();
  });

  test("a host that cannot be reached, one whose artifact has the wrong checksum: told by host and step, the rest goes on", async () => {
    await lab.admin.failHost({
      host: "prod-master-2",
      commandMatches: "prepare-host",
      exitCode: 1,
      stderr:
        "error: https://mirror.example.com/artifacts/kubernetes/v1.36.3/amd64/kubeadm has sha256 0, must be 1",
    });
    await lab.admin.failHost({
      host: "prod-general-1",
      commandMatches: 'run-step.sh" worker ',
      disconnect: true,
      times: 99,
    });
    // Without the flag the engine begins nothing more once the first has failed, which may be before the other's turn.
    const { code, said } = await up({}, ["--continue-on-error"]);
    await lab.admin.call("DELETE", "/ssh-faults");
    expect(code).not.toBe(0);
    expect(said).toContain(
      "prod-general-1-worker: the host cannot be reached. Look whether it runs, whether bastion.allowedCidrs",
    );
    expect(said).toContain("prod-master-2-prepare");
    expect(said).toContain("kubeadm has sha256 0, must be 1");
    await nothingLost();
  });

  test("once all is well the next up makes what is missing, and no more", async () => {
    const { code, said } = await up();
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
    await nothingLost();
    expect(before.filter((id) => id.startsWith("ins-"))).toHaveLength(11);
    const again = await run(
      ["pulumi", "preview", "--expect-no-changes", ...lab.engine.selection()],
      { netns: lab.identity.operatorNetns, cwd: checkout, env: lab.environment() },
    );
    expect(again.code).toBe(0);
  });
});
