import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { endOf, type Said, scripts, temporaryDirectory } from "./host";

const components = ["apiserver", "controller-manager", "scheduler"] as const;

/**
 * Masters m1, m2, ... that live, each with what control-plane.sh talks to: a kubeadm that writes the release it is told, an apiserver that is what its manifest
 * says, a kubelet that is the file. What the cluster keeps is a directory: turn, failures, and who did what in which order.
 */
export class Masters {
  private readonly root = temporaryDirectory();
  private readonly names: string[];

  constructor(count: number, release: string) {
    this.names = Array.from({ length: count }, (_, index) => `m${index + 1}`);
    mkdirSync(join(this.root, "cluster"));
    for (const name of this.names) this.make(name, release);
  }

  /** Brings another kubelet beside that of a master, as prepare-host.sh does. */
  prepare(release: string, names = this.names): void {
    for (const name of names) {
      writeFileSync(this.file(name, "kubelet.next"), release);
      writeFileSync(this.file(name, "state/applied/artifact.kubelet.next"), release);
    }
  }

  /** Runs the step of some masters side by side, to their ends. @param release That they are to be of. */
  async step(release: string, names = this.names): Promise<Said[]> {
    return Promise.all(names.map((name) => this.run(name, release)));
  }

  /** An apiserver of another release does not come up on this master. */
  spoil(name: string, spoilt: boolean): void {
    if (spoilt) writeFileSync(this.file(name, "spoilt"), "");
    else rmSync(this.file(name, "spoilt"));
  }

  /** The API does not tell of its nodes. */
  silence(): void {
    writeFileSync(this.file("cluster", "silent"), "");
  }

  /** Has a node of the cluster be of a release. */
  node(name: string, release: string): void {
    mkdirSync(join(this.root, name));
    writeFileSync(this.file(name, "kubelet"), release);
  }

  /** What was done, by whom, in order. */
  get acts(): string[] {
    return this.read("cluster", "acts").trim().split("\n").filter(Boolean);
  }
  forget(): void {
    rmSync(this.file("cluster", "acts"), { force: true });
  }
  get holder(): string {
    return this.read("cluster", "turn");
  }
  get failed(): string[] {
    return readdirSync(join(this.root, "cluster"))
      .filter((name) => name.startsWith("failed."))
      .map((name) => name.slice("failed.".length))
      .sort();
  }

  /** Releases of a master's apiserver, controller-manager, scheduler and kubelet. */
  releases(name: string): string[] {
    const images = components.map((component) =>
      this.read(name, `etc/manifests/kube-${component}.yaml`).trim().replace(/^.*:/, ""),
    );
    return [...images, this.read(name, "kubelet")];
  }

  private file(...path: string[]): string {
    return join(this.root, ...path);
  }
  private read(...path: string[]): string {
    const name = this.file(...path);
    return existsSync(name) ? readFileSync(name, "utf8") : "";
  }

  private make(name: string, release: string): void {
    const root = this.file(name);
    for (const each of ["bin", "etc/manifests", "state/applied", "pki", "run"])
      mkdirSync(join(root, each), { recursive: true });
    for (const component of components)
      writeFileSync(
        join(root, `etc/manifests/kube-${component}.yaml`),
        `image: r/kube-${component}:${release}\n`,
      );
    writeFileSync(join(root, "kubelet"), release);
    writeFileSync(join(root, "state/applied/artifact.kubelet"), release);
    writeFileSync(join(root, "state/applied/control-plane"), "before\n");
    writeFileSync(join(root, "pki/client"), "a certificate");
    cpSync(scripts, join(root, "scripts"), { recursive: true });
    for (const script of readdirSync(join(root, "scripts")).filter((file) =>
      file.endsWith(".sh"),
    )) {
      const file = join(root, "scripts", script);
      writeFileSync(
        file,
        readFileSync(file, "utf8")
          .replaceAll("/var/lib/kubelet/pki/kubelet-client-current.pem", `${root}/pki/client`)
          .replaceAll("/usr/local/bin/kubelet", `${root}/kubelet`)
          .replaceAll("/etc/kubernetes", `${root}/etc`)
          .replaceAll("/var/lib/kubernetes-ha", `${root}/state`)
          .replaceAll("/var/lib/kubelet", `${root}/kubelet.d`)
          .replace("READY_SECONDS=180", "READY_SECONDS=2")
          .replace("ANSWER_SECONDS=120", "ANSWER_SECONDS=2"),
      );
    }
    // These have tests of their own, and change more than this directory.
    for (const script of [
      "authorities.sh",
      "renew-certificates.sh",
      "certificate-renewal.sh",
      "come-back.sh",
      "departures.sh",
      "node-settings.sh",
      "local-kubeconfigs.sh",
    ])
      writeFileSync(join(root, "scripts", script), "");
    for (const [program, text] of Object.entries(this.programs(name)))
      writeFileSync(join(root, "bin", program), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 });
  }

  private programs(name: string): Record<string, string> {
    const [root, cluster] = [this.file(name), this.file("cluster")];
    const act = (what: string) => `echo "${name} ${what}" >>${cluster}/acts`;
    const write = (component: string) =>
      `echo "image: r/kube-${component}:$release" >${root}/etc/manifests/kube-${component}.yaml`;
    const apiserver = `sed 's/.*://' ${this.root}/$asked/etc/manifests/kube-apiserver.yaml`;
    return {
      systemctl: "exit 0",
      journalctl: "exit 0",
      curl: "exit 0",
      chmod: "exit 0",
      pgrep: `each=\${2/%controller/controller-manager}; cksum <${root}/etc/manifests/$each.yaml`,
      kubeadm: `
release=$(cat ${root}/kubeadm.yaml)
case "$*" in
  *"control-plane apiserver"*) ${act("apiserver")}; [[ ! -e ${root}/spoilt ]] || release=bad; ${write("apiserver")} ;;
  *"init --config"*) ${act("rest")}; ${components.map(write).join("; ")} ;;
esac`,
      // Programs in Python have tests of their own.
      python3: `
case "$*" in
  *" out "*) ${act("drained")} ;;
  *" failed "*) date +%s%N >${cluster}/failed.${name} ;;
  *" done "*) rm -f ${cluster}/failed.${name} ;;
esac`,
      kubectl: `
asked=${name}
if [[ $1 == --server ]]; then asked=m\${2##*10.0.0.}; asked=\${asked%:*}; shift 2; fi
case "$*" in
  *"get nodes"*) [[ ! -e ${cluster}/silent ]] || { echo "no answer" >&2; exit 1; } ;;&
  *"--raw /readyz"*) [[ $(${apiserver}) != bad ]] ;;
  *"--raw /version"*) echo '{ "gitVersion": "'$(${apiserver})'" }' ;;
  *"create configmap"*) set -o noclobber; echo -n ${name} 2>/dev/null >${cluster}/turn ;;
  *"get configmap"*) cat ${cluster}/turn 2>/dev/null || true ;;
  *"delete configmap"*) rm -f ${cluster}/turn ;;
  *"get nodes"*upgrade-failed*) for each in ${cluster}/failed.*; do [[ ! -e $each ]] || echo "\${each##*.}=$(cat $each)"; done ;;
  *"get nodes"*kubeletVersion*) for each in ${this.root}/*/kubelet; do each=\${each%/kubelet}; echo "\${each##*/} $(cat $each/kubelet)"; done ;;
  *"get node "*"-o name"*) echo node ;;
  *"get pod kube-"*) each="$*"; each=\${each##*kube-}; each=\${each%%-${name}*}; echo "$(cat ${root}/etc/manifests/kube-$each.yaml) True" ;;
  *"get node "*kubeletVersion*) cat ${root}/kubelet ;;
  *"get node "*) echo "True ready" ;;
  *) exit 0 ;;
esac`,
    };
  }

  private async run(name: string, release: string): Promise<Said> {
    const root = this.file(name);
    writeFileSync(join(root, "kubeadm.yaml"), release);
    const masters = this.names.map((each) => `${each}=10.0.0.${each.slice(1)}`).join(" ");
    writeFileSync(
      join(root, "params"),
      `NODE_NAME=${name}\nNODE_ADDRESS=10.0.0.${name.slice(1)}\nAPI_PORT=6443\nKUBERNETES_VERSION=${release}\nKUBEADM_CONFIG=${root}/kubeadm.yaml\n` +
        `MASTERS=(${masters})\nDRAIN_SECONDS=0\nDRAIN_ON_TIMEOUT=fail\nAPI_CERTIFICATE_NAMES=(m)\nADDONS_DIR=${root}/addons\nADDONS=()\nROTATIONS=()\nPACKET_QUEUES=()\n` +
        "COREFILE=corefile.yaml\nDNS_MANIFEST=coredns.yaml\n",
    );
    const child = spawn("bash", [join(root, "scripts/control-plane.sh")], {
      env: {
        ...process.env,
        PATH: `${root}/bin:${process.env["PATH"] ?? ""}`,
        PARAMS: join(root, "params"),
        STEP_DIR: join(root, "scripts"),
      },
    });
    return endOf(child);
  }
}
