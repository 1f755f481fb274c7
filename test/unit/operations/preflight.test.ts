import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandsOf } from "./commands";

const { command, dir } = commandsOf();
const preflight = (...args: string[]) => command("operations/preflight.ts", ...args);

// What it finds of a real cloud: test/cloud/preflight.test.ts.

test("ends with 1 when something is in the way, and tells it as JSON", async () => {
  const { code, stdout, stderr } = await preflight("--stack", "prod", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    passed: false,
    findings: [{ check: "credentials", result: "failed" }],
  });
  expect([code, stderr]).toEqual([1, ""]);
});

test.each(["--config-file", "--config"])("the configuration is named by %s", async (option) => {
  const { code, stdout } = await preflight("-s", "any", option, "Pulumi.prod.yaml");
  expect(stdout).toContain("credentials");
  expect(code).toBe(1);
});

test("ends with 2 when there is no such stack, and tells which there are", async () => {
  const { code, stderr } = await preflight("--stack", "nosuch");
  expect(stderr).toMatch(/^error: there is no Pulumi\.nosuch\.yaml; here are .*Pulumi\.prod\.yaml/);
  expect(code).toBe(2);
});

test("ends with 2 for a file that is no stack's configuration", async () => {
  const file = join(dir, "other.yaml");
  writeFileSync(file, "config:\n  other:key: 1\n");
  const { code, stderr } = await preflight("--stack", "x", "--config-file", file);
  expect(stderr).toContain(
    `${file} has no tencentcloud-kubernetes-ha:cluster below config: it has other:key`,
  );
  expect(code).toBe(2);
});
