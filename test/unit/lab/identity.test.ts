import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot } from "../../../lab/identity";

let dir: string;
const before = process.env["KUBERNETES_HA_CACHE"];
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "cache-")));
  mkdirSync(join(dir, "large"));
  symlinkSync(join(dir, "large"), join(dir, "home"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
  if (before === undefined) delete process.env["KUBERNETES_HA_CACHE"];
  else process.env["KUBERNETES_HA_CACHE"] = before;
});

test("the cache has its real path, which mounts and loop devices are known by, before it is made and after", () => {
  process.env["KUBERNETES_HA_CACHE"] = join(dir, "home", "cache", "deep");
  const root = join(dir, "large", "cache", "deep");
  expect(cacheRoot()).toBe(root);
  mkdirSync(root, { recursive: true });
  expect(cacheRoot()).toBe(root);
});
