import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { run, scripts, temporaryDirectory, type Ended } from "./host";

/** etcd as far as snapshots go: what it saves is the file `database`; one that says BROKEN cannot be restored. */
const etcdctl = `[[ -e $ROOT/database ]] || { echo "no etcd" >&2; exit 1; }
[[ $* != *"endpoint status"* ]] || exit 0
cp "$ROOT/database" "\${!#}"`;
const etcdutl = `case $2 in
  status) echo "{\\"revision\\":7,\\"totalKey\\":3}" ;;
  restore)
    echo "$*" >>"$ROOT/restores"
    ! grep -q BROKEN "$3" || { echo "expected sha256 [..]" >&2; exit 1; }
    mkdir -p "$5/member/snap" "$5/member/wal"
    cp "$3" "$5/member/snap/db" ;;
esac`;
const df = `[[ $* == *avail* ]] && cat "$ROOT/free" || echo 1000`;
/** What runs is a file in \`running\`; with its kubelet, what the manifests say runs again as soon as it has ended. */
const pkill = `program=\${!#}; [[ -e $ROOT/running/$program ]] || exit 1
[[ -e $ROOT/running/kubelet ]] || rm "$ROOT/running/$program"`;
const pgrep = `[[ -e $ROOT/running/\${!#} ]]`;
const systemctl = `echo "$*" >>"$ROOT/systemctl"
case "$*" in
  "stop kubelet") rm -f "$ROOT/running/kubelet" ;;
  "start kubelet") touch "$ROOT/running/"{kubelet,etcd,kube-apiserver} ;;
  *is-enabled*) [[ -e $ROOT/enabled ]] ;;
esac`;
/** The platform, which gives `keys` if the instance has the role; the object storage, which takes a request unless it is `refused`; an apiserver. */
const curl = `echo "$*" >>"$ROOT/curl"
case "$*" in
  *security-credentials*) cat "$ROOT/keys" ;;
  *--config*) cat >"$ROOT/request"; [[ ! -e $ROOT/refused ]] ;;
  *) [[ -e $ROOT/running/kube-apiserver ]] ;;
esac`;
const age = `while [[ $1 != --output ]]; do shift; done; cat >"$2"`;
const programs = { etcdctl, etcdutl, df, pkill, pgrep, systemctl, curl, age, mountpoint: "exit 0" };

/** A host of a member of etcd, its files below a directory, as scripts on snapshots see it. */
export class SnapshotHost {
  readonly root = temporaryDirectory();

  constructor() {
    for (const name of readdirSync(scripts).filter((each) => each.endsWith(".sh")))
      this.write(
        `scripts/${name}`,
        readFileSync(join(scripts, name), "utf8")
          .replace(/\/(etc\/kubernetes|var\/lib)\b/g, `${this.root}/$1`)
          .replace("END_SECONDS=30", "END_SECONDS=1")
          .replace("ANSWER_SECONDS=300", "ANSWER_SECONDS=1"),
      );
    for (const [name, body] of Object.entries(programs)) {
      this.write(`bin/${name}`, `#!/usr/bin/env bash\n${body}\n`);
      chmodSync(join(this.root, "bin", name), 0o755);
    }
    for (const program of ["kubelet", "etcd", "kube-apiserver"])
      this.write(`running/${program}`, "");
    this.write("etc/kubernetes/manifests/kube-apiserver.yaml", "");
    this.write("free", "900\n");
    this.write("database", "data\n");
    this.write("data/member/snap/db", "former\n");
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  read(path: string): string {
    return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), "utf8") : "";
  }

  /** Names in a directory, sorted; none when it is not there. */
  list(path: string): string[] {
    return existsSync(join(this.root, path)) ? readdirSync(join(this.root, path)).sort() : [];
  }

  /** Runs a script with parameters. */
  script(name: string, params: Record<string, string | number>): Ended {
    const lines = Object.entries(params).map(([key, value]) => `${key}=${value}\n`);
    this.write("params", lines.join(""));
    return run("bash", [join(this.root, "scripts", name)], "", {
      ROOT: this.root,
      PATH: `${join(this.root, "bin")}:${process.env.PATH ?? ""}`,
      PARAMS: join(this.root, "params"),
      STEP_DIR: join(this.root, "scripts"),
    });
  }
}
