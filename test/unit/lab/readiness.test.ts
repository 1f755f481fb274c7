import { type EventList, type NodeList, type PodList, problemsOf } from "../../../lab/readiness";

type Node = NodeList["items"][number];
type Pod = PodList["items"][number];

const ready = { type: "Ready", status: "True", reason: "KubeletReady" };
const node = (name: string, more: Partial<Node> = {}): Node => ({
  metadata: { name },
  status: { conditions: [{ type: "DiskPressure", status: "False" }, ready] },
  ...more,
});
const running = (name: string, namespace = "kube-system"): Pod => ({
  metadata: { name, namespace },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
});
const pod = (name: string, status: Pod["status"], metadata: object = {}): Pod => ({
  metadata: { name, namespace: "default", ...metadata },
  status,
});
const problems = (nodes: Node[], pods: Pod[], events: EventList["items"] = []): string[] =>
  problemsOf(["master-1", "worker-1"], { items: nodes }, { items: pods }, { items: events });

const controlPlane = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" };
const healthy = [node("master-1", { spec: { taints: [controlPlane] } }), node("worker-1")];

test("a cluster whose nodes take pods and whose pods are Ready has no problem", () => {
  const done = pod("job-1", {
    phase: "Succeeded",
    conditions: [{ type: "Ready", status: "False" }],
  });
  expect(problems(healthy, [running("coredns"), running("flannel", "kube-flannel"), done])).toEqual(
    [],
  );
});

test("taints of the control plane, of a pool and of preference are no problem", () => {
  const taints = [
    { key: "dedicated", value: "db", effect: "NoSchedule" },
    { key: "node.kubernetes.io/unschedulable", effect: "PreferNoSchedule" },
  ];
  expect(problems([healthy[0] as Node, node("worker-1", { spec: { taints } })], [])).toEqual([]);
});

test("a Ready node under disk pressure is not ready, and the pod that waits for it says why", () => {
  const pressed = node("worker-1", {
    spec: { taints: [{ key: "node.kubernetes.io/disk-pressure", effect: "NoSchedule" }] },
    status: {
      conditions: [
        {
          type: "DiskPressure",
          status: "True",
          reason: "KubeletHasDiskPressure",
          message: "kubelet has disk pressure",
        },
        ready,
      ],
    },
  });
  const unscheduled = "0/2 nodes are available: 1 node(s) had untolerated taint(s)";
  const pending = pod("hello", {
    phase: "Pending",
    conditions: [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message: unscheduled },
    ],
  });
  const evicted = pod("hello-old", {
    phase: "Failed",
    reason: "Evicted",
    message: "The node was low on resource: ephemeral-storage.",
  });
  expect(problems([healthy[0] as Node, pressed], [pending, evicted])).toEqual([
    "node worker-1 is Ready but takes no pods: taint node.kubernetes.io/disk-pressure:NoSchedule; DiskPressure: KubeletHasDiskPressure: kubelet has disk pressure",
    `pod default/hello (Pending): Unschedulable: ${unscheduled}`,
    "pod default/hello-old (Failed): Evicted: The node was low on resource: ephemeral-storage.",
  ]);
});

test.each([
  ["node.kubernetes.io/unschedulable", "NoSchedule"],
  ["node.kubernetes.io/unreachable", "NoExecute"],
  ["node.cloudprovider.kubernetes.io/uninitialized", "NoSchedule"],
])("a node with %s:%s takes no pods", (key, effect) => {
  const tainted = node("worker-1", { spec: { taints: [{ key, effect }] } });
  expect(problems([healthy[0] as Node, tainted], [])).toEqual([
    `node worker-1 is Ready but takes no pods: taint ${key}:${effect}`,
  ]);
});

test("a node that has not joined, and one that is not Ready, with its kubelet's words", () => {
  const silent = node("worker-2", {
    status: {
      conditions: [
        { type: "Ready", status: "False", reason: "KubeletNotReady", message: "cni plugin" },
      ],
    },
  });
  expect(problems([healthy[0] as Node, silent], [])).toEqual([
    "node worker-1 has not joined",
    "node worker-2 is not Ready: KubeletNotReady: cni plugin",
  ]);
});

test("pods of every namespace are looked at, whatever keeps them", () => {
  const container = (state: object): Pod["status"] => ({
    phase: "Running",
    conditions: [{ type: "Ready", status: "False" }],
    containerStatuses: [{ name: "c", ready: false, state }],
  });
  expect(
    problems(healthy, [
      pod("pulls", container({ waiting: { reason: "ErrImagePull", message: "no such image" } })),
      pod("ended", container({ terminated: { exitCode: 137, reason: "OOMKilled" } })),
      pod("slow", container({ running: {} })),
      pod("going", { phase: "Running" }, { deletionTimestamp: "2026-01-01T00:00:00Z" }),
      pod(
        "static",
        { phase: "Failed", reason: "Evicted" },
        { ownerReferences: [{ kind: "Node" }] },
      ),
    ]),
  ).toEqual([
    "pod default/pulls (Running): container c: ErrImagePull: no such image",
    "pod default/ended (Running): container c ended with 137: OOMKilled",
    "pod default/slow (Running): container c runs and is not ready",
    "pod default/going (Running): is being deleted",
    "pod default/static (Failed): Evicted",
  ]);
});

test("an evicted pod alone keeps nobody waiting: nothing makes it run again", () => {
  expect(problems(healthy, [pod("old", { phase: "Failed", reason: "Evicted" })])).toEqual([]);
});

test("the last warning about a pod is told, unless the pod says it itself", () => {
  const event = (name: string, message: string, type = "Warning"): EventList["items"][number] => ({
    type,
    reason: "FailedMount",
    message,
    involvedObject: { kind: "Pod", namespace: "default", name },
  });
  const creating = (name: string, message?: string): Pod =>
    pod(name, {
      phase: "Pending",
      containerStatuses: [
        {
          name: "c",
          ready: false,
          state: { waiting: { reason: "ContainerCreating", ...(message && { message }) } },
        },
      ],
    });
  expect(
    problems(
      healthy,
      [creating("a"), creating("b", "no volume")],
      [
        event("a", "first"),
        event("a", "secret x not found"),
        event("a", "pulled", "Normal"),
        event("b", "no volume"),
      ],
    ),
  ).toEqual([
    "pod default/a (Pending): container c: ContainerCreating; last event: FailedMount: secret x not found",
    "pod default/b (Pending): container c: ContainerCreating: no volume",
  ]);
});
