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

describe("static pods with other settings", () => {
  const components = ["apiserver", "controller-manager", "scheduler"] as const;

  /** Has them changed, of which one does not come up by its new manifest. */
  function change(bad: string, had = "before", upgrades = "") {
    const directory = temporaryDirectory();
    const file = (component: string) => join(directory, `kube-${component}.yaml`);
    for (const component of components) writeFileSync(file(component), "before\n");
    writeFileSync(
      join(directory, "params"),
      "NODE_NAME=m1\nNODE_ADDRESS=10.0.0.64\nAPI_PORT=6443\n",
    );
    const stubs = `
      phase() { :; }
      well() { ! grep -q bad "$MANIFESTS/kube-$1.yaml"; }
      own_apiserver_ready() { well apiserver; }
      process() { cksum <"$MANIFESTS/kube-$1.yaml"; }
      initialise() {
        for each in ${components.join(" ")}; do
          if [[ $each == "${bad}" ]]; then echo bad; else echo after; fi >"$MANIFESTS/kube-$each.yaml"
        done
      }`;
    const moved = body
      .replace("MANIFESTS=/etc/kubernetes/manifests", `MANIFESTS=${directory}`)
      .replace("READY_SECONDS=180", "READY_SECONDS=1");
    const calls = `${moved}\n${stubs}\nchange "${had}" "${upgrades}"`;
    const { status, stderr } = run("bash", ["-c", calls], "", {
      PARAMS: join(directory, "params"),
      STEP_DIR: scripts,
    });
    return {
      status,
      stderr,
      now: components.map((each) => readFileSync(file(each), "utf8").trim()),
    };
  }

  test("are waited for", () => {
    expect(change("none")).toEqual({ status: 0, stderr: "", now: ["after", "after", "after"] });
  });

  test.each(components)("all give way to those of before when the %s does not come up", (bad) => {
    const { status, stderr, now } = change(bad);
    expect(status).not.toBe(0);
    expect(stderr).toContain(`${bad} follows its manifest: not so`);
    expect(stderr).toContain(
      "those of before are back. Set right what has changed (controlPlane.*)",
    );
    expect(now).toEqual(["before", "before", "before"]);
  });

  test.each([
    ["of a master that has served nobody", "", ""],
    ["of another release", "before", "yes"],
  ])("stay as they are: %s", (_, had, upgrades) => {
    const { status, now } = change("scheduler", had, upgrades);
    expect(status).not.toBe(0);
    expect(now).toEqual(["after", "after", "bad"]);
  });
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

test("what came of a manifest that is wanted no more is deleted, and the manifest with it", () => {
  const directory = temporaryDirectory();
  for (const name of ["flannel", "kube-network-policies"])
    writeFileSync(join(directory, `${name}.yaml`), "");
  const addons = (wanted: string) =>
    master(
      "m1",
      cluster(),
      `ADDONS_DIR=${directory}; ADDONS=(${wanted}); kubectl() { echo "$*" >>${directory}/calls; }; delete_unwanted_addons`,
    );
  const calls = () =>
    existsSync(join(directory, "calls")) ? readFileSync(join(directory, "calls"), "utf8") : "";
  expect(addons("flannel kube-network-policies").status).toBe(0);
  expect(calls()).toBe("");
  expect(addons("flannel").status).toBe(0);
  expect(calls()).toBe(
    `delete --ignore-not-found --timeout 60s -f ${directory}/kube-network-policies.yaml\n`,
  );
  expect(readdirSync(directory).sort()).toEqual(["calls", "flannel.yaml"]);
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
      ...["come-back.sh", "departures.sh", "authorities.sh"],
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
        `API_CERTIFICATE_NAMES=(m1 m2)\nMASTERS=(m1=10.0.0.64 m2=10.0.0.65)\nDRAIN_SECONDS=0\nADDONS_DIR=${this.root}/addons\nADDONS=(flannel)\nROTATIONS=("encryptionKey 1 retire")\nPACKET_QUEUES=()\n` +
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

  get manifest(): string {
    return readFileSync(join(this.root, "etc", "manifests", "kube-apiserver.yaml"), "utf8");
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
  // By the one of before, which serves.
  expect(m1.manifest).toContain("good");
  expect(stderr).toContain("static pods do not come up as they are configured");
  // Until it is Ready again no other master takes the same change.
  expect(m1.holder).toBe("m1");
  // It serves, so it asks for its turn, and is told that it has it still.
  expect(m1.step("good")).toMatchObject({ status: 0, stderr: "AlreadyExists\n" });
  expect(m1.inits).toBe(3);
  expect(m1.holder).toBe("");
  expect(m1.step("good").status).toBe(0);
  expect(m1.inits).toBe(3);
});
