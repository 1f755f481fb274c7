import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run } from "../../../lab/process";
import { livingCluster, previewOf, removeMember, type Stack } from "./stack";

const checkout = resolve(__dirname, "../../..");
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-check-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const check = (args: string[], input = "") =>
  run([process.execPath, "--import", "tsx", "operations/check.ts", ...args], {
    cwd: checkout,
    input,
    timeoutSeconds: 50,
    // No pulumi: what needs it says so.
    env: { PATH: "/nowhere" },
  });

function preview(edit: (after: Stack) => void): string {
  const before = livingCluster();
  const after = before.copy();
  edit(after);
  return JSON.stringify(previewOf(before, after));
}

test("ends with 0 for a plan that is fine, read from standard input", async () => {
  const { code, stdout } = await check(
    ["--preview", "-"],
    preview(() => undefined),
  );
  expect(stdout).toContain("✅");
  expect(code).toBe(0);
});

test("ends with 1 for one that is denied, as JSON and SARIF", async () => {
  const [file, sarif] = [join(dir, "preview.json"), join(dir, "check.sarif")];
  writeFileSync(
    file,
    preview((after) => removeMember(after, "etcd-1")),
  );
  const { code, stdout } = await check(["--preview", file, "--json", "--sarif", sarif]);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: "denied" });
  expect(JSON.parse(readFileSync(sarif, "utf8"))).toMatchObject({ version: "2.1.0" });
  expect(code).toBe(1);
});

test("ends with 0 when the rules that deny it are disabled by configuration", async () => {
  const config = join(dir, "policy.yaml");
  writeFileSync(config, "network-no-open-ports: disabled\n");
  const { code } = await check(
    ["--preview", "-", "--policy-config", config],
    preview((after) => {
      after.add("securityGroupRuleSet", "open", {
        inputs: {
          ingresses: [{ action: "ACCEPT", protocol: "TCP", port: "22", cidrBlock: "0.0.0.0/0" }],
        },
      });
    }),
  );
  expect(code).toBe(0);
});

test.each<[string[], string]>([
  [[], "name the stack with --stack, or give a preview with --preview"],
  [["--stack", "prod"], "cannot run pulumi: it is not on PATH"],
  [["--preview", "/nowhere/preview.json"], "no such file"],
  [["--colour"], "unknown option"],
])("ends with 2 for %j", async (args, message) => {
  const { code, stderr } = await check(args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
