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
export type StepName = "prepare-host" | "balancer" | "etcd" | "control-plane" | "worker";

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

/** Name in an archive of what its hosts share: JSON as place-files.py reads it. */
const sharedFile = "shared.json";

/**
 * Writes all scripts into one archive on this machine and gives its path. The bytes depend on what is in it alone, and the
 * path on the bytes, so that it is the same archive, and no change, on every machine and in every run.
 * @param shared Parameters and files of a step that all hosts which get the archive share, as JSON. @default none
 */
export function scriptArchive(shared?: string): string {
  const known = archives.get(shared);
  if (known !== undefined) return known;
  const path = writeArchive(shared);
  archives.set(shared, path);
  return path;
}

const archives = new Map<string | undefined, string>();

function writeArchive(shared: string | undefined): string {
  const directory = privateDirectory();
  const staging = mkdtempSync(join(directory, "staging-"));
  try {
    const contents = new Map(allScripts());
    if (shared !== undefined) contents.set(sharedFile, Buffer.from(shared));
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
    const digest = sha256(readFileSync(temporary));
    const path = join(directory, `scripts-${digest}.tar`);
    renameSync(temporary, path);
    return path;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Hash by which a step names what its hosts share. */
export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
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
