import { commandsOf } from "./commands";

const { command } = commandsOf();
const cost = (...args: string[]) => command("operations/cost.ts", ...args);

// What a cluster costs: test/cloud/cost.test.ts.

test("ends with 2 when there are no credentials", async () => {
  const { code, stdout, stderr } = await cost("--stack", "prod", "--json");
  expect(stderr).toMatch(/^error: there are no credentials: TENCENTCLOUD_SECRET_ID and/);
  expect([code, stdout]).toEqual([2, ""]);
});

test("ends with 2 when there is no such stack, and tells which there are", async () => {
  const { code, stderr } = await cost("--stack", "nosuch");
  expect(stderr).toMatch(/^error: there is no Pulumi\.nosuch\.yaml; here are .*Pulumi\.prod\.yaml/);
  expect(code).toBe(2);
});
