import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { create } from "tar";

const scriptsDirectory = join(__dirname, "..", "scripts");

/** Every step runs inside these, so a change of theirs counts as a change of every step. */
const shell = ["run-step.sh", "run-locked.sh", "place-files.py", "lib.sh"] as const;

/** A step: the name of a script in components/scripts, without its ending. */
export type StepName =
  | "prepare-host"
  | "balancer"
  | "haproxy"
  | "director"
  | "local-endpoint"
  | "etcd"
  | "etcd-upkeep"
  | "control-plane"
  | "registry"
  | "harbor"
  | "worker";

/** All scripts of components/scripts, by file name. */
function readScripts(): Map<string, Buffer> {
  const names = readdirSync(scriptsDirectory)
    .filter((name) => /\.(sh|py)$/.test(name))
    .sort();
  return new Map(names.map((name) => [name, readFileSync(join(scriptsDirectory, name))]));
}

let scripts: Map<string, Buffer> | undefined;
const allScripts = () => (scripts ??= readScripts());

/**
 * Hash over a step's own script, the helpers it names ({@link helpersOf}, theirs included) and what every step runs in.
 * A change of any other script leaves it alone, so only the steps that a change concerns run again.
 * @throws when a script names a helper that is not there.
 */
export function stepHash(step: StepName): string {
  const hash = hashes.get(step) ?? hashStep(step);
  hashes.set(step, hash);
  return hash;
}

/** Hundreds of workers have the same step. */
const hashes = new Map<StepName, string>();

function hashStep(step: StepName): string {
  const files = allScripts();
  const closure = new Set<string>();
  const visit = (name: string) => {
    if (closure.has(name)) return;
    const content = files.get(name);
    if (content === undefined) throw new Error(`components/scripts has no ${name}`);
    closure.add(name);
    helpersOf(content.toString("utf8")).forEach(visit);
  };
  [...shell, `${step}.sh`].forEach(visit);
  return digest([...closure].sort().flatMap((name) => [`${name}\0`, files.get(name) ?? "", "\0"]));
}

/** Scripts that a script runs (`$STEP_DIR/...`), or leaves on the host for good (`keep_programs ...`). */
function helpersOf(script: string): string[] {
  const run = [...script.matchAll(/\$STEP_DIR\/([\w.-]+\.(?:sh|py))/g)].map(([, name]) => name);
  const kept = [...script.matchAll(/^ *keep_programs ([\w .-]+)$/gm)].map(([, names]) => names);
  return [...run, ...kept.flatMap((names) => names?.split(" "))].filter(
    (name) => name !== undefined,
  );
}

/**
 * The first 64 bits of a SHA-256, in hex: tells what people made from what they made before. It stands in the state several times for every
 * host.
 */
export function digest(parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 16);
}

/** What an archive holds beside the scripts, by file name. Nothing secret: it lies on this machine. */
export interface Archived {
  /** Parameters and files of a step that all hosts of a pool share, as place-files.py reads them. */
  "shared.json"?: string;
  /** Certificate of the cluster's CA. */
  "ca.crt"?: string;
}

/**
 * Writes all scripts into one archive on this machine and gives its path. The bytes depend on what is in it alone, and the
 * path on the bytes, so that it is the same archive, and no change, on every machine and in every run.
 */
export function scriptArchive(archived: Archived = {}): string {
  const key = JSON.stringify(archived);
  const path = archives.get(key) ?? writeArchive(archived);
  archives.set(key, path);
  return path;
}

const archives = new Map<string, string>();

function writeArchive(archived: Archived): string {
  const directory = privateDirectory();
  const staging = mkdtempSync(join(directory, "staging-"));
  try {
    const contents = new Map(allScripts());
    for (const [name, text] of Object.entries(archived) as [string, string][])
      contents.set(name, Buffer.from(text));
    for (const [name, content] of contents) writeFileSync(join(staging, name), content);
    const temporary = join(staging, ".tar");
    // Nothing of this machine but names and contents goes in: no times, no owners, no umask.
    create(
      {
        ...{ sync: true, file: temporary, mode: 0o600, cwd: staging },
        ...{ portable: true, noMtime: true },
        onWriteEntry: ({ header }) => {
          if (header) header.mode = 0o644;
        },
      },
      [...contents.keys()],
    );
    const path = join(directory, `scripts-${digest([readFileSync(temporary)])}.tar`);
    renameSync(temporary, path);
    return path;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** A directory under /tmp that nobody else can have put files into: root runs on the hosts what lies there. */
function privateDirectory(): string {
  const { uid } = userInfo();
  const directory = join(tmpdir(), `kubernetes-ha-${uid}`);
  mkdirSync(directory, { mode: 0o700, recursive: true });
  const found = lstatSync(directory);
  if (
    !found.isDirectory() ||
    (uid >= 0 && found.uid !== uid) ||
    (uid >= 0 && (found.mode & 0o077) !== 0)
  ) {
    throw new Error(
      `${directory} must be a directory of your own with mode 0700: remove it and try again`,
    );
  }
  return directory;
}
