import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Size of the newest state of the one stack that a file backend keeps. */
export function stateMiB(backend: string): number {
  return Math.round((statSync(stateFile(backend)).size / 2 ** 20) * 10) / 10;
}

/** How many resources it holds. */
export function resourcesInState(backend: string): number {
  const { checkpoint } = JSON.parse(readFileSync(stateFile(backend), "utf8")) as {
    checkpoint: { latest: { resources: unknown[] } };
  };
  return checkpoint.latest.resources.length;
}

function stateFile(backend: string): string {
  const dir = join(backend, ".pulumi", "stacks");
  const [file] = readdirSync(dir, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".json"));
  if (file === undefined) throw new Error(`no state in ${dir}`);
  return join(dir, file);
}
