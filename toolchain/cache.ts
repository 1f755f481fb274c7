import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../lab/identity";
import { buildFlags, type Group } from "./groups";

/** Go modules of the toolchain. */
export const modulesRoot = join(__dirname, "go");

/** Where the toolchain keeps what it made. Everything in it can be removed at any time. */
export const toolchainCache = (...parts: string[]): string =>
  join(cacheRoot(), "toolchain", ...parts);

/** Short digest of anything that can be written as JSON. */
export function digest(...parts: unknown[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(JSON.stringify(part) + "\n");
  return hash.digest("hex").slice(0, 12);
}

/** Files of a Go module that decide what is built: go.mod and go.sum, and its own source or patches if it has any. */
function moduleFiles(directory: string, ownSource: boolean): string[] {
  if (!ownSource) return ["go.mod", "go.sum"];
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter(
      (file) =>
        /(\.go|\.json|\.patch|go\.mod|go\.sum)$/.test(file) &&
        !/(_test\.go|^testdata\/.*)$/.test(file),
    )
    .sort();
}

/** Name of a group's place in the cache: version and a digest of all that goes into it. */
export function groupKey(group: Group<string>, modules = modulesRoot): string {
  const directory = join(modules, group.module);
  const files = moduleFiles(directory, group.ownSource).map((file) => [
    file,
    readFileSync(join(directory, file), "utf8"),
  ]);
  const { version, programs, testPrograms, files: more, cgo, official, embedded } = group;
  // Groups without them keep the key, and so the programs, that they had before there were any.
  const also = [testPrograms || more ? [testPrograms, more] : [], embedded ? [embedded] : []];
  return `${version}-${digest(files, programs, buildFlags(group), cgo, official, ...also.flat())}`;
}
