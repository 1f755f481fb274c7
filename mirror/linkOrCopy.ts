import { copyFile, link } from "node:fs/promises";

/**
 * Gives a file a second name, or copies it where the two lie on different file systems. For files that nobody writes into.
 */
export async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copyFile(source, target);
  }
}
