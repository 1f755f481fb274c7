import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** Functions of control-plane.sh, without what it does. */
const body = readFileSync(join(scripts, "control-plane.sh"), "utf8")
  .replace(/^main "\$@".*$/m, "")
  .replace("TURN_SECONDS=600", "TURN_SECONDS=1");

/** A kubectl that keeps the one object a turn is made of in a file. */
const kubectl = `#!/usr/bin/env bash
case "$*" in
  "--server https://10.0.0.64:6443 get --raw /readyz") [[ -e $CLUSTER/ready ]] ;;
  *"create configmap"*)
    if [[ -e $CLUSTER/turn ]]; then echo AlreadyExists >&2; exit 1; fi
    all="$*"
    printf '%s' "\${all##*holder=}" >$CLUSTER/turn ;;
  *"get configmap"*) cat $CLUSTER/turn 2>/dev/null || true ;;
  *"delete configmap"*) rm -f $CLUSTER/turn ;;
  *) exit 64 ;;
esac
`;

function master(node: string, cluster: string, calls: string, served = true) {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "kubectl"), kubectl);
  chmodSync(join(directory, "kubectl"), 0o755);
  writeFileSync(
    join(directory, "params"),
    `NODE_NAME=${node}\nNODE_ADDRESS=10.0.0.64\nAPI_PORT=6443\nKUBERNETES_VERSION=v1.36.3\n`,
  );
  const recall = served ? "recall() { echo before; }" : "recall() { :; }";
  return run("bash", ["-c", `${body}\n${recall}\n${calls}`], "", {
    PATH: `${directory}:${process.env.PATH ?? ""}`,
    CLUSTER: cluster,
    PARAMS: join(directory, "params"),
    STEP_DIR: scripts,
  });
}
function cluster(ready = true): string {
  const directory = temporaryDirectory();
  if (ready) writeFileSync(join(directory, "ready"), "");
  return directory;
}

test("one master at a time has its turn, and gives it on", () => {
  const shared = cluster();
  expect(master("m1", shared, "take_turn").status).toBe(0);
  const second = master("m2", shared, "take_turn");
  expect(second.status).not.toBe(0);
  expect(second.stderr).toContain("held by m1");
  expect(master("m1", shared, "give_turn").status).toBe(0);
  expect(master("m2", shared, "take_turn").status).toBe(0);
});

test("a run that was cut off has its turn again", () => {
  const shared = cluster();
  master("m1", shared, "take_turn");
  expect(master("m1", shared, "take_turn").status).toBe(0);
});

test("nobody gives another's turn on", () => {
  const shared = cluster();
  master("m1", shared, "take_turn");
  master("m2", shared, "give_turn");
  expect(readFileSync(join(shared, "turn"), "utf8")).toBe("m1");
});

test("a new master waits for nobody, and neither does one that does not serve", () => {
  const shared = cluster();
  master("m1", shared, "take_turn");
  expect(master("m2", shared, "take_turn", false).status).toBe(0);
  const down = cluster(false);
  expect(master("m1", down, "take_turn").status).toBe(0);
  expect(existsSync(join(down, "turn"))).toBe(false);
});

test("a running master is not taken to another version", () => {
  const directory = temporaryDirectory();
  const manifest = join(directory, "kube-apiserver.yaml");
  const check = (image: string) => {
    writeFileSync(manifest, `    image: ${image}\n`);
    const script = body.slice(body.indexOf("same_version() {"));
    const lib = `die() { printf 'error: %s\\n' "$*" >&2; exit 1; }; KUBERNETES_VERSION=v1.36.3; APISERVER=${manifest}`;
    const end = script.indexOf("\n}\n") + 3;
    return run("bash", ["-euo", "pipefail", "-c", `${lib}\n${script.slice(0, end)}\nsame_version`]);
  };
  expect(check("registry:5000/kube-apiserver:v1.36.3").status).toBe(0);
  const other = check("registry:5000/kube-apiserver:v1.35.1");
  expect(other.status).toBe(1);
  expect(other.stderr).toContain("configured is v1.36.3");
});

describe("the Corefile", () => {
  /** What settling it comes to when the API server answers so. */
  const settled = (status: number, answer: string) =>
    master(
      "m1",
      cluster(),
      `apply_corefile() { echo '${answer}'; return ${status}; }; wait_until 1 Corefile corefile_settled`,
    );

  test("is applied under a name of our own and without force, so that the API keeps what others changed", () => {
    const body = readFileSync(join(scripts, "control-plane.sh"), "utf8");
    const [call] = /^ {2}kubectl apply .*COREFILE.*$/m.exec(body) ?? [];
    expect(call).toContain("--server-side --field-manager=kubernetes-ha ");
    expect(call).not.toContain("--force-conflicts");
  });

  test("stays as it is where somebody else has changed it", () => {
    const conflict =
      'Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .data.Corefile';
    expect(settled(1, conflict).status).toBe(0);
    expect(settled(0, "configmap/coredns serverside-applied").status).toBe(0);
  });

  test("is tried again after any other answer, which is told in the end", () => {
    const { status, stderr } = settled(1, "connection refused");
    expect(status).not.toBe(0);
    expect(stderr).toContain("connection refused");
  });
});
