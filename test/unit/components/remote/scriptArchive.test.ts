import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  scriptArchive,
  stepHash,
  type StepName,
} from "../../../../components/remote/scriptArchive";

const scripts = join(__dirname, "..", "..", "..", "..", "components", "scripts");
const names = readdirSync(scripts).filter((name) => /\.(sh|py)$/.test(name));

test("tar reads the archive, and every script is in it as it is", () => {
  const archive = scriptArchive();
  const listed = execFileSync("tar", ["-tf", archive], { encoding: "utf8" }).trim().split("\n");
  expect(listed.sort()).toEqual(names.sort());
  for (const name of names) {
    expect(execFileSync("tar", ["-xOf", archive, name])).toEqual(readFileSync(join(scripts, name)));
  }
});

test("the archive is named by its content and lies where only we can write", () => {
  const archive = scriptArchive();
  const sum = createHash("sha256").update(readFileSync(archive)).digest("hex").slice(0, 16);
  expect(archive).toContain(sum);
  // Another run of the program writes it anew, to the same bytes.
  jest.isolateModules(() => {
    const again = jest.requireActual<{ scriptArchive: typeof scriptArchive }>(
      "../../../../components/remote/scriptArchive",
    );
    expect(again.scriptArchive()).toBe(archive);
  });
  expect(statSync(dirname(archive)).mode & 0o777).toBe(0o700);
});

test("every step has a hash of its own", () => {
  const steps: StepName[] = ["prepare-host", "balancer", "etcd", "control-plane", "worker"];
  expect(new Set(steps.map(stepHash)).size).toBe(steps.length);
});

test("a script that a step keeps on its host counts as a part of it", () => {
  const archive = "../../../../components/remote/scriptArchive";
  const hashWith = (changed: string) => {
    let hash = "";
    jest.isolateModules(() => {
      const fs = jest.requireActual<typeof import("node:fs")>("node:fs");
      jest.doMock("node:fs", () => ({
        ...fs,
        readFileSync: (path: string) =>
          Buffer.concat([fs.readFileSync(path), Buffer.from(path.endsWith(changed) ? "#\n" : "")]),
      }));
      hash = jest.requireActual<{ stepHash: typeof stepHash }>(archive).stepHash("etcd");
      jest.dontMock("node:fs");
    });
    return hash;
  };
  expect(hashWith("renew-certificates.sh")).not.toBe(hashWith("nothing.sh"));
  expect(hashWith("take-snapshot.sh")).toBe(hashWith("nothing.sh"));
});
