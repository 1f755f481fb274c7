import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run, type RunResult } from "../../lab/process";
import { judge } from "../../policy/check/judge";
import { readPreview } from "../../policy/check/preview";
import { renderReport } from "../../policy/check/report";
import { toolchain } from "../../toolchain";

jest.setTimeout(10 * 60_000);

const checkout = resolve(__dirname, "../..");
const program = join(checkout, "examples/foreign-stack");
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-foreign-"));
const configFile = join(dir, "config.yaml");

/** What is wrong with the stack as it is configured, and what puts it right: as its README has it. */
const mistakes = [
  { rule: "quorum-etcd-odd-members", key: "etcdMembers", fixed: "3" },
  { rule: "data-etcd-own-disk", key: "etcdDisk", fixed: "CLOUD_HSSD" },
  { rule: "placement-quorum-roles-in-strict-groups", key: "spread", fixed: "true" },
  { rule: "network-no-open-ports", key: "apiFrom", fixed: "10.8.0.0/16" },
] as const;

afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Nothing is made, so no cloud is needed. */
function pulumi(...args: string[]): Promise<RunResult> {
  return run(["pulumi", ...args, "--non-interactive"], {
    cwd: program,
    timeoutSeconds: 240,
    env: {
      ...toolchain().env(),
      PULUMI_BACKEND_URL: `file://${join(dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "tests",
      TENCENTCLOUD_SECRET_ID: "none",
      TENCENTCLOUD_SECRET_KEY: "none",
      TENCENTCLOUD_REGION: "ap-guangzhou",
    },
  });
}

const preview = (...args: string[]) =>
  pulumi("preview", "--stack", "test", "--config-file", configFile, ...args);

async function check(): Promise<ReturnType<typeof judge>> {
  const { stdout } = await preview("--json", "--show-sames");
  return judge(readPreview(stdout));
}

const deniedBy = ({ rules }: ReturnType<typeof judge>) =>
  rules.filter(({ verdict }) => verdict !== "passed").map(({ rule }) => rule);

describe("a stack that never heard of our components", () => {
  beforeAll(async () => {
    mkdirSync(join(dir, "state"));
    const made = await pulumi("stack", "init", "test");
    rmSync(join(program, "Pulumi.test.yaml"), { force: true });
    if (made.code !== 0) throw new Error(made.stderr);
  });

  test("is denied for its own mistakes, by the pack before anything is made", async () => {
    const { code, stdout } = await preview("--policy-pack", join(checkout, "policy"));
    for (const { rule } of mistakes) expect(stdout).toContain(rule);
    expect(code).not.toBe(0);
  });

  test("is denied by the check, in a report for the pull request", async () => {
    const judgement = await check();
    expect(judgement.verdict).toBe("denied");
    expect(deniedBy(judgement)).toEqual(
      expect.arrayContaining(mistakes.map(({ rule }) => rule)) as unknown,
    );
    expect(renderReport(judgement)).toContain(
      "| cluster `legacy`: may be lost | before | after |\n| :-- | --: | --: |\n| physical machines | – | 0 |",
    );
  });

  test("passes both once it is fixed", async () => {
    for (const { key, fixed } of mistakes) {
      const set = await pulumi(
        ...["config", "set", key, fixed, "--stack", "test", "--config-file", configFile],
      );
      if (set.code !== 0) throw new Error(set.stderr);
    }
    expect(deniedBy(await check())).toEqual([]);
    const { code, stdout, stderr } = await preview("--policy-pack", join(checkout, "policy"));
    expect(stdout + stderr).not.toContain("[mandatory]");
    expect(code).toBe(0);
  });
});
