import { commandsOf } from "./commands";

const { command, tool } = commandsOf();
const orphans = (...args: string[]) => command("operations/orphans.ts", ...args);

// What it finds, on a real stack and cloud: test/engine/interrupts.test.ts and faults.test.ts.

test.each([["list"], ["recover"]])(
  "%s without pulumi: that is the cause it tells",
  async (name) => {
    const { code, stdout, stderr } = await orphans(name, "--stack", "x", "--json");
    expect(stderr).toMatch(/^error: cannot run pulumi: it is not on PATH; install the Pulumi CLI/);
    expect([code, stdout]).toEqual([2, ""]);
  },
);

test("a pulumi that fails without a word is told by how it ended", async () => {
  tool("pulumi", "exit 3");
  const { code, stderr } = await orphans("--stack", "x");
  expect(stderr).toMatch(/^error: pulumi \w+ \S+ failed:\n.*pulumi \w+ /);
  expect(code).toBe(2);
});
