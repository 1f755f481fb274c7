// Runs a TypeScript entry point from a fresh clone: `node toolchain/bootstrap.mjs <script.ts> [args...]`.
// Plain Node, no dependencies: goes on with a newer Node.js if this one is too old, installs dependencies if package-lock.json asks for
// others than node_modules has, then becomes the script as far as Node allows (same standard streams, signals, exit code).
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { constants } from "node:os";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeFor } from "./node.cjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

/**
 * node_modules fits if our stamp says so, or if npm has written its own record after package-lock.json was last written, as after an
 * `npm install` by hand: that must not be wiped.
 */
function ensureDependencies(env) {
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
      env,
      stdio: ["ignore", 2, 2],
    },
  );
  if (status !== 0)
    fail(`npm ci ended with ${error?.message ?? status}: run it in ${root} to see why, then again`);
  writeFileSync(stamp, hash);
  console.error(`npm ci: done in ${Math.round((Date.now() - started) / 1000)} s`);
}

function become(node, script, args, env) {
  const child = spawn(node, ["--import", "tsx", resolve(script), ...args], {
    stdio: "inherit",
    env,
  });
  // The terminal sends Ctrl-C to both of us; the script decides what it means, and we wait for it.
  // What is sent to this process alone is passed on.
  const passedOn = ["SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of passedOn) process.on(signal, () => child.kill(signal));
  process.on("SIGINT", () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  });
  child.on("error", (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
  });
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail("name a script: node toolchain/bootstrap.mjs <script.ts> [args...]");
try {
  const node = nodeFor(process.env.KUBERNETES_HA_NODE);
  const env = { ...process.env, NODE_PATH: "" };
  // npm, npx and the engine find it by PATH.
  if (node !== process.execPath) env.PATH = `${dirname(node)}${delimiter}${env.PATH ?? ""}`;
  ensureDependencies(env);
  become(node, script, args, env);
} catch (error) {
  fail(error.message);
}
