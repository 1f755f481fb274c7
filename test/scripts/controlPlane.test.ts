import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** Functions of control-plane.sh, without what it does. */
const body = readFileSync(join(scripts, "control-plane.sh"), "utf8")
  .replace(/^main "\$@".*$/m, "")
  .replace("TURN_SECONDS=300", "TURN_SECONDS=1");

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
    `NODE_NAME=${node}\nNODE_ADDRESS=10.0.0.64\nAPI_PORT=6443\nKUBERNETES_VERSION=v1.36.3\n` +
      "MASTERS=(m1=10.0.0.64 m2=10.0.0.65)\nDRAIN_SECONDS=0\n",
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

test("the turn of one that is no longer a master is taken from it", () => {
  const shared = cluster();
  writeFileSync(join(shared, "turn"), "m9");
  expect(master("m1", shared, "take_turn").status).toBe(0);
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

/** A master m1 that runs the whole of control-plane.sh. With a configuration that says "bad" its apiserver does not come up. */
class Master {
  private readonly root = temporaryDirectory();
  readonly cluster = join(this.root, "cluster");

  constructor() {
    for (const each of ["bin", "etc", "cluster", "kubelet"]) mkdirSync(join(this.root, each));
    writeFileSync(join(this.root, "kubelet", "config.yaml"), "");
    cpSync(scripts, join(this.root, "scripts"), { recursive: true });
    for (const name of readdirSync(join(this.root, "scripts"))) {
      const file = join(this.root, "scripts", name);
      const text = readFileSync(file, "utf8")
        .replaceAll("/etc/kubernetes", `${this.root}/etc`)
        .replaceAll("/var/lib/kubernetes-ha", `${this.root}/state`)
        .replaceAll("/var/lib/kubelet", `${this.root}/kubelet`);
      writeFileSync(file, text.replace("TURN_SECONDS=300", "TURN_SECONDS=1"));
    }
    // These have tests of their own.
    for (const name of [
      ...["renew-certificates.sh", "certificate-renewal.sh", "node-settings.sh"],
      ...["come-back.sh", "departures.sh"],
    ])
      writeFileSync(join(this.root, "scripts", name), "");
    const manifest = join(this.root, "etc", "manifests", "kube-apiserver.yaml");
    mkdirSync(join(this.root, "etc", "manifests"));
    const serves = `grep -qs good ${manifest}`;
    const programs = {
      systemctl: "exit 0",
      curl: serves,
      journalctl: "exit 0",
      // Another one for another manifest.
      pgrep: `${serves} && cksum <${manifest}`,
      kubeadm:
        `case "$*" in *"init --config"*) echo init >>${this.cluster}/inits; { cat ${this.root}/kubeadm.yaml; echo "image: kube-apiserver:v1.36.3"; } >${manifest}; ${serves} ;;\n` +
        `  *kubeconfig*) echo "    server: x" >${this.root}/etc/$4.conf ;; *) echo "---" ;; esac`,
      kubectl:
        `case "$*" in *configmap*) ${serves} && exec ${this.root}/bin/turn "$@" ;;\n` +
        `  *"get node m1"*) ${serves} && echo "True ready" ;; *) ${serves} ;; esac`,
    };
    for (const [name, text] of Object.entries(programs))
      writeFileSync(join(this.root, "bin", name), `#!/usr/bin/env bash\n${text}\n`, {
        mode: 0o755,
      });
    writeFileSync(join(this.root, "bin", "turn"), kubectl, { mode: 0o755 });
    writeFileSync(
      join(this.root, "params"),
      `NODE_NAME=m1\nNODE_ADDRESS=10.0.0.64\nAPI_PORT=6443\nKUBERNETES_VERSION=v1.36.3\nKUBEADM_CONFIG=${this.root}/kubeadm.yaml\n` +
        `API_CERTIFICATE_NAMES=(m1 m2)\nMASTERS=(m1=10.0.0.64 m2=10.0.0.65)\nDRAIN_SECONDS=0\nADDONS_DIR=${this.root}\n` +
        "COREFILE=corefile.yaml\nDNS_MANIFEST=coredns.yaml\n",
    );
  }

  step(config: string) {
    writeFileSync(join(this.root, "kubeadm.yaml"), `${config}\n`);
    return run("bash", [join(this.root, "scripts", "control-plane.sh")], "", {
      PATH: `${this.root}/bin:${process.env.PATH ?? ""}`,
      CLUSTER: this.cluster,
      PARAMS: join(this.root, "params"),
      STEP_DIR: join(this.root, "scripts"),
    });
  }

  get inits(): number {
    const file = join(this.cluster, "inits");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  }
  get holder(): string {
    const file = join(this.cluster, "turn");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }
}

test("good, bad, good: a master is taken back by the next run, and gives its turn on only then", () => {
  const m1 = new Master();
  expect(m1.step("good")).toMatchObject({ status: 0, stderr: "" });
  expect(m1.step("good").status).toBe(0);
  expect(m1.inits).toBe(1);
  const { status, stderr } = m1.step("bad");
  expect(status).not.toBe(0);
  // Once: an apiserver that does not come back is no matter of uploads that have met.
  expect(stderr).toContain("kubeadm init failed, 1 times");
  // Until it is Ready again no other master takes the same change.
  expect(m1.holder).toBe("m1");
  expect(m1.step("good")).toMatchObject({ status: 0, stderr: "" });
  expect(m1.inits).toBe(3);
  expect(m1.holder).toBe("");
  expect(m1.step("good").status).toBe(0);
  expect(m1.inits).toBe(3);
});
