import { versionSkew as policy } from "../../../policy/rules/cluster/versionSkew";
import { type FixtureResource, found } from "../judge";
import { masterFiles } from "../stepFiles";
import { clusterComponent, editDocument, prepareStep, step } from "../steps";

const kubelet = (release: string) => `kubernetes/${release}/amd64/kubelet /usr/local/bin/kubelet`;

function master(name: string, release: string): FixtureResource {
  const made = step("control-plane", name, masterFiles());
  editDocument(made, "ClusterConfiguration", (document) => {
    document.kubernetesVersion = release;
  });
  return made;
}

const cluster = (...resources: FixtureResource[]) => [clusterComponent(), ...resources];

test.each([
  [["v1.36.3", "v1.36.3"], "v1.36.3"],
  [["v1.36.3", "v1.35.9"], "v1.35.0"],
  [["v1.36.3"], "v1.33.0"],
])("apiservers %j with a kubelet %s are allowed", (releases, worker) => {
  const masters = releases.map((release, index) => master(`master-${index}`, release));
  expect(found(policy, cluster(...masters, prepareStep("worker-1", kubelet(worker))))).toEqual([]);
});

test("apiservers two minors apart are denied", () => {
  expect(found(policy, cluster(master("a", "v1.36.0"), master("b", "v1.34.2")))).toEqual([
    "a-control-plane: apiservers of v1.34.2 and v1.36.0 are 2 minors apart; 1 is supported. " +
      "Upgrade by one minor at a time, all masters before the next.",
  ]);
});

test.each([
  [
    "v1.36.4",
    "the kubelet is v1.36.4, newer than the apiserver, v1.36.3. Upgrade the masters first.",
  ],
  ["v1.37.0", "the kubelet is v1.37.0, newer than the apiserver, v1.36.3"],
  ["v2.0.0", "the kubelet is v2.0.0, newer than the apiserver"],
  [
    "v1.32.9",
    "the kubelet is v1.32.9, 4 minors older than the apiserver, v1.36.3; 3 are supported",
  ],
])("a kubelet %s is denied", (release, expected) => {
  const resources = cluster(
    master("master-1", "v1.36.3"),
    master("master-2", "v1.36.3"),
    prepareStep("worker-1", "containerd/v2/amd64/ctr /usr/local/bin/ctr", kubelet(release)),
  );
  expect(found(policy, resources)).toEqual([
    expect.stringContaining(`worker-1-prepare-host: worker-1: ${expected}`),
  ]);
});

test("etcd hosts speak to no apiserver", () => {
  const etcd = prepareStep(
    "etcd-1",
    kubelet("v1.20.0"),
    "etcd/v3.7.3/amd64/etcdctl /usr/local/bin/etcdctl",
  );
  expect(found(policy, cluster(master("master-1", "v1.36.3"), etcd))).toEqual([]);
});

test("clusters are judged apart", () => {
  const other = master("b", "v1.30.0");
  other.parent = "other";
  const worker = prepareStep("worker-1", kubelet("v1.30.0"));
  worker.parent = "other";
  const resources = [...cluster(master("a", "v1.36.0")), clusterComponent("other"), other, worker];
  expect(found(policy, resources)).toEqual([]);
  worker.parent = "prod";
  expect(found(policy, resources)).toEqual([expect.stringContaining("6 minors older")]);
});

test("a master whose configuration cannot be read is other rules' business", () => {
  expect(found(policy, cluster(step("control-plane", "master-1")))).toEqual([]);
});
