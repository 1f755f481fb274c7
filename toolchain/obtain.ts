import { existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { groupKey, modulesRoot, toolchainCache } from "./cache";
import { execute } from "./execute";
import { buildFlags, type Group, type GroupName } from "./groups";
import { withLock } from "./lock";
import { fetchOfficial, writeOrigin, type Origin } from "./official";
import { patchedModfile, placeOf } from "./patch";
import { say, step } from "./progress";
import { versions } from "./versions";

/** A group that is there. */
export interface Obtained<Name extends string = GroupName> {
  group: Group<Name>;
  key: string;
  directory: string;
  origin: Origin;
}

/** The group's place in the cache, if it is there. It appears whole or not at all, so being there is being complete. */
export function lookUp<Name extends string>(group: Group<Name>): Obtained<Name> | undefined {
  const key = groupKey(group);
  const directory = toolchainCache(group.name, key);
  const record = join(directory, "origin.json");
  if (!existsSync(record)) return undefined;
  return { group, key, directory, origin: JSON.parse(readFileSync(record, "utf8")) as Origin };
}

/** Gets a group: from the cache, else its makers' release, else built. Two runs never do it twice. */
export async function obtain<Name extends string>(group: Group<Name>): Promise<Obtained<Name>> {
  const found = lookUp(group);
  if (found) return found;
  const lock = toolchainCache("locks", `${group.name}.lock`);
  return withLock(lock, () => make(group), {
    waiting: () => say(`${group.name}: another process is at it; waiting for it`),
  });
}

async function make<Name extends string>(group: Group<Name>): Promise<Obtained<Name>> {
  const other = lookUp(group);
  if (other) return other; // made while we waited for the lock
  const key = groupKey(group);
  const directory = toolchainCache(group.name, key);
  // Named by process: a build whose run was killed may still be writing to its own, which is removed under it.
  const staging = toolchainCache("staging", group.name, `${process.pid}-${key}`);
  const log = toolchainCache("logs", `${group.name}-${key}.log`);
  await rm(dirname(staging), { recursive: true, force: true });
  await mkdir(dirname(directory), { recursive: true });
  const origin = await step(`${group.name} ${group.version}`, async (): Promise<Origin> => {
    const { official } = group;
    if (official && (await fetchOfficial(official, staging, log)))
      return { source: "official", version: official.version ?? group.version };
    await rm(staging, { recursive: true, force: true });
    await build(group, staging, log);
    return { source: "built", version: group.version };
  });
  await writeOrigin(staging, origin);
  await rm(directory, { recursive: true, force: true });
  await rename(staging, directory);
  if (origin.source === "built" && group.remark) say(`${group.name}: ${group.remark}`);
  return { group, key, directory, origin };
}

/** The compiler collects garbage a quarter as often: an eighth less of its time, for some 2 GiB at its largest packages. */
const compilerEnvironment = { GOGC: "400" };

/** `go build` of all programs of a group into `staging`, and `go test -c` of those that are tests. */
async function build(group: Group<string>, staging: string, log: string): Promise<void> {
  const output = `${staging}.out`;
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  await mkdir(staging, { recursive: true });
  const packages = Object.keys(group.programs);
  const single = packages.length === 1 ? join(output, Object.values(group.programs)[0] ?? "") : "";
  const { patch } = group;
  const patched = `${staging}.patched`;
  const modfile = patch && (await patchedModfile({ ...group, patch }, patched, log));
  const cwd = join(modulesRoot, group.module);
  const flags = [
    ...buildFlags(group),
    ...(modfile === undefined ? [] : [`-modfile=${modfile}`]),
    ...(await overlayFlags(group, cwd, `${output}/overlay.json`)),
  ];
  const go = (what: string, ...args: string[]): Promise<void> =>
    execute(what, ["go", ...args], {
      cwd,
      env: { ...compilerEnvironment, CGO_ENABLED: group.cgo ? "1" : "0" },
      log,
      remedy: `check that \`go version\` is ${versions.go} or newer, that gcc is installed, and that the module proxy of \`go env GOPROXY\` can be reached; then run the same command again`,
    });
  const what = `building ${group.name} ${group.version}`;
  await go(what, "build", ...flags, "-o", single || `${output}/`, ...packages);
  for (const [path, program] of Object.entries(group.programs))
    await rename(single || join(output, defaultName(path)), join(staging, program));
  for (const [path, program] of Object.entries(group.testPrograms ?? {}))
    await go(
      `${what}: ${program}`,
      "test",
      "-c",
      "-vet=off",
      ...flags,
      "-o",
      join(staging, program),
      path,
    );
  if (group.files) {
    const place = await placeOf(group.files.module, cwd);
    for (const [path, name] of Object.entries(group.files.names))
      await copyFile(join(place, path), join(staging, name));
  }
  for (const made of [output, patched]) await rm(made, { recursive: true, force: true });
}

/** Has the compiler find in the module's directory what it embeds, where the dependencies have it. */
async function overlayFlags(
  { embedded }: Group<string>,
  cwd: string,
  file: string,
): Promise<string[]> {
  if (embedded === undefined) return [];
  const replaced: Record<string, string> = {};
  for (const [name, { module, path }] of Object.entries(embedded)) {
    replaced[join(cwd, name)] = join(await placeOf(module, cwd), path);
  }
  await writeFile(file, JSON.stringify({ Replace: replaced }));
  return [`-overlay=${file}`];
}

/** What `go build` calls the executable of a package: the last element that is no major version. */
export function defaultName(path: string): string {
  return /^v\d+$/.test(basename(path)) ? basename(dirname(path)) : basename(path);
}
