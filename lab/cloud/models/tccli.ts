import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";

import { cacheRoot } from "../../identity";

/** The official command line of Tencent Cloud with what it needs, pinned by version and digest. */
export const tccliRequirements = join(__dirname, "requirements.txt");

/** How long PyPI may take, in ms. */
const installTimeoutMs = 300_000;

/** Pinned version of tccli. */
export function tccliVersion(): string {
  const version = /^tccli==(\S+)/m.exec(readFileSync(tccliRequirements, "utf8"))?.[1];
  if (version === undefined) {
    throw new Error(`${tccliRequirements} pins no tccli==<version>`);
  }
  return version;
}

/**
 * Installs the pinned tccli below the cache, once. Needs python3 with pip and, the first time, PyPI.
 *
 * @returns Directory to be put on PYTHONPATH.
 * @throws Error with pip's last words when it cannot be had.
 */
export function ensureTccli(): string {
  const digest = createHash("sha256").update(readFileSync(tccliRequirements)).digest("hex");
  const dir = join(cacheRoot(), "tccli", digest.slice(0, 12));
  if (existsSync(dir)) {
    return dir;
  }
  // Several may install at once: each its own copy, the first one stays.
  const staging = `${dir}.${process.pid}`;
  mkdirSync(join(staging, ".."), { recursive: true });
  const pip = spawnSync(
    "python3",
    ["-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--no-compile"].concat([
      "--only-binary=:all:",
      "--require-hashes",
      `--requirement=${tccliRequirements}`,
      `--target=${staging}`,
    ]),
    { encoding: "utf8", timeout: installTimeoutMs },
  );
  if (pip.status !== 0) {
    rmSync(staging, { recursive: true, force: true });
    const reason = pip.error?.message ?? pip.stderr.trim().split("\n").slice(-5).join("\n");
    throw new Error(
      `tccli ${tccliVersion()} could not be installed: ${reason}\nIt needs python3 with pip, and PyPI (or a mirror in PIP_INDEX_URL) the first time.`,
    );
  }
  try {
    renameSync(staging, dir);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    if (!existsSync(dir)) {
      throw error;
    }
  }
  return dir;
}
