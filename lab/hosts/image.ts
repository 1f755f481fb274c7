import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../identity";

const scripts = join(__dirname, "scripts");
/** Everything the image is made from; a change of any gives a new image. */
const ingredients = [
  "build-image.sh",
  ...readdirSync(join(scripts, "image"))
    .sort()
    .map((name) => join("image", name)),
];

/** Where the image of this version of the scripts lives, built or not. */
export function imageDirectory(cache: string): string {
  const hash = createHash("sha256");
  for (const name of ingredients)
    hash.update(`${name}\0`).update(readFileSync(join(scripts, name)));
  return join(cache, "images", `debian-12-${hash.digest("hex").slice(0, 10)}`);
}

export interface ImageOptions {
  /** Cache root; the image and the downloaded packages stay there for the next lab. Default: the cache of all labs. */
  cache?: string;
  /** Called with one line whenever there is something to say. */
  onProgress?: (line: string) => void;
  /** Seconds a build may take. Default 900: a slow mirror, not the usual two minutes. */
  deadlineSeconds?: number;
}

/**
 * The root file system of lab hosts, built when it is not in the cache. Several labs may ask at once: one builds, the others wait for it.
 *
 * @returns its directory; read-only by agreement, hosts put an overlay over it.
 * @throws Error with the end of the build's output and the path of its log.
 */
export async function ensureImage(options: ImageOptions = {}): Promise<string> {
  const cache = options.cache ?? cacheRoot();
  const directory = imageDirectory(cache);
  if (existsSync(directory)) return directory;
  mkdirSync(join(cache, "images"), { recursive: true });
  const log = `${directory}.log`;
  const build = [
    ["flock", join(cache, "images", ".lock")],
    ["timeout", "--kill-after=10", String(options.deadlineSeconds ?? 900)],
    ["unshare", "--mount", "--"],
    ["bash", "-c", 'set -o pipefail; log=$1; shift; "$@" 2>&1 | tee "$log"', "build", log],
    [join(scripts, "build-image.sh"), directory, join(cache, "apt")],
  ].flat();
  const last: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(build[0] as string, build.slice(1), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let rest = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        last.push(line);
        if (last.length > 15) last.shift();
        options.onProgress?.(line);
      }
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) {
        resolve();
        return;
      }
      reject(
        new Error(
          `the image of lab hosts could not be built (status ${code ?? "signal"}): see ${log}; it needs debootstrap and a Debian mirror\n${last.join("\n")}`,
        ),
      );
    });
  });
  return directory;
}
