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
  expect(nodeCommand("pki/main")).toBe("node --import tsx components/pki/main.ts");
});

test("the path is relative to the stack's directory", () => {
  process.chdir(dir);
  const path = relative(dir, join(checkout, "components/preflight/command.ts"));
  expect(nodeCommand("preflight/command")).toBe(`node --import tsx ${path}`);
});

test("a stack that has the package names it by that, wherever the files themselves are", () => {
  mkdirSync(join(dir, "node_modules/tencentcloud-kubernetes-ha"), { recursive: true });
  symlinkSync(
    join(checkout, "components"),
    join(dir, "node_modules/tencentcloud-kubernetes-ha/dist"),
  );
  process.chdir(dir);
  expect(nodeCommand("pki/main")).toBe(
    "node --import tsx node_modules/tencentcloud-kubernetes-ha/dist/pki/main.ts",
  );
});
