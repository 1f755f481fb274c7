import {
  callsByAction,
  type Moment,
  momentsOfEngine,
  momentsOfHost,
  momentsOfNodes,
} from "../../../bench/timeline/moments";
import { compareStages, stagesOf } from "../../../bench/timeline/stages";
import { hostTable } from "../../../bench/timeline/tables";

const start = Date.parse("2026-01-02T03:04:00.000Z");
const inSeconds = (moments: readonly Moment[]): [number, string, string][] =>
  moments.map(({ at, who, what }) => [(at - start) / 1000, who, what]);
const runOf = (moments: Moment[], seconds: number) => ({
  began: start,
  seconds,
  busySeconds: 0,
  moments,
});
const at = (seconds: number, what: string, who = "lab-etcd-1"): Moment => ({
  at: start + seconds * 1000,
  who,
  what,
});

test("a host's report: its own lines, then its steps' logs", () => {
  const report = `${start / 1000 + 5.5} booted
nonsense
=== etcd ${start / 1000 + 40.25}
etcd began 2026-01-02T03:04:20.500Z
placed /etc/kubernetes/etcd.yaml
[   0s] certificates
[  12s] waiting for etcd
etcd: done
`;
  expect(inSeconds(momentsOfHost("lab-etcd-1", report))).toEqual([
    [5.5, "lab-etcd-1", "booted"],
    [20.5, "lab-etcd-1", "etcd: began"],
    [20.5, "lab-etcd-1", "etcd: certificates"],
    [32.5, "lab-etcd-1", "etcd: waiting for etcd"],
    [40.25, "lab-etcd-1", "etcd: ended"],
  ]);
});

test("a log that does not say when it began is an error, not a guess", () => {
  expect(() => momentsOfHost("lab-etcd-1", "=== etcd 1\n[   0s] certificates\n")).toThrow(
    "lab-etcd-1: the log of etcd does not say when it began",
  );
});

test("nodes that became Ready, and the last of each one's pods", () => {
  const ready = (status: string, second: number) => ({
    conditions: [
      { type: "Ready", status, lastTransitionTime: new Date(start + second * 1000).toISOString() },
    ],
  });
  const pod = (name: string, status: string, second: number) => ({
    kind: "Pod",
    metadata: { name },
    spec: { nodeName: "lab-worker-1" },
    status: ready(status, second),
  });
  const items = [
    { kind: "Node", metadata: { name: "lab-worker-1" }, status: ready("True", 80) },
    { kind: "Node", metadata: { name: "lab-worker-2" }, status: ready("False", 81) },
    pod("a", "True", 90),
    pod("b", "True", 95),
    pod("c", "False", 99),
  ];
  expect(inSeconds(momentsOfNodes({ items }))).toEqual([
    [80, "lab-worker-1", "node Ready"],
    [95, "lab-worker-1", "last pod Ready"],
  ]);
});

test("the engine's work is its host's; components and what stays are left out", () => {
  const metadata = (op: string, type: string, name: string) => ({
    op,
    type,
    urn: `urn:pulumi:lab::p::${type}::${name}`,
  });
  const timestamp = start / 1000;
  const instance = metadata("create", "tencentcloud:index/instance:Instance", "lab-etcd-1");
  const events = [
    { timestamp, preludeEvent: {} },
    {
      timestamp,
      resourcePreEvent: { metadata: metadata("create", "kubernetes-ha:index:Host", "lab-etcd-1") },
    },
    { timestamp: timestamp + 1, resourcePreEvent: { metadata: instance } },
    { timestamp: timestamp + 9, resOutputsEvent: { metadata: instance } },
    {
      timestamp,
      resOutputsEvent: { metadata: metadata("same", "tencentcloud:index/vpc:Vpc", "lab") },
    },
    {
      timestamp: timestamp + 3,
      resOutputsEvent: {
        metadata: metadata("create", "command:remote:Command", "lab-etcd-1-prepare"),
      },
    },
    {
      timestamp: timestamp + 4,
      resOutputsEvent: {
        metadata: metadata("create", "command:local:Command", "lab-pki-authorities"),
      },
    },
    { timestamp: timestamp + 10, summaryEvent: {} },
  ];
  expect(inSeconds(momentsOfEngine(events, ["lab-etcd-1"]))).toEqual([
    [0, "engine", "engine: plugins run"],
    [1, "lab-etcd-1", "engine: Instance begins"],
    [9, "lab-etcd-1", "engine: Instance is made"],
    [3, "lab-etcd-1", "engine: Command prepare is made"],
    [4, "engine", "engine: Command lab-pki-authorities is made"],
    [10, "engine", "engine: done"],
  ]);
});

test("calls of the API by action", () => {
  const call = (action: string, time: string, outcome = "ok") => ({
    ...{ time, service: "cvm", action, requestId: "", client: "", outcome, ms: 1 },
  });
  expect(
    callsByAction([
      call("RunInstances", "2026-01-02T03:04:02Z", "RequestLimitExceeded"),
      call("DescribeInstances", "2026-01-02T03:04:01Z"),
      call("RunInstances", "2026-01-02T03:04:05Z"),
    ]),
  ).toEqual([
    { action: "DescribeInstances", calls: 1, refused: 0, first: start + 1000, last: start + 1000 },
    { action: "RunInstances", calls: 2, refused: 1, first: start + 2000, last: start + 5000 },
  ]);
});

test("a stage ends when the last host has passed it, and only what is lost in it is counted", () => {
  const own = stagesOf(
    runOf(
      [
        at(2, "engine: plugins run", "engine"),
        at(10, "booted"),
        at(14, "booted", "lab-etcd-2"),
        at(30, "etcd: ended"),
        at(31, "etcd: ended", "lab-etcd-2"),
      ],
      100,
    ),
  );
  const bare = stagesOf(runOf([at(4, "booted"), at(20, "etcd: ended")], 85));
  const compared = compareStages(own, bare).filter((stage) => stage.own !== undefined);
  expect(compared).toEqual([
    { what: "plugins and policies run", own: 2, bare: undefined, lost: undefined },
    { what: "all hosts have booted", own: 14, bare: 4, lost: 10 },
    { what: "etcd serves", own: 31, bare: 20, lost: 1 },
    { what: "the cluster takes work", own: 100, bare: 85, lost: 4 },
  ]);
});

test("a host's table holds both runs, in order, and tells repeated things apart", () => {
  const text = hostTable(
    "lab-etcd-1",
    runOf([at(9, "login"), at(5, "booted"), at(12, "login")], 20),
    runOf([at(3, "booted"), at(4, "login"), at(1, "login", "lab-etcd-2")], 10),
  );
  const cells = text
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) =>
      line
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(cells).toEqual([
    ["lab-etcd-1", "up", "bare"],
    ["booted", "5.0", "3.0"],
    ["login", "9.0", "4.0"],
    ["login 2", "12.0", ""],
  ]);
});
