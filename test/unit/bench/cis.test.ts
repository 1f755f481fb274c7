import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { type Collected, HostFacts } from "../../../bench/cis/facts";
import { items } from "../../../bench/cis/items";
import { judgeCis, waivers } from "../../../bench/cis/judge";
import { argumentsOf, kubeletOf, planOf } from "./cisFixture";

const root = { uid: 0, gid: 0 };

/** A master with all that the benchmark looks at, as our own files make it. */
function master(): Collected {
  const { processes, kubelet } = { processes: argumentsOf(planOf()), kubelet: kubeletOf(planOf()) };
  return {
    processes,
    kubelet: stringify(kubelet),
    files: {
      "/etc/kubernetes/manifests/kube-apiserver.yaml": { mode: 0o600, ...root },
      "/etc/kubernetes/manifests/etcd.yaml": { mode: 0o600, ...root },
      "/etc/kubernetes/kubelet.conf": { mode: 0o600, ...root },
      "/etc/kubernetes/pki/ca.key": { mode: 0o600, ...root },
      "/etc/kubernetes/pki/ca.crt": { mode: 0o644, ...root },
      "/etc/systemd/system/kubelet.service": { mode: 0o600, ...root },
      "/var/lib/kubelet/config.yaml": { mode: 0o600, ...root },
      "/var/lib/etcd": { mode: 0o700, ...root },
    },
  };
}

const judged = (change: (host: Collected) => void = () => undefined) => {
  const host = master();
  change(host);
  return judgeCis(new Map([["m1", new HostFacts(host)]]));
};

test("what we configure ourselves is right, but for what is waived", () => {
  const report = judged();
  expect(report.failures).toEqual([]);
  expect(report.failed).toBe(0);
  expect(report.checks).toBe(items.length);
  expect(report.waived.map(({ number }) => number)).toEqual(["1.1.12", "1.2.5", "4.2.9"]);
});

test.each<[string, (host: Collected) => void]>([
  ["1.1.1", (host) => chmod(host, "/etc/kubernetes/manifests/kube-apiserver.yaml", 0o644)],
  ["1.1.11", (host) => chmod(host, "/var/lib/etcd", 0o755)],
  ["1.1.21", (host) => chmod(host, "/etc/kubernetes/pki/ca.key", 0o640)],
  ["1.2.1", (host) => drop(host, "kube-apiserver", "authentication-config")],
  ["1.2.6", (host) => give(host, "kube-apiserver", "authorization-mode", "RBAC,AlwaysAllow,Node")],
  ["1.2.8", (host) => give(host, "kube-apiserver", "authorization-mode", "Node")],
  ["1.2.14", (host) => drop(host, "kube-apiserver", "enable-admission-plugins")],
  ["1.2.17", (host) => give(host, "kube-apiserver", "audit-log-maxage", "7")],
  ["1.2.29", (host) => drop(host, "kube-apiserver", "tls-cipher-suites")],
  ["1.4.1", (host) => give(host, "kube-scheduler", "profiling", "true")],
  ["2.2", (host) => drop(host, "etcd", "client-cert-auth")],
  ["2.7", (host) => give(host, "etcd", "trusted-ca-file", "/etc/kubernetes/pki/ca.crt")],
  ["4.1.1", (host) => chmod(host, "/etc/systemd/system/kubelet.service", 0o644)],
  ["4.2.12", (host) => set(host, { tlsCipherSuites: ["TLS_RSA_WITH_AES_128_CBC_SHA"] })],
  ["4.2.13", (host) => set(host, { podPidsLimit: undefined })],
  ["4.2.14", (host) => set(host, { seccompDefault: false })],
])("%s is found wrong", (number, change) => {
  const { failed, failures } = judged(change);
  expect(failed).toBe(1);
  expect(failures[0]).toMatch(new RegExp(`^${number.replaceAll(".", "\\.")} .*: m1: `));
});

test("an item about no host is no item that was kept", () => {
  expect(() => judged((host) => delete host.processes.etcd)).toThrow(
    "is about no host: none runs etcd",
  );
});

test("every waiver is of an item, and says why", () => {
  const numbers = new Set(items.map(({ number }) => number));
  for (const { number, why } of waivers) {
    expect(numbers).toContain(number);
    expect(why.length).toBeGreaterThan(30);
  }
});

test("what a host is like comes as one object", () => {
  const script = join(resolve(__dirname, "../../.."), "bench/cis/collect.py");
  const { stdout, status } = spawnSync("python3", [script], { encoding: "utf8" });
  expect(status).toBe(0);
  expect(Object.keys(JSON.parse(stdout) as Collected).sort()).toEqual([
    ...["files", "kubelet", "processes"],
  ]);
});

function chmod(host: Collected, path: string, mode: number): void {
  host.files[path] = { mode, ...root };
}
function drop(host: Collected, program: string, name: string): void {
  host.processes[program] = (host.processes[program] ?? []).filter(
    (each) => !each.startsWith(`--${name}=`),
  );
}
function give(host: Collected, program: string, name: string, value: string): void {
  drop(host, program, name);
  host.processes[program]?.push(`--${name}=${value}`);
}
function set(host: Collected, settings: object): void {
  host.kubelet = stringify({ ...kubeletOf(planOf()), ...settings });
}
