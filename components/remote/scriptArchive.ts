import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

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

/**
 * Writes all scripts into one archive on this machine and gives its path. The bytes depend on the scripts alone, and the
 * path on the bytes, so that it is the same archive, and no change, on every machine and in every run.
 */
export function scriptArchive(): string {
  const archive = tar(allScripts());
  const directory = privateDirectory();
  const path = join(directory, `scripts-${createHash("sha256").update(archive).digest("hex")}.tar`);
  if (!existsSync(path)) {
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, archive, { mode: 0o600 });
    renameSync(temporary, path);
  }
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

const block = 512;

/** A tar archive (ustar) of plain files, without times and owners. */
function tar(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, content] of files) {
    parts.push(tarHeader(name, content.length), content);
    parts.push(Buffer.alloc((block - (content.length % block)) % block));
  }
  parts.push(Buffer.alloc(2 * block));
  return Buffer.concat(parts);
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(block);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0, 100);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write("0", 156);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
