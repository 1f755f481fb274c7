import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../lab/process";
import { nodeFor } from "../../toolchain/node.cjs";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";

jest.setTimeout(5 * 60_000);

let lab: MemoryLab;
beforeAll(async () => (lab = await startMemoryLab({ name: "oldest-node-test" })));
afterAll(() => lab.close());

test("the program and the policy pack run on the oldest Node.js that is supported", async () => {
  const { identity, engine } = lab;
  const bin = join(identity.dir, "bin");
  const log = join(identity.dir, "node.log");
  mkdirSync(bin);
  // The language host takes the first `node` of PATH; this one says that it was taken.
  const node = nodeFor("22");
  writeFileSync(join(bin, "node"), `#!/bin/sh\n${node} --version >> ${log}\nexec ${node} "$@"\n`);
  chmodSync(join(bin, "node"), 0o755);
  const environment = lab.environment();
  const { code, stdout, stderr } = await run(
    ["pulumi", "preview", ...engine.selection(), "--policy-pack", "policy"],
    {
      netns: identity.operatorNetns,
      cwd: identity.checkout,
      env: { ...environment, PATH: `${bin}:${environment["PATH"] ?? ""}` },
      timeoutSeconds: 240,
    },
  );
  expect(stdout + stderr).toContain("to create");
  expect(code).toBe(0);
  const versions = readFileSync(log, "utf8").trim().split("\n");
  // The program's, and the pack's.
  expect(versions.length).toBeGreaterThanOrEqual(2);
  for (const version of versions) expect(version).toMatch(/^v22\./);
});
