import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { run, type RunResult } from "../../../lab/process";

const checkout = resolve(__dirname, "../../..");

/** Runs command lines of this project with no tool on PATH but those that a test makes, and an empty cache. */
export function commandsOf() {
  const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-commands-"));
  const bin = join(dir, "bin");
  mkdirSync(bin);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return {
    /** For files of the test. */
    dir,
    /** Puts a shell script on PATH. */
    tool: (called: string, script: string): void => {
      const file = join(bin, called);
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    },
    /** Runs an entry in the checkout to its end. */
    command: (entry: string, ...args: string[]): Promise<RunResult> =>
      run([process.execPath, "--import", "tsx", entry, ...args], {
        cwd: checkout,
        timeoutSeconds: 100,
        env: {
          PATH: bin,
          HOME: dir,
          KUBERNETES_HA_CACHE: join(dir, "cache"),
          TENCENTCLOUD_SECRET_ID: "",
          TENCENTCLOUD_SECRET_KEY: "",
        },
      }),
  };
}
