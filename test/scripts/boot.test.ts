import {
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { renderBootUnit, renderHostsBlock, renderNeedrestart } from "../../components/render";
import { type Ended, run, scripts, temporaryDirectory } from "./support/host";

/** A host that is a directory: what boot.sh finds below it, by path. */
class Host {
  private readonly root = temporaryDirectory();

  constructor(files: Record<string, string> = {}) {
    for (const directory of ["/etc/systemd/system", "/proc", "/run"])
      mkdirSync(this.at(directory), { recursive: true });
    this.write("/proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    const script = readFileSync(join(scripts, "boot.sh"), "utf8")
      .replaceAll(/(?<=[ ='"</])\/(?=\{?(etc|var\/lib|run|proc|usr\/lib)\b)/g, `${this.root}/`)
      .replace("set -euo pipefail", `set -euo pipefail\nsource ${this.root}/stubs`);
    writeFileSync(join(this.root, "boot.sh"), script);
  }

  at(path: string): string {
    return join(this.root, path);
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  read(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  /** @param stubs Bash functions in the place of programs. */
  boot(part = "", stubs = ""): Ended {
    const told = "systemctl() { echo systemctl $*; }; swapoff() { echo swapoff $*; }";
    writeFileSync(join(this.root, "stubs"), `${told}\n${stubs}\n`);
    return run("bash", [join(this.root, "boot.sh"), ...(part === "" ? [] : [part])]);
  }
}

describe("swap", () => {
  test.each([
    ["of the usual form", "UUID=12 none swap sw 0 0"],
    ["of three fields", "/swapfile none swap"],
    ["that is indented", " \t/dev/vda2\tswap\tswap\tdefaults\t0\t0"],
    ["of four fields", "/dev/disk/by-label/swap none swap pri=5"],
  ])("a line of fstab %s is switched off, once", (_, line) => {
    const others = "# /old none swap\n/dev/vda1 / ext4 defaults 0 1\n/swap.d /data ext4\n";
    const host = new Host({ "/etc/fstab": `${others}${line}\n` });
    expect(host.boot("swap")).toMatchObject({ status: 0, stdout: "systemctl daemon-reload\n" });
    const off = `${others}# switched off by kubernetes-ha: ${line}\n`;
    expect(host.read("/etc/fstab")).toBe(off);
    expect(host.boot("swap")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.read("/etc/fstab")).toBe(off);
  });

  test.each([
    ["of an administrator", "/etc/systemd/system/swapfile.swap"],
    ["of a package", "/usr/lib/systemd/system/swapfile.swap"],
    ["that zram-generator makes", "/run/systemd/generator/dev-zram0.swap"],
    ["of GPT's types", "/run/systemd/generator.late/dev-vda3.swap"],
    ["of zram-tools", "/usr/lib/systemd/system/zramswap.service"],
  ])("a unit %s is masked, once", (_, path) => {
    const host = new Host({ [path]: "[Swap]\n" });
    expect(host.boot("swap").status).toBe(0);
    const unit = path.split("/").at(-1) ?? "";
    expect(readlinkSync(host.at(`/etc/systemd/system/${unit}`))).toBe("/dev/null");
    if (path.startsWith("/etc/"))
      expect(host.read(`${path}.before-kubernetes-ha`)).toBe("[Swap]\n");
    expect(host.boot("swap")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("that is on goes off; the machine's, of which a container sees the name alone, stays", () => {
    const host = new Host({ "/swapfile": "" });
    const here = host.at("/swapfile");
    host.write("/proc/swaps", `Filename Type\n${here} file 1 0 -2\n/nowhere/swap file 1 0 -2\n`);
    const { stdout } = host.boot("swap");
    expect(stdout).toContain(`swapoff ${here}\n`);
    expect(stdout).not.toContain("nowhere");
    expect(host.boot("swap", "swapoff() { return 1; }").stderr).toContain(
      `error: swap ${here} cannot be switched off`,
    );
  });
});

describe("kernel settings", () => {
  const own = "/etc/sysctl.d/zz-kubernetes-ha.conf";
  // A kernel whose settings are files of the working directory.
  const kernel = (host: Host) =>
    `sysctl() { local f=${host.at("/run")}/\${@: -1}; f=\${f%%=*}; if [[ $1 == -n ]]; then cat "$f"; else echo "\${@: -1}"; echo "\${3#*=}" >"$f"; fi; }`;

  test("that are otherwise are set, and no others are touched", () => {
    const host = new Host({
      [own]: "# why\nnet.ipv4.ip_forward = 1\nkernel.panic = 10\n",
      "/run/net.ipv4.ip_forward": "0",
      "/run/kernel.panic": "10",
    });
    expect(host.boot("kernel", kernel(host)).stdout).toBe("net.ipv4.ip_forward=1\n");
    expect(host.boot("kernel", kernel(host)).stdout).toBe("");
  });

  test("of the network that cannot be set are an error, and the rest of the boot goes on", () => {
    const block = renderHostsBlock([{ address: "10.0.0.1", names: ["api"] }]);
    const host = new Host({
      [own]: "net.ipv4.ip_forward = 1\n",
      "/etc/hosts": "127.0.0.1 localhost\n",
      "/etc/kubernetes-ha/hosts": block,
    });
    const { status, stderr } = host.boot("", "sysctl() { [[ $1 == -n ]] && echo 0; }");
    expect(status).toBe(1);
    expect(stderr).toContain("error: sysctl net.ipv4.ip_forward: is 0, cannot be set to 1");
    expect(host.read("/etc/hosts")).toBe(`127.0.0.1 localhost\n${block}`);
  });
});

describe("names", () => {
  const block = renderHostsBlock([{ address: "10.0.0.12", names: ["api.prod.internal"] }]);
  const after = (hosts: string | undefined) => {
    const host = new Host({
      "/etc/kubernetes-ha/hosts": block,
      ...(hosts === undefined ? {} : { "/etc/hosts": hosts }),
    });
    expect(host.boot("names").status).toBe(0);
    expect(host.boot("names")).toEqual({ status: 0, stdout: "", stderr: "" });
    return host.read("/etc/hosts");
  };

  test("that cloud-init has written over come back", () => {
    const template = "127.0.1.1 h h\n127.0.0.1 localhost\n";
    expect(after(template)).toBe(template + block);
  });
  test("of before are replaced, and nothing around them", () => {
    const old = renderHostsBlock([{ address: "10.0.0.9", names: ["api.prod.internal"] }]);
    expect(after(`127.0.0.1 localhost\n${old}10.9.9.9 mine\n`)).toBe(
      `127.0.0.1 localhost\n10.9.9.9 mine\n${block}`,
    );
  });
  test.each([undefined, ""])("come back with localhost in a file that was lost (%j)", (lost) => {
    expect(after(lost).trim()).toBe(`127.0.0.1 localhost\n${block}`.trim());
  });
});

describe("manifests", () => {
  const whole = "apiVersion: v1\nkind: Pod\nspec: {}\nstatus: {}\n";
  const kept = "/var/lib/kubernetes-ha/manifests/etcd.yaml";
  const live = "/etc/kubernetes/manifests/etcd.yaml";

  test.each([
    ["nothing of it", ""],
    ["zeros", "\0".repeat(50)],
    ["a part", whole.slice(0, 25)],
  ])("of which a loss of power left %s are as the last step left them", (_, left) => {
    const host = new Host({ [kept]: whole, [live]: left });
    expect(host.boot("manifests").stdout).toContain(": was not whole");
    expect(host.read(live)).toBe(whole);
    expect(statSync(host.at(live)).mode & 0o777).toBe(0o600);
  });

  test("that are whole stay, whatever they say, and so does one that was taken away", () => {
    const changed = whole.replace("spec: {}", "spec: {changed: true}");
    const host = new Host({ [kept]: whole, [live]: changed });
    expect(host.boot("manifests")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.read(live)).toBe(changed);
    const without = new Host({ [kept]: whole, "/etc/kubernetes/manifests/other": "" });
    expect(without.boot("manifests").status).toBe(0);
    expect(() => without.read(live)).toThrow();
  });
});

describe("the kubelet's certificate", () => {
  const pki = "/var/lib/kubelet/pki";
  const pem = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n";
  const rotated = (newest: string, older = pem) => {
    const host = new Host({
      [`${pki}/kubelet-client-2026-01-02-00-00-00.pem`]: older,
      [`${pki}/kubelet-client-2026-09-01-00-00-00.pem`]: newest,
    });
    symlinkSync(
      host.at(`${pki}/kubelet-client-2026-09-01-00-00-00.pem`),
      host.at(`${pki}/kubelet-client-current.pem`),
    );
    return { host, ended: host.boot("client") };
  };

  test("that is whole stays", () => {
    expect(rotated(pem).ended).toEqual({ status: 0, stdout: "", stderr: "" });
  });
  test.each(["", pem.slice(0, 30), "\0\0\0"])("that is not is the one before it (%j)", (newest) => {
    const { host, ended } = rotated(newest);
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(readlinkSync(host.at(`${pki}/kubelet-client-current.pem`))).toMatch(/2026-01-02/);
  });
  test("that is not, with none before it, is told", () => {
    expect(rotated("", "").ended.stderr).toContain("is not whole, and no older one is");
  });
});

test("a link in the place of a file, as of a mounted /etc/hosts, is no obstacle to a boot", () => {
  const host = new Host({ "/etc/kubernetes-ha/hosts": "# a\n# b\n", "/run/hosts": "localhost\n" });
  symlinkSync(host.at("/run/hosts"), host.at("/etc/hosts"));
  expect(host.boot().status).toBe(0);
  expect(host.read("/etc/hosts")).toBe("localhost\n# a\n# b\n");
});

test("the unit runs after all who undo it, and before those who need it", () => {
  const unit = renderBootUnit();
  for (const first of ["cloud-init.service", "systemd-sysctl.service", "swap.target"])
    expect(unit).toMatch(new RegExp(`^After=.*\\b${first}`, "m"));
  for (const then of ["kubelet", "containerd", "haproxy", "keepalived", "nginx"])
    expect(unit).toMatch(new RegExp(`^Before=.*\\b${then}\\.service`, "m"));
});

test("needrestart leaves services alone that carry the API", () => {
  const program = `our %nrconf; ${renderNeedrestart()} for my $s (@ARGV) { my ($r) = grep { $s =~ $_ } keys %{$nrconf{override_rc}}; print defined $r ? 0 : 1 }`;
  const asked = [
    "haproxy.service",
    "kubelet.service",
    "kubernetes-ha-boot.service",
    "cron.service",
  ];
  expect(run("perl", ["-e", program, ...asked]).stdout).toBe("0001");
});
