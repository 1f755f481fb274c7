import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** A kubectl over a cluster of files: `api`, `node` (its Ready status), `blocked` (pods that no eviction moves); notes what it changes in `acts`. */
const kubectl = `#!/usr/bin/env bash
case "$*" in
  "get --raw /readyz"*) [[ -e $CLUSTER/api ]] ;;
  "get node"*"--output name"*) [[ ! -e $CLUSTER/node ]] || echo node/w1 ;;
  "get node"*jsonpath*) cat $CLUSTER/node ;;
  "get pods"*) cat $CLUSTER/blocked ;;
  "drain"*)
    echo "drain" >>$CLUSTER/acts
    [[ ! -e $CLUSTER/dies ]] || printf Unknown >$CLUSTER/node
    [[ ! -e $CLUSTER/blocked ]] ;;
  "annotate"* | "cordon"* | "delete node"*) echo "$1" >>$CLUSTER/acts; [[ $1 != delete ]] || rm $CLUSTER/node ;;
  *) echo "unexpected: $*" >&2; exit 64 ;;
esac
`;

function cluster(files: Record<string, string> = { api: "", node: "True" }): string {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), content);
  return directory;
}

function leave(directory: string, ...words: string[]) {
  writeFileSync(join(directory, "kubectl"), kubectl);
  chmodSync(join(directory, "kubectl"), 0o755);
  const ended = run("bash", [join(scripts, "leave-node.sh"), ...words], "", {
    PATH: `${directory}:${process.env.PATH ?? ""}`,
    CLUSTER: directory,
    PARAMS: "/dev/null",
    STEP_DIR: scripts,
  });
  const acts = join(directory, "acts");
  return {
    ...ended,
    acts: existsSync(acts) ? readFileSync(acts, "utf8").trim().split("\n") : [],
  };
}

test("a node is marked and cordoned before its pods are evicted", () => {
  const { status, acts } = leave(cluster(), "drain", "w1", "60", "fail");
  expect({ status, acts }).toEqual({ status: 0, acts: ["annotate", "cordon", "drain"] });
});

test("evictions are used, never deletions of pods that have a budget", () => {
  const [call] = /^ *if (kubectl drain .*); then$/m.exec(
    readFileSync(join(scripts, "leave-node.sh"), "utf8"),
  ) ?? [""];
  expect(call).toContain("--ignore-daemonsets");
  expect(call).not.toContain("--disable-eviction");
});

test("pods that do not go fail the departure, by their names", () => {
  const living = cluster({ api: "", node: "True", blocked: "default/web-1 " });
  const { status, stderr, acts } = leave(living, "drain", "w1", "0", "fail");
  expect(status).toBe(1);
  expect(stderr).toContain("these pods are still on w1: default/web-1");
  expect(stderr).toContain("PodDisruptionBudget");
  expect(acts).toEqual(["annotate", "cordon"]);
});

test("or end with the machine, where that is what is to be", () => {
  const living = cluster({ api: "", node: "True", blocked: "default/web-1 " });
  const { status, stdout } = leave(living, "drain", "w1", "0", "force");
  expect(status).toBe(0);
  expect(stdout).toContain("these pods are still on w1, and end with it: default/web-1");
});

test("a node that does not answer is not waited for, nor one that dies meanwhile", () => {
  const dead = leave(cluster({ api: "", node: "Unknown" }), "drain", "w1", "60", "fail");
  expect(dead).toMatchObject({ status: 0, acts: ["annotate", "cordon"] });
  const dies = cluster({ api: "", node: "True", blocked: "default/web-1", dies: "" });
  expect(leave(dies, "drain", "w1", "60", "fail")).toMatchObject({
    status: 0,
    acts: ["annotate", "cordon", "drain"],
  });
});

test("a node is removed once, and counts as gone from then on", () => {
  const living = cluster();
  expect(leave(living, "forget", "w1")).toMatchObject({ status: 0, acts: ["delete"] });
  expect(leave(living, "forget", "w1")).toMatchObject({ status: 0, acts: ["delete"] });
  expect(leave(living, "drain", "w1", "60", "fail")).toMatchObject({ status: 0, acts: ["delete"] });
});

test("a master whose apiserver is not ready has others asked", () => {
  expect(leave(cluster({ node: "True" }), "drain", "w1", "60", "fail").status).toBe(75);
});
