import { reservationSet as policy } from "../../../policy/rules/cluster/reservationSet";
import { found, unknown } from "../judge";
import { editDocument, filesOf, nodeSteps, step } from "../steps";
import { named } from "../stack";

const nodes = ["master-1-control-plane", "worker-1-worker"];

test("nodes that reserve are allowed", () => {
  expect(found(policy, nodeSteps())).toEqual([]);
});

describe.each(nodes)("%s", (name) => {
  test.each(["kubeReserved", "systemReserved"])("without %s is denied", (kind) => {
    const steps = nodeSteps();
    editDocument(named(steps, name), "KubeletConfiguration", (document) => {
      document[kind] = undefined;
    });
    expect(found(policy, steps)).toEqual([
      `${name}: the kubelet of ${name.slice(0, 8)} reserves no cpu (${kind}), no memory (${kind}). ` +
        "Set kubeReserved and systemReserved in the KubeletConfiguration.",
    ]);
  });

  test.each(["cpu", "memory"])("without %s of one is denied", (resource) => {
    const steps = nodeSteps();
    editDocument(named(steps, name), "KubeletConfiguration", (document) => {
      document.systemReserved = { cpu: "1", memory: "1Gi", [resource]: "" };
    });
    expect(found(policy, steps)).toEqual([
      expect.stringContaining(`reserves no ${resource} (systemReserved). Set`),
    ]);
  });

  test("with a file not known yet it is undecided", () => {
    const steps = nodeSteps();
    filesOf(named(steps, name)).push({ path: "/etc/x.yaml", content: unknown });
    expect(found(policy, steps)).toEqual([
      expect.stringContaining(
        `${name}: cannot decide: a file of the step of the node is known only after the update`,
      ),
    ]);
  });

  test("with a file not known yet that is no YAML it is allowed", () => {
    const steps = nodeSteps();
    filesOf(named(steps, name)).push({ path: "/etc/ssh/keys", content: unknown });
    expect(found(policy, steps)).toEqual([]);
  });
});

test("a reservation over several files is one", () => {
  const steps = nodeSteps();
  const worker = named(steps, "worker-1-worker");
  editDocument(worker, "KubeletConfiguration", (document) => (document.kubeReserved = undefined));
  const content = "kind: KubeletConfiguration\nkubeReserved: {cpu: 100m, memory: 1Gi}\n";
  filesOf(worker).push({ path: "/etc/kubernetes/kubeadm.yml", content });
  expect(found(policy, steps)).toEqual([]);
  filesOf(worker).push({ path: "/etc/kubernetes/other.conf", content: "kind: [" });
  expect(found(policy, steps)).toEqual([]);
});

test("hosts that are no nodes need none", () => {
  expect(found(policy, [step("etcd", "etcd-1"), step("balancer", "balancer-1")])).toEqual([]);
});
