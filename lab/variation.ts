import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { variations, type Variation } from "./examples";

/** What takes an example back: the configuration file's own again. */
export const configurationsOwn = "default";

const schema = z.strictObject(
  Object.fromEntries(variations.map((what) => [what, z.string().optional()])),
);

const fileOf = (dir: string): string => join(dir, "variation.json");

/** The examples that a lab was brought up with last. @param dir The lab's directory. */
export function readVariation(dir: string): Variation {
  const file = fileOf(dir);
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
}

/** The examples that a lab has when `wanted` is asked for: what is not named stays, {@link configurationsOwn} takes it back. Pure. */
export function variationWith(last: Variation, wanted: Variation): Variation {
  const named = variations.flatMap((what) => {
    const example = wanted[what] ?? last[what];
    return example === undefined || example === configurationsOwn ? [] : [[what, example] as const];
  });
  return Object.fromEntries(named);
}

/** Keeps the examples for the next `up`, which then changes nothing by itself. */
export function keepVariation(dir: string, variation: Variation): void {
  const file = fileOf(dir);
  writeFileSync(`${file}.new`, JSON.stringify(variation), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
