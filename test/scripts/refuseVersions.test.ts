import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scripts, temporaryDirectory } from "./support/host";

/** What refuse-versions.sh says on a host that runs these releases, to others that are wanted. */
function refusal(runs: Running, wanted: { kubernetes: string; etcd?: string }) {
  const root = temporaryDirectory();
  const file = (path: string, content: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  if (runs.prepared)
    file("applied/artifact.kubelet", `kubernetes/${runs.prepared}/amd64/kubelet \n`);
  if (runs.node) file("etc/kubelet.conf", "kind: Config\n");
  if (runs.apiserver)
    file(
      "etc/manifests/kube-apiserver.yaml",
      `    image: r:5000/k/kube-apiserver:${runs.apiserver}\n`,
    );
  if (runs.etcd)
    file("etc/manifests/etcd.yaml", `    image: registry:5000/k8s/etcd:${runs.etcd}\n`);
  const script = readFileSync(join(scripts, "refuse-versions.sh"), "utf8")
    .replaceAll("/etc/kubernetes", join(root, "etc"))
    .replaceAll("/var/lib/kubernetes-ha", root);
  const artifacts = [
    `kubernetes/${wanted.kubernetes}/amd64/kubeadm /usr/local/bin/kubeadm`,
    `kubernetes/${wanted.kubernetes}/amd64/kubelet /usr/local/bin/kubelet 00ff`,
    ...(wanted.etcd ? [`etcd/${wanted.etcd}/amd64/etcdctl /usr/local/bin/etcdctl`] : []),
  ];
  const { status, stderr } = run("bash", ["-c", script, "refuse-versions.sh", ...artifacts]);
  expect(status).toBe(stderr === "" ? 0 : 1);
  return stderr;
}
interface Running {
  /** Release of the kubelet that was fetched. */
  prepared?: string;
  node?: true;
  apiserver?: string;
  etcd?: string;
}

const [old, newer] = ["v1.36.3", "v1.37.2"];

test.each([
  ["v1.36.3", "v1.36.4", ""],
  ["v1.36.4", "v1.36.3", ""],
  ["v1.36.3", "v1.37.2", ""],
  [
    "v1.36.3",
    "v1.35.4",
    "Kubernetes does not go down by a minor release over its data. Use v1.36.x or later",
  ],
  ["v1.36.3", "v1.38.0", "2 minor releases before: go to v1.37.x first"],
  ["v1.36.3", "v2.0.0", "of another major release: make a new cluster"],
])("a node from %s to %s: %s", (prepared, kubernetes, expected) => {
  for (const runs of [{ prepared, node: true } as const, { prepared, etcd: "v3.7.3" }]) {
    const said = refusal(runs, { kubernetes });
    if (expected === "") expect(said).toBe("");
    else
      expect(said).toContain(
        `versions.kubernetes is ${kubernetes}, but this host runs ${prepared}`,
      );
    expect(said).toContain(expected);
  }
});

test("a master counts by its apiserver as well, which is taken to another release before its kubelet", () => {
  const half: Running = { prepared: old, node: true, apiserver: newer };
  expect(refusal(half, { kubernetes: newer })).toBe("");
  expect(refusal(half, { kubernetes: old })).toContain(`but this host runs ${newer}`);
  expect(refusal(half, { kubernetes: "v1.38.0" })).toContain(`but this host runs ${old}`);
});

test.each([
  ["a blank host", {}],
  ["one that was only prepared, as with a release that is not to be had", { prepared: newer }],
  ["one that runs it", { prepared: old, node: true }],
] as const)("%s may have any", (_, runs) => {
  expect(refusal(runs, { kubernetes: old })).toBe("");
});

test.each([
  ["v3.7.3", "v3.7.4", ""],
  ["v3.7.3", "v3.7.2", ""],
  ["v3.6.16", "v3.7.3", ""],
  [
    "v3.7.3",
    "v3.6.16",
    "etcd does not go down by a minor release over its data. Use v3.7.x or later",
  ],
  ["v3.6.16", "v3.8.0", "2 minor releases before: go to v3.7.x first"],
  ["v3.7.3", "v4.0.0", "of another major release: make a new cluster"],
])("etcd from %s to %s: %s", (runs, etcd, expected) => {
  const said = refusal({ prepared: old, etcd: runs }, { kubernetes: old, etcd });
  if (expected === "") expect(said).toBe("");
  else expect(said).toContain(`versions.etcd is ${etcd}, but this host runs ${runs}`);
  expect(said).toContain(expected);
});

test("a host is asked before anything of it is changed", () => {
  const prepare = readFileSync(join(scripts, "prepare-host.sh"), "utf8");
  const [, first] = /^main\(\) \{\n(?: *(?:trap|phase) .*\n)*(.*)\n/m.exec(prepare) ?? [];
  expect(first).toContain("$STEP_DIR/refuse-versions.sh");
});
