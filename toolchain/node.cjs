// Node.js from the npm registry, for machines whose own is too old: plain Node, no dependencies, since nothing is installed yet.
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readFileSync, renameSync, rmSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");
const { minimum, npm, releases } = require("./versions.json").node;

/** Here, as this file runs before TypeScript can; lab/identity.ts makes it a real path. */
function cacheRoot() {
  const { KUBERNETES_HA_CACHE: explicit, XDG_CACHE_HOME: base } = process.env;
  return explicit
    ? resolve(explicit)
    : join(base ?? join(homedir(), ".cache"), "tencentcloud-kubernetes-ha");
}

/** Major version of the newest that is pinned. */
const newest = String(Math.max(...Object.keys(releases).map(Number)));

const major = (version) => Number(version.split(".", 1)[0]);

/**
 * Executable of the Node.js to go on with: this one, unless it is too old or `wanted` names another major version.
 *
 * @param wanted Major version (`22`, `24`), as in the environment variable KUBERNETES_HA_NODE; undefined: any that is new enough.
 * @returns its path; downloaded into the cache first if it is not there.
 * @throws Error saying what is needed, when it cannot be had.
 */
function nodeFor(wanted) {
  const have = process.versions.node;
  if (wanted === undefined ? atLeast(have, minimum) : major(have) === Number(wanted))
    return process.execPath;
  const release = releases[wanted ?? newest];
  if (release === undefined)
    throw new Error(
      `KUBERNETES_HA_NODE is ${wanted}: allowed are ${Object.keys(releases).join(", ")}, or leave it unset`,
    );
  const integrity = process.platform === "linux" ? release.integrity[process.arch] : undefined;
  if (integrity === undefined)
    throw new Error(
      `Node.js is ${have} on ${process.platform} ${process.arch}: this needs ${minimum} or newer. Install Node.js ${release.version}, then run again`,
    );
  return fetchedNode(release.version, integrity, `Node.js is ${have}: `);
}

/** Executable of the newest Node.js that is pinned, for another machine of this kind: it needs nothing of the system but its C library. */
function pinnedNode() {
  const release = releases[newest];
  return fetchedNode(release.version, release.integrity[process.arch]);
}

/** Directory of the npm that is pinned, with all it needs in it. */
function pinnedNpm() {
  const { version, integrity } = npm;
  const program = "bin/npm-cli.js";
  return fetched({ package: "npm", version, integrity, place: join("npm", version), program });
}

function atLeast(version, bound) {
  const [have, want] = [version, bound].map((text) => text.split(".").map(Number));
  for (const [index, part] of want.entries()) if (have[index] !== part) return have[index] > part;
  return true;
}

function fetchedNode(version, integrity, why) {
  const program = "bin/node";
  const place = join("node", `${version}-${process.arch}`);
  const name = `node-linux-${process.arch}`;
  return join(fetched({ package: name, version, integrity, place, program, why }), program);
}

/** Directory in the cache of a package of the npm registry. It appears whole or not at all, so being there is being complete. */
function fetched({ package: called, version, integrity, place, program, why = "" }) {
  const directory = join(cacheRoot(), place);
  if (existsSync(join(directory, program))) return directory;
  const started = Date.now();
  const name = `${called}@${version}`;
  console.error(`${why}getting ${name} from the npm registry`);
  const staging = `${directory}.${process.pid}`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  try {
    const pack = ["pack", name, "--silent", "--pack-destination", staging];
    const tarball = join(staging, run("npm", pack).trim());
    const actual = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    if (actual !== integrity)
      throw new Error(
        `${name} is not what it was when it was pinned: ${actual}, pinned is ${integrity}: do not use it; ask who runs the registry in between`,
      );
    run("tar", ["-xzf", tarball, "-C", staging]);
    rmSync(directory, { recursive: true, force: true });
    renameSync(join(staging, "package"), directory);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  console.error(`${name}: there in ${Math.round((Date.now() - started) / 1000)} s`);
  return directory;
}

function run(program, args) {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0)
    throw new Error(
      `${program} ${args.slice(0, 2).join(" ")} ended with ${error?.message ?? status}: ${stderr?.trim()}\nInstall Node.js ${minimum} or newer by hand, or check \`npm config get registry\`, then run again`,
    );
  return stdout;
}

exports.cacheRoot = cacheRoot;
exports.nodeFor = nodeFor;
exports.pinnedNode = pinnedNode;
exports.pinnedNpm = pinnedNpm;
