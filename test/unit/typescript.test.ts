import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const typescript = resolve(__dirname, "../../typescript.cjs");
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kha-typescript-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), content);
}

test("TypeScript runs, with a module of the checkout found without its ending, and what is installed is loaded by Node.js itself", () => {
  write("node_modules/installed/package.json", '{ "type": "module", "exports": "./index.js" }');
  write("node_modules/installed/index.js", "export const word = 'installed';");
  write("own.ts", "export enum Own { Word = 'own' }");
  write(
    "main.ts",
    `import { types } from "node:util";
    import { Own } from "./own";
    const installed = require("installed") as { word: string };
    console.log(Own.Word, installed.word, types.isModuleNamespaceObject(installed));`,
  );
  // tsx would hand over an object of its own making.
  const { stdout, stderr } = spawnSync(process.execPath, ["--require", typescript, "main.ts"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout).toBe("own installed true\n");
  expect(stderr).not.toContain("Error");
});
