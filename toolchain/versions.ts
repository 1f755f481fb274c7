import versionsFile from "./versions.json";

/** Versions of all tools, in one file. `provider` has two: its newest release, and the newest that can be built from a Go module. */
export type Versions = typeof versionsFile;

export const versions: Versions = versionsFile;

/** -1, 0 or 1 as `a` is older than, the same as, or newer than `b`; both `1.2.3` with or without `v` and with missing parts as 0. */
export function compareVersions(a: string, b: string): number {
  const parts = (text: string): number[] =>
    text
      .replace(/^v|^go/, "")
      .split(/[-+]/, 1)
      .join("")
      .split(".")
      .map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
