import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Makes a directory that appears whole or not at all: `fill` gets an empty one beside it, which is renamed when it is full.
 * When another process was faster, its result stands. What builders that are gone left half done is removed.
 */
export async function buildInto(
  directory: string,
  fill: (staging: string) => Promise<void>,
): Promise<void> {
  const parent = dirname(directory);
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const staging = join(parent, `.${basename(directory)}-${process.pid}`);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging);
  try {
    await fill(staging);
    await rename(staging, directory).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^\..+-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}
