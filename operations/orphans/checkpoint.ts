import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Puts the engine's own backup in the place of a state that was cut off when the engine was killed in the middle of writing it; every command
 * fails on it otherwise (`failed to load checkpoint: EOF`). The backup is one save older. The engine saves before it asks a provider for
 * anything and again afterwards, so at most the end of one operation is missing, and that operation is noted as under way.
 *
 * @param directory of a file backend.
 * @returns whether there was anything to put right.
 */
export function restoreCheckpoint(directory: string, project: string, stack: string): boolean {
  const file = join(directory, ".pulumi", "stacks", project, `${stack}.json`);
  const backup = `${file}.bak`;
  // The backend writes a file's attributes beside it, just as interruptibly, reads nothing without them when they are torn, and needs none.
  const torn = [`${file}.attrs`, `${backup}.attrs`].filter((at) => existsSync(at) && !isWhole(at));
  torn.forEach((attributes) => rmSync(attributes));
  // No file at all is a stack that was removed, which leaves its backup behind.
  if (!existsSync(file) || isWhole(file) || !isWhole(backup)) return torn.length > 0;
  copyFileSync(backup, file);
  rmSync(`${file}.attrs`, { force: true });
  return true;
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return true;
  } catch {
    return false;
  }
}
