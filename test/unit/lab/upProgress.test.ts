import type { EngineEvent, StepMetadata } from "../../../lab/engineEvents";
import { upLine } from "../../../lab/up";
import { UpProgress } from "../../../lab/upProgress";

const about = (op: string, type: string, inputs: Record<string, unknown>): StepMetadata => ({
  op,
  type,
  urn: `urn:pulumi:lab::p::${type}::x`,
  new: { inputs },
});
const begins = (metadata: StepMetadata): EngineEvent => ({
  timestamp: 0,
  resourcePreEvent: { metadata },
});
const ends = (metadata: StepMetadata): EngineEvent => ({
  timestamp: 0,
  resOutputsEvent: { metadata },
});
const cluster = (op = "create") => begins(about(op, "kubernetes-ha:index:HaCluster", {}));
const host = (name: string, ...duties: string[]): EngineEvent =>
  begins(about("create", "kubernetes-ha:index:Host", { plan: { name, duties } }));
const instance = (name: string, op = "create") =>
  ends(about(op, "tencentcloud:index/instance:Instance", { instanceName: name }));
const did = (step: string, name: string, op = "create") =>
  ends(about(op, "command:remote:Command", { triggers: ["ins-1", { step, host: name }] }));

const hosts = [
  host("lab-etcd-1", "etcd"),
  host("lab-master-1", "controlPlane", "balancer"),
  host("lab-worker-1", "worker"),
  host("lab-worker-2", "worker"),
];

function after(...events: EngineEvent[]): UpProgress {
  const progress = new UpProgress();
  progress.take(events);
  return progress;
}

test.each<[string, EngineEvent[], string]>([
  ["nothing yet", [], "the program"],
  [
    "a program that has said what there is",
    [cluster(), ...hosts],
    "hosts 0 of 4, prepared 0 of 2, etcd members 0 of 1, balancers 0 of 1, masters 0 of 1, workers 0 of 2",
  ],
  [
    "hosts that are made, and one that is prepared",
    [
      ...hosts,
      ...["lab-etcd-1", "lab-master-1", "lab-worker-1", "lab-worker-2"].map((name) =>
        instance(name),
      ),
      did("prepare-host", "lab-etcd-1"),
    ],
    "prepared 1 of 2, etcd members 0 of 1, balancers 0 of 1, masters 0 of 1, workers 0 of 2",
  ],
  [
    "a living cluster with one worker more",
    [
      ...hosts,
      ...["lab-etcd-1", "lab-master-1", "lab-worker-1"].map((name) => instance(name, "same")),
      ...["lab-etcd-1", "lab-master-1"].map((name) => did("prepare-host", name, "same")),
      did("etcd", "lab-etcd-1", "same"),
      did("balancer", "lab-master-1", "same"),
      did("control-plane", "lab-master-1", "same"),
      did("worker", "lab-worker-1", "same"),
    ],
    "hosts 3 of 4, workers 1 of 2",
  ],
  [
    "a machine that is taken away first",
    [host("lab-worker-1", "worker"), instance("lab-worker-1", "delete-replaced")],
    "hosts 0 of 1, workers 0 of 1",
  ],
  [
    "LVS directors and the HAProxy hosts behind them",
    [
      host("lab-director-1", "director"),
      host("lab-balancer-1", "balancer"),
      did("director", "lab-director-1"),
      did("haproxy", "lab-balancer-1"),
    ],
    "hosts 0 of 2, prepared 0 of 2",
  ],
  [
    "all that is done on hosts",
    [host("lab-worker-1", "worker"), instance("lab-worker-1"), did("worker", "lab-worker-1")],
    "the rest",
  ],
])("what is awaited: %s", (_, events, awaited) => {
  expect(after(...events).awaited).toBe(awaited);
});

test("a host that is said twice is one", () => {
  const [etcd] = hosts as [EngineEvent];
  expect(after(etcd, etcd).awaited).toBe("hosts 0 of 1, prepared 0 of 1, etcd members 0 of 1");
});

test("only what is made from nothing has a shape to compare its time by", () => {
  expect(after(cluster(), ...hosts).shape).toBe("1 balancer, 1 controlPlane, 1 etcd, 2 worker");
  expect(after(cluster("same"), ...hosts).shape).toBeUndefined();
});

test("the line says how long, how long last time, and what is awaited", () => {
  expect(upLine("masters 0 of 3", 42_000, 123_000)).toBe(
    "up 42s (last time 2m03s), awaited: masters 0 of 3",
  );
  expect(upLine("the program", 6_000, undefined)).toBe("up 6s, awaited: the program");
});
