import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Lock, packagesOf } from "../../../../operations/bundle/npmPackages";

const lock: Lock = {
  packages: {
    "": { dependencies: { a: "1", shared: "1" }, peerDependencies: { peer: "1" } },
    tool: { dependencies: { shared: "2" } },
    "tool/node_modules/shared": {},
    "node_modules/a": {
      dependencies: { b: "1" },
      optionalDependencies: { linux: "1", windows: "1", gone: "1" },
    },
    "node_modules/linux": { os: ["linux"], cpu: ["x64", "arm64"] },
    "node_modules/windows": { os: ["win32"] },
    "node_modules/a/node_modules/b": { dependencies: { shared: "1", a: "1" } },
    "node_modules/b": { dependencies: { never: "1" } },
    "node_modules/never": {},
    "node_modules/peer": {
      peerDependencies: { absent: "1" },
      peerDependenciesMeta: { absent: { optional: true } },
    },
    "node_modules/shared": {},
    "node_modules/wanted": {},
  },
};

test("what is needed at run time is what is asked for, and what that depends on, where Node.js finds it", () => {
  expect(packagesOf(lock, [{ by: "" }])).toEqual([
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "node_modules/linux",
    "node_modules/peer",
    "node_modules/shared",
  ]);
  expect(packagesOf(lock, [{ by: "tool" }])).toEqual(["tool/node_modules/shared"]);
  expect(packagesOf(lock, [{ by: "tool", names: ["wanted"] }])).toEqual(["node_modules/wanted"]);
});

test("one that the lock does not have is told", () => {
  expect(() => packagesOf(lock, [{ by: "tool", names: ["other"] }])).toThrow(
    "package-lock.json has no other, which tool asks for: run npm install",
  );
});

describe("of this checkout", () => {
  const checkout = join(__dirname, "../../../..");
  const own = JSON.parse(readFileSync(join(checkout, "package-lock.json"), "utf8")) as Lock;
  const packages = packagesOf(
    own,
    ["", "policy", "mirror", "toolchain"].map((by) => ({ by })),
  );

  test("each is in node_modules", () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter((path) => !existsSync(join(checkout, path, "package.json")))).toEqual(
      [],
    );
  });

  test("none is there for development alone", () => {
    expect(packages).toEqual(expect.arrayContaining(["node_modules/@pulumi/command"]));
    for (const name of ["jest", "eslint", "prettier", "tencentcloud-sdk-nodejs"])
      expect(packages).not.toContain(`node_modules/${name}`);
  });
});
