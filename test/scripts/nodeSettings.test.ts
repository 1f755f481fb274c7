import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** kubectl of a cluster with four nodes, which answers as the real one does and notes what it is asked to change. */
const kubectl = `#!/usr/bin/env bash
if [[ "$*" == "get nodes -o name" ]]; then
  printf 'node/%s\\n' prod-master-1 prod-gpu-1 prod-gpu-2 prod-gpu-big-1
  exit 0
fi
echo "$*" >>"$CALLS"
[[ $1 != taint || "$*" == *--overwrite* || ! -e $GONE ]] || { echo 'error: taint "gpu:NoSchedule" not found' >&2; exit 1; }
`;

/** A master that remembers what it did. */
function master() {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "bin"));
  writeFileSync(join(directory, "bin", "kubectl"), kubectl);
  chmodSync(join(directory, "bin", "kubectl"), 0o755);
  const lib = readFileSync(join(scripts, "lib.sh"), "utf8");
  writeFileSync(
    join(directory, "lib.sh"),
    lib.replace("STATE_DIR=/var/lib/kubernetes-ha", `STATE_DIR=${directory}`),
  );
  writeFileSync(join(directory, "params"), `NODE_SETTINGS=${directory}/settings\n`);
  const apply = (lines: string[]) => {
    writeFileSync(join(directory, "settings"), lines.map((line) => `${line}\n`).join(""));
    writeFileSync(join(directory, "calls"), "");
    const { status, stderr } = run("bash", [join(scripts, "node-settings.sh")], "", {
      PATH: `${join(directory, "bin")}:${process.env.PATH ?? ""}`,
      CALLS: join(directory, "calls"),
      GONE: join(directory, "gone"),
      PARAMS: join(directory, "params"),
      STEP_DIR: directory,
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return readFileSync(join(directory, "calls"), "utf8").split("\n").filter(Boolean);
  };
  return Object.assign(apply, { directory });
}

test("nodes of a pool get its labels and taints, once; nodes of other pools do not", () => {
  const apply = master();
  const lines = [
    "prod-gpu label team=ml",
    "prod-gpu label empty=",
    "prod-gpu taint gpu=a100:NoSchedule",
    "prod-gpu taint spot:NoExecute",
  ];
  expect(apply(lines)).toEqual([
    "label nodes prod-gpu-1 prod-gpu-2 --overwrite team=ml empty=",
    "taint nodes prod-gpu-1 prod-gpu-2 --overwrite gpu=a100:NoSchedule spot:NoExecute",
  ]);
  expect(apply(lines)).toEqual([]);
});

test("what a pool has no more is taken away, and only that", () => {
  const apply = master();
  apply([
    "prod-gpu label team=ml",
    "prod-gpu label gone=x",
    "prod-gpu taint gpu=a100:NoSchedule",
    "prod-gpu taint gpu=a100:NoExecute",
  ]);
  expect(apply(["prod-gpu label team=ai", "prod-gpu taint gpu=h100:NoExecute"])).toEqual([
    "label nodes prod-gpu-1 prod-gpu-2 gone-",
    "label nodes prod-gpu-1 prod-gpu-2 --overwrite team=ai",
    "taint nodes prod-gpu-1 prod-gpu-2 gpu:NoSchedule-",
    "taint nodes prod-gpu-1 prod-gpu-2 --overwrite gpu=h100:NoExecute",
  ]);
  expect(apply([])).toEqual([
    "label nodes prod-gpu-1 prod-gpu-2 team-",
    "taint nodes prod-gpu-1 prod-gpu-2 gpu:NoExecute-",
  ]);
});

test("a pool without nodes is no error", () => {
  expect(master()(["prod-new label a=b"])).toEqual([]);
});

test("a taint that another master has taken away already is gone, as wanted", () => {
  const apply = master();
  apply(["prod-gpu taint gpu=a100:NoSchedule"]);
  writeFileSync(join(apply.directory, "gone"), "");
  expect(apply([])).toEqual(["taint nodes prod-gpu-1 prod-gpu-2 gpu:NoSchedule-"]);
});
