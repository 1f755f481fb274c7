import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "./identity";

/** Seconds it took to make each shape of cluster (see {@link UpProgress.shape}) the last time, on this machine. */
type LastTimes = Record<string, number>;

const file = (): string => join(cacheRoot(), "last-times.json");

/** Milliseconds that a cluster of this shape took the last time; undefined when none was made. */
export function lastTime(shape: string | undefined): number | undefined {
  const seconds = shape === undefined ? undefined : read()[shape];
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Remembers how long a cluster of this shape took. */
export function rememberTime(shape: string | undefined, milliseconds: number): void {
  if (shape === undefined) return;
  const times = { ...read(), [shape]: Math.round(milliseconds / 1000) };
  writeFileSync(`${file()}.new`, JSON.stringify(times));
  renameSync(`${file()}.new`, file());
}

function read(): LastTimes {
  return existsSync(file()) ? (JSON.parse(readFileSync(file(), "utf8")) as LastTimes) : {};
}
