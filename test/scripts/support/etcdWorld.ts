import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory, type Ended } from "./host";

/** Members as `etcdctl member list -w json` has them. */
export interface Listed {
  ID: number;
  name: string;
  peerURLs: string[];
  clientURLs: string[];
  isLearner?: boolean;
}

/** Ids as numbers that JSON keeps. */
export const listed = (name: string, index: number): Listed => ({
  ID: 0xa0 + index,
  name,
  peerURLs: [`https://10.0.0.${index}:2380`],
  clientURLs: [`https://10.0.0.${index}:2379`],
});

/** The interpreter itself: what stands before it in PATH may be a script that takes longer than those it runs. */
const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
  encoding: "utf8",
}).trim();

const path = (own: string): string => `${own}:${process.env.PATH ?? ""}`;

/**
 * A host of etcd member e1 (10.0.0.1), of three, with what etcd.sh talks to: kubeadm, whose rendering is its configuration; a kubelet and an etcd
 * that start what the manifest says when it can be started; and etcdctl over the list of members.
 */
export class EtcdWorld {
  readonly root = temporaryDirectory();
  /** How far the replacement of etcd's authority is to be. */
  rotation = "1 retire";
  private readonly bin = join(this.root, "bin");

  constructor() {
    for (const each of ["bin", "data", "run", "world"]) mkdirSync(join(this.root, each));
    // What the scripts know by its absolute path lies below the root here.
    cpSync(scripts, join(this.root, "scripts"), { recursive: true });
    for (const name of readdirSync(join(this.root, "scripts"))) {
      const file = join(this.root, "scripts", name);
      const text = readFileSync(file, "utf8")
        .replaceAll("/etc/kubernetes", `${this.root}/etc`)
        .replaceAll("/usr/local/bin/kubelet", `${this.root}/kubelet`)
        .replaceAll("/run/kubernetes-ha", `${this.root}/run`)
        .replaceAll("/var/lib/kubernetes-ha", `${this.root}/state`);
      writeFileSync(file, text);
    }
    // These have tests of their own, and change more than this directory.
    for (const name of ["certificate-renewal.sh", "departures.sh"])
      writeFileSync(join(this.root, "scripts", name), "");
    writeFileSync(
      join(this.root, "scripts", "etcd-agree.py"),
      `import os, sys\nopen("${this.root}/world/asked", "w").write("manifest" if os.path.exists("${this.manifest}") else sys.argv[5])\n` +
        `print(open("${this.root}/world/answer").read())\n`,
    );
    symlinkSync(python, join(this.bin, "python3"));
    this.program("mountpoint", "exit 0");
    this.program("systemctl", `echo "$*" >>${this.root}/world/acts`);
    this.program("curl", "exit 0");
    this.program("pgrep", `exec python3 -S ${__dirname}/etcdctl.py ${this.root} pid`);
    this.program("etcdctl", `exec python3 -S ${__dirname}/etcdctl.py ${this.root} "$@"`);
    this.program(
      "kubeadm",
      `[[ $* != *"phase etcd local"* ]] || { while [[ $1 != --config ]]; do shift; done; cp "$2" "$KUBEADM_INIT_DRYRUN_DIR/etcd.yaml"; }`,
    );
    this.members([listed("e1", 1), listed("e2", 2), listed("e3", 3)]);
    this.revision(7);
    this.configure("v3.7.3");
  }

  private program(name: string, body: string): void {
    writeFileSync(join(this.bin, name), `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(join(this.bin, name), 0o755);
  }

  get manifest(): string {
    return join(this.root, "etc", "manifests", "etcd.yaml");
  }

  /** The settled configuration; `image` bad = etcd ends at once with it. */
  configure(image: string): void {
    const config = join(this.root, "kubeadm.yaml");
    writeFileSync(
      config,
      `image: ${image}\n- name: initial-cluster\n  value: e1=https://10.0.0.1:2380\n- name: initial-cluster-state\n  value: existing\n`,
    );
  }
  get settled(): string {
    return readFileSync(join(this.root, "kubeadm.yaml"), "utf8");
  }

  members(list: Listed[]): void {
    writeFileSync(join(this.root, "world", "members"), JSON.stringify({ members: list }));
  }
  revision(value: number): void {
    writeFileSync(join(this.root, "world", "revision"), String(value));
  }
  /** What the peers answer a blank member. */
  answer(value: string): void {
    writeFileSync(join(this.root, "world", "answer"), value);
  }
  /** Something that etcdctl looks for: `unhealthy` peers, this member `leads`, others wait in the `queue`. */
  fact(name: "unhealthy" | "leads" | "queue", value: boolean): void {
    const file = join(this.root, "world", name);
    if (value) writeFileSync(file, "");
    else rmSync(file, { force: true });
  }

  place(manifest: string): void {
    mkdirSync(join(this.root, "etc", "manifests"), { recursive: true });
    writeFileSync(this.manifest, manifest);
  }
  /** A member that runs, has its data, and has been told to be one. */
  running(): this {
    this.data();
    this.place(this.settled);
    this.mark();
    return this;
  }
  /** A kubelet of another release waits beside the one that runs. */
  kubeletWaits(): void {
    for (const name of ["kubelet", "kubelet.next"]) writeFileSync(join(this.root, name), name);
    mkdirSync(join(this.root, "state", "applied"), { recursive: true });
    for (const name of ["artifact.kubelet", "artifact.kubelet.next"])
      writeFileSync(join(this.root, "state", "applied", name), name);
  }
  data(): void {
    mkdirSync(join(this.root, "data", "member", "wal"), { recursive: true });
    writeFileSync(join(this.root, "data", "member", "wal", "0-0.wal"), "");
  }
  /** `rm -rf` of the data. */
  wipe(): void {
    rmSync(join(this.root, "data", "member"), { recursive: true, force: true });
  }
  mark(): void {
    mkdirSync(join(this.root, "state", "applied"), { recursive: true });
    writeFileSync(join(this.root, "state", "applied", "etcd-member"), "member a1 of cluster c1\n");
  }

  read(...file: string[]): string {
    const name = join(this.root, ...file);
    return existsSync(name) ? readFileSync(name, "utf8") : "";
  }
  /** What etcdctl was asked to change, in order. */
  get acts(): string[] {
    return this.read("world", "acts").trim().split("\n").filter(Boolean);
  }

  /**
   * Runs etcd.sh.
   * @param cut What it is cut off before, as a bash function it calls.
   * @param patience Seconds it waits for what does not come.
   */
  step(cut?: string, patience = 60): Ended {
    const body = readFileSync(join(this.root, "scripts", "etcd.sh"), "utf8")
      .replace(/^main "\$@".*$/m, "")
      .replace("HEALTH_SECONDS=180", `HEALTH_SECONDS=${patience}`)
      .replace("MEMBERSHIP_SECONDS=120", `MEMBERSHIP_SECONDS=${patience}`)
      .replace("COMING_SECONDS=5", "COMING_SECONDS=0")
      .replace("STEADY_SECONDS=10", "STEADY_SECONDS=1")
      .replace("YIELD_SECONDS=120", "YIELD_SECONDS=2");
    const overrides = [
      // The kubelet, which sees each manifest; a port is open as long as etcd runs.
      "run_kubelet() { :; }",
      "listens() { pgrep -x etcd >/dev/null; }",
      cut === undefined ? "" : `${cut}() { kill -9 $$; }`,
    ];
    writeFileSync(
      join(this.root, "params"),
      [
        `DATA_DIR=${this.root}/data`,
        "MEMBER_NAME=e1\nMEMBER_ADDRESS=10.0.0.1\nNODE_CONFIG=\nAPI_PORT=6443",
        "MEMBERS=(e1=https://10.0.0.1:2380 e2=https://10.0.0.2:2380 e3=https://10.0.0.3:2380)",
        `KUBEADM_CONFIG=${this.root}/kubeadm.yaml`,
        `ROTATIONS=("etcdCa ${this.rotation}")`,
      ].join("\n"),
    );
    const env = {
      PATH: path(this.bin),
      PARAMS: join(this.root, "params"),
      STEP_DIR: join(this.root, "scripts"),
    };
    const script = `${body}\n${overrides.join("\n")}\nmain </dev/null`;
    return run("bash", ["-c", script], "", env, 180);
  }
}
