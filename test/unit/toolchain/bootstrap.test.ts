import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { cacheRoot } from "../../../lab/identity";
import { cacheRoot as nodeCache } from "../../../toolchain/node.cjs";

const checkout = resolve(__dirname, "../../..");
let root: string;

/** A checkout with bootstrap.mjs, a lock file, and an `npm` that only makes node_modules. */
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "kha-bootstrap-")));
  mkdirSync(join(root, "toolchain"));
  mkdirSync(join(root, "bin"));
  for (const file of ["bootstrap.mjs", "node.cjs", "versions.json"])
    copyFileSync(join(checkout, "toolchain", file), join(root, "toolchain", file));
  writeFileSync(join(root, "package-lock.json"), "{}");
  writeFileSync(join(root, "package.json"), "{}");
  writeFileSync(
    join(root, "bin/npm"),
    `#!/bin/sh\necho "$@" >> npm.log\nmkdir -p node_modules\nln -sfn ${join(checkout, "node_modules/tsx")} node_modules/tsx\n`,
  );
  chmodSync(join(root, "bin/npm"), 0o755);
});

afterEach(() => rmSync(root, { recursive: true }));

const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${join(root, "bin")}${delimiter}${process.env["PATH"] ?? ""}`,
});

function bootstrap(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return bootstrapWith({}, ...args);
}

function bootstrapWith(
  variables: Record<string, string>,
  ...args: string[]
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, "toolchain/bootstrap.mjs"), ...args], {
    cwd: root,
    env: { ...env(), ...variables },
    encoding: "utf8",
  });
}

test("installs once, runs TypeScript with its arguments, passes the exit code on", () => {
  writeFileSync(
    join(root, "entry.ts"),
    `const [first]: string[] = process.argv.slice(2); console.log(first); process.exit(7);`,
  );
  const first = bootstrap("entry.ts", "--flag");
  expect(first).toMatchObject({ status: 7, stdout: "--flag\n" });
  expect(first.stderr).toContain("npm ci");
  expect(bootstrap("entry.ts", "again")).toMatchObject({
    status: 7,
    stdout: "again\n",
    stderr: "",
  });
  writeFileSync(join(root, "package-lock.json"), `{"changed":true}`);
  expect(bootstrap("entry.ts", "x").stderr).toContain("does not match package-lock.json");
});

test("leaves alone what npm has just installed by hand", () => {
  mkdirSync(join(root, "node_modules"));
  symlinkSync(join(checkout, "node_modules/tsx"), join(root, "node_modules/tsx"));
  writeFileSync(join(root, "node_modules/.package-lock.json"), "{}");
  writeFileSync(join(root, "entry.ts"), "");
  expect(bootstrap("entry.ts")).toMatchObject({ status: 0, stderr: "" });
  expect(existsSync(join(root, "npm.log"))).toBe(false);
});

test("says what went wrong with npm", () => {
  writeFileSync(join(root, "bin/npm"), "#!/bin/sh\nexit 9\n");
  expect(bootstrap("entry.ts")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("npm ci ended with 9") as string,
  });
  expect(existsSync(join(root, "node_modules/.kubernetes-ha-lock"))).toBe(false);
});

test("passes SIGTERM on and ends as the script does", async () => {
  mkdirSync(join(root, "node_modules"));
  symlinkSync(join(checkout, "node_modules/tsx"), join(root, "node_modules/tsx"));
  writeFileSync(
    join(root, "node_modules/.kubernetes-ha-lock"),
    createHash("sha256").update("{}").digest("hex"),
  );
  writeFileSync(
    join(root, "entry.ts"),
    `process.on("SIGTERM", () => process.exit(5)); setTimeout(() => {}, 20000); console.log("ready");`,
  );
  const child = spawn(process.execPath, [join(root, "toolchain/bootstrap.mjs"), "entry.ts"], {
    cwd: root,
    env: env(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await once(child, "close")).toEqual([5, null]);
});

describe("where Node.js is too old", () => {
  /** A release whose `node` only says how it was called, and an `npm` that packs it. */
  function release(integrity?: string): Record<string, string> {
    const package_ = join(root, "release/package/bin");
    mkdirSync(package_, { recursive: true });
    writeFileSync(
      join(package_, "node"),
      `#!/bin/sh\necho "pinned $1 $2 first in PATH: $(command -v node)"\n`,
    );
    chmodSync(join(package_, "node"), 0o755);
    const tarball = join(root, "node.tgz");
    spawnSync("tar", ["-czf", tarball, "-C", join(root, "release"), "package"]);
    writeFileSync(
      join(root, "bin/npm"),
      `#!/bin/sh\necho "$@" >> npm.log\nif [ "$1" = pack ]; then cp ${tarball} "$5/node.tgz" && echo node.tgz; else mkdir -p node_modules; fi\n`,
    );
    const digest = createHash("sha512").update(readFileSync(tarball)).digest("base64");
    const pinned = { [process.arch]: integrity ?? `sha512-${digest}` };
    writeFileSync(
      join(root, "toolchain/versions.json"),
      JSON.stringify({
        node: { minimum: "98.1.0", releases: { "99": { version: "99.2.0", integrity: pinned } } },
      }),
    );
    return { KUBERNETES_HA_CACHE: join(root, "cache") };
  }

  test("goes on with the pinned one, got once", () => {
    const cache = release();
    const node = join(root, `cache/node/99.2.0-${process.arch}/bin/node`);
    const said = `pinned --import tsx first in PATH: ${node}\n`;
    const first = bootstrapWith(cache, "entry.ts");
    expect(first).toMatchObject({ status: 0, stdout: said });
    expect(first.stderr).toContain(`getting node-linux-${process.arch}@99.2.0`);
    expect(bootstrapWith(cache, "entry.ts")).toMatchObject({ status: 0, stdout: said, stderr: "" });
    expect(readdirSync(join(root, "cache/node"))).toEqual([`99.2.0-${process.arch}`]);
  });

  test("refuses one that is not what was pinned, and keeps nothing of it", () => {
    const cache = release("sha512-other");
    expect(bootstrapWith(cache, "entry.ts")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("pinned is sha512-other: do not use it") as string,
    });
    expect(readdirSync(join(root, "cache/node"))).toEqual([]);
  });

  test("says which ones can be asked for", () => {
    const cache = release();
    expect(bootstrapWith({ ...cache, KUBERNETES_HA_NODE: "77" }, "entry.ts").stderr).toContain(
      "KUBERNETES_HA_NODE is 77: allowed are 99",
    );
  });
});

test("keeps Node.js where everything else is kept", () => expect(nodeCache()).toBe(cacheRoot()));
