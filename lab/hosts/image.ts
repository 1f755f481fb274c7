import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../identity";
import { builtOnce } from "./builtOnce";

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
 * The root file system of lab hosts, built when it is not in the cache.
 *
 * @returns its directory; read-only by agreement, hosts put an overlay over it.
 * @throws Error with the end of the build's output and the path of its log.
 */
export function ensureImage(options: ImageOptions = {}): Promise<string> {
  const cache = options.cache ?? cacheRoot();
  const directory = imageDirectory(cache);
  return builtOnce({
    what: "the image of lab hosts",
    needs: "debootstrap and a Debian mirror",
    directory,
    command: [join(scripts, "build-image.sh"), directory, join(cache, "apt")],
    deadlineSeconds: options.deadlineSeconds ?? 900,
    onProgress: options.onProgress,
  });
}
