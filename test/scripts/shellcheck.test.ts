import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scripts } from "./support/host";

const names = readdirSync(scripts).filter((name) => name.endsWith(".sh"));

test("shellcheck has nothing to say", () => {
  expect(() =>
    execFileSync("shellcheck", names, { cwd: scripts, stdio: "pipe", encoding: "utf8" }),
  ).not.toThrow();
});

/** What others source has no interpreter of its own. */
const isSourced = (name: string) =>
  readFileSync(join(scripts, name), "utf8").startsWith("# shellcheck shell=bash\n");

test.each(names.filter((name) => !isSourced(name)))(
  "%s stops at the first error and reads nothing it was not given",
  (name) => {
    const text = readFileSync(join(scripts, name), "utf8");
    expect(text).toMatch(/^set -euo pipefail$/m);
    // run-step.sh takes the request on standard input, the shell around a step closes it.
    if (!name.startsWith("run-")) expect(text).toMatch(/^main "\$@" <\/dev\/null$/m);
  },
);

test.each(names)("%s has no secret in an argument and waits for no fixed time", (name) => {
  const text = readFileSync(join(scripts, name), "utf8");
  for (const [, pause] of text.matchAll(/\bsleep (\S+)/g)) {
    expect(["0.2", '"$pause"']).toContain(pause);
  }
});
