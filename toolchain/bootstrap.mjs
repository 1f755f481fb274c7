// Runs a TypeScript entry point from a fresh clone: `node toolchain/bootstrap.mjs <script.ts> [args...]`.
// Plain Node, no dependencies: installs them if package-lock.json asks for others than node_modules has,
// then becomes the script as far as Node allows (same standard streams, signals, exit code).
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:os";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const wantedNode = JSON.parse(readFileSync(join(root, "toolchain/versions.json"), "utf8")).node;

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

function checkNode() {
  const [have, want] = [process.versions.node, wantedNode].map((text) =>
    text.split(".").map(Number),
  );
  const older = have[0] < want[0] || (have[0] === want[0] && have[1] < want[1]);
  if (older)
    fail(
      `Node.js is ${process.versions.node}: this needs ${wantedNode} or newer. Install it, then run again`,
    );
}

/**
 * node_modules fits if our stamp says so, or if npm has written its own record after package-lock.json was last written, as after an
 * `npm install` by hand: that must not be wiped.
 */
function ensureDependencies() {
  const lockFile = join(root, "package-lock.json");
  const hash = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  const stamp = join(root, "node_modules", ".kubernetes-ha-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  const record = join(root, "node_modules", ".package-lock.json");
  if (existsSync(record) && statSync(record).mtimeMs >= statSync(lockFile).mtimeMs) {
    writeFileSync(stamp, hash);
    return;
  }
  console.error("npm ci: node_modules does not match package-lock.json");
  const started = Date.now();
  const { status, error } = spawnSync(
    "npm",
    ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
    },
  );
  if (status !== 0)
    fail(`npm ci ended with ${error?.message ?? status}: run it in ${root} to see why, then again`);
  writeFileSync(stamp, hash);
  console.error(`npm ci: done in ${Math.round((Date.now() - started) / 1000)} s`);
}

function become(script, args) {
  const child = spawn(process.execPath, ["--import", "tsx", resolve(script), ...args], {
    stdio: "inherit",
    env: { ...process.env, NODE_PATH: "" },
  });
  // The terminal sends Ctrl-C to both of us; the script decides what it means, and we wait for it.
  // What is sent to this process alone is passed on.
  const passedOn = ["SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of passedOn) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  });
  child.on("error", (error) => fail(`cannot start ${process.execPath}: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
  });
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail("name a script: node toolchain/bootstrap.mjs <script.ts> [args...]");
checkNode();
ensureDependencies();
become(script, args);
