import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run, type RunResult } from "../../lab/process";
import { toolchain } from "../../toolchain";

jest.setTimeout(5 * 60_000);

const checkout = resolve(__dirname, "../..");
const program = join(__dirname, "foreign");
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-policies-"));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function pulumi(...args: string[]): Promise<RunResult> {
  mkdirSync(join(dir, "state"), { recursive: true });
  return run(["pulumi", ...args, "--non-interactive"], {
    cwd: program,
    timeoutSeconds: 240,
    env: {
      ...toolchain().env(),
      PULUMI_BACKEND_URL: `file://${join(dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "tests",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      TENCENTCLOUD_SECRET_ID: "none",
      TENCENTCLOUD_SECRET_KEY: "none",
      TENCENTCLOUD_REGION: "ap-guangzhou",
    },
  });
}

/** A preview with the pack, on the real engine; nothing is made, so no cloud is needed. */
async function preview(from: string): Promise<RunResult> {
  const config = join(dir, `${from.replace(/\W/g, "-")}.yaml`);
  const set = await pulumi(
    "config",
    "set",
    "from",
    from,
    "--stack",
    "test",
    "--config-file",
    config,
  );
  if (set.code !== 0) throw new Error(set.stderr);
  return pulumi(
    ...["preview", "--stack", "test", "--config-file", config],
    ...["--policy-pack", join(checkout, "policy")],
  );
}

describe("the policy pack on the real engine, against a stack that knows nothing of us", () => {
  beforeAll(async () => {
    const made = await pulumi("stack", "init", "test");
    rmSync(join(program, "Pulumi.test.yaml"), { force: true });
    if (made.code !== 0) throw new Error(made.stderr);
  });

  test("denies an API port open to the world, before anything is made", async () => {
    const { code, stdout } = await preview("0.0.0.0/0");
    expect(stdout).toContain("network-no-open-ports");
    expect(stdout).toContain("6443");
    expect(code).not.toBe(0);
  });

  test("lets the same rule pass for a private range", async () => {
    const { code, stdout, stderr } = await preview("10.0.0.0/8");
    expect(stdout + stderr).not.toContain("[mandatory]");
    expect(code).toBe(0);
  });
});
