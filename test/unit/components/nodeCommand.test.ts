import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { nodeCommand } from "../../../components/nodeCommand";

const checkout = resolve(__dirname, "../../..");
const before = process.cwd();
let dir: string;

beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-node-command-"))));
afterEach(() => {
  process.chdir(before);
  rmSync(dir, { recursive: true });
});

test("in a checkout tsx runs the source", () => {
  process.chdir(checkout);
  expect(nodeCommand("pki/main")).toBe("node --require tsx/cjs components/pki/main.ts");
});

test("elsewhere paths are relative to the stack's directory, and run there", () => {
  process.chdir(dir);
  const [tsx, path] = ["node_modules/tsx/dist/cjs/index.cjs", "components/pki/main.ts"].map(
    (file) => relative(dir, join(checkout, file)),
  );
  expect(nodeCommand("pki/main")).toBe(`node --require ${tsx} ${path}`);
  const request = JSON.stringify({ make: "authorities", days: 1 });
  const made = execFileSync("sh", ["-c", nodeCommand("pki/main")], { input: request });
  expect(Object.keys(JSON.parse(made.toString()) as object)).toContain("kubernetes");
});

test("a stack that has the package names it by that, wherever the files themselves are", () => {
  mkdirSync(join(dir, "node_modules/tencentcloud-kubernetes-ha"), { recursive: true });
  symlinkSync(
    join(checkout, "components"),
    join(dir, "node_modules/tencentcloud-kubernetes-ha/dist"),
  );
  process.chdir(dir);
  expect(nodeCommand("pki/main")).toMatch(
    / node_modules\/tencentcloud-kubernetes-ha\/dist\/pki\/main\.ts$/,
  );
});
