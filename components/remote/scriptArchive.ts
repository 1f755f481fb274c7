import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { create } from "tar";

const scriptsDirectory = join(__dirname, "..", "scripts");

/** Every step runs inside these, so a change of theirs counts as a change of every step. */
const shell = ["run-step.sh", "run-locked.sh", "place-files.py", "lib.sh"] as const;

/** A step: the name of a script in components/scripts, without its ending. */
export type StepName =
  "prepare-host" | "preflight" | "balancer" | "etcd" | "control-plane" | "worker";

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
 * Hash over a step's own script, the helpers it names (`$STEP_DIR/...`, theirs included) and what every step runs in.
 * A change of any other script leaves it alone, so only the steps that a change concerns run again.
 * @throws when a script names a helper that is not there.
 */
export function stepHash(step: StepName): string {
  const files = allScripts();
  const closure = new Set<string>();
  const visit = (name: string) => {
    if (closure.has(name)) return;
    const content = files.get(name);
    if (content === undefined) throw new Error(`components/scripts has no ${name}`);
    closure.add(name);
    for (const [, helper] of content.toString("utf8").matchAll(/\$STEP_DIR\/([\w.-]+)/g)) {
      if (helper !== undefined) visit(helper);
    }
  };
  [...shell, `${step}.sh`].forEach(visit);
  const hash = createHash("sha256");
  for (const name of [...closure].sort()) {
    hash
      .update(`${name}\0`)
      .update(files.get(name) ?? "")
      .update("\0");
  }
  return hash.digest("hex");
}

/**
 * Writes all scripts into one archive on this machine and gives its path. The bytes depend on the scripts alone, and the
 * path on the bytes, so that it is the same archive, and no change, on every machine and in every run.
 */
export function scriptArchive(): string {
  return (archive ??= writeArchive());
}

let archive: string | undefined;

function writeArchive(): string {
  const directory = privateDirectory();
  const temporary = join(directory, `scripts.${process.pid}.tar`);
  // Nothing of this checkout but names and contents goes in: no times, no owners, no umask.
  create(
    {
      ...{ sync: true, file: temporary, mode: 0o600, cwd: scriptsDirectory },
      ...{ portable: true, noMtime: true },
      onWriteEntry: ({ header }) => {
        if (header) header.mode = 0o644;
      },
    },
    [...allScripts().keys()],
  );
  const digest = createHash("sha256").update(readFileSync(temporary)).digest("hex");
  const path = join(directory, `scripts-${digest}.tar`);
  renameSync(temporary, path);
  return path;
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
