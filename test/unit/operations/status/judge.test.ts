import { judge } from "../../../../operations/status/judge";
import { healthyCluster, type HealthyCluster } from "./healthy";

function judged(spoil: (cluster: HealthyCluster) => void) {
  const cluster = healthyCluster();
  spoil(cluster);
  return judge(cluster.facts);
}

const told = (spoil: (cluster: HealthyCluster) => void): string[] =>
  judged(spoil).findings.map(({ of, problem }) => `${of}: ${problem}`);

test("a cluster that has everything is healthy, and what may be lost is what the stack promises", () => {
  const status = judged(() => undefined);
  expect(status).toMatchObject({ healthy: true, findings: [] });
  expect(status.etcd.members.map(({ state }) => state)).toEqual(["follower", "leader", "follower"]);
  expect(status.masters.map(({ holds }) => holds)).toEqual([
    ["kube-scheduler"],
    [],
    ["kube-controller-manager"],
  ]);
  expect(status.entry).toMatchObject({ holders: ["prod-balancer-2"], notFrom: [] });
  expect(status.entry.reachedFrom).toHaveLength(6);
  expect(status.certificates).toMatchObject({ leaf: { days: 265 } });
  expect(status.snapshots).toEqual([]);
  expect(status.tolerance).toEqual({
    physicalHosts: { left: 1, of: 1 },
    etcdMembers: { left: 1, of: 1 },
    masters: { left: 2, of: 2 },
    balancers: { left: 1, of: 1 },
  });
});

const day = 24 * 60 * 60;

test.each<[string, (cluster: HealthyCluster) => void, string[]]>([
  [
    "a host that cannot be asked",
    (cluster) => cluster.kill("prod-balancer-1"),
    ["prod-balancer-1: cannot be asked (balancer): ssh: connect timed out"],
  ],
  [
    "a service that does not run",
    (cluster) => (cluster.host("prod-balancer-1").services["keepalived"] = "inactive"),
    ["prod-balancer-1: keepalived is inactive"],
  ],
  [
    "a member that does not answer",
    (cluster) =>
      Object.assign(cluster.etcd("prod-etcd-1"), {
        ...{ status: null, members: null, error: "context deadline exceeded", health: "no" },
      }),
    ["prod-etcd-1: etcd does not answer: context deadline exceeded"],
  ],
  [
    "a learner",
    (cluster) => {
      for (const name of ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"])
        cluster.etcd(name).members = (cluster.etcd(name).members ?? []).map((each) => ({
          ...each,
          learner: each.name === "prod-etcd-3",
        }));
      Object.assign(cluster.etcd("prod-etcd-3"), { health: "rpc not supported for learner" });
      Object.assign(cluster.etcd("prod-etcd-3").status ?? {}, { learner: true });
    },
    ["prod-etcd-3: is a learner of etcd, without a vote: it has yet to catch up"],
  ],
  [
    "a member that was left in the list",
    (cluster) => {
      for (const name of ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"])
        cluster.etcd(name).members?.push({ id: "9", name: "prod-etcd-9", learner: true });
    },
    ["etcd: lists prod-etcd-9, which the stack does not have: it counts for the quorum"],
  ],
  [
    "a host that etcd does not list",
    (cluster) => {
      for (const name of ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"])
        cluster.etcd(name).members = (cluster.etcd(name).members ?? []).slice(0, 2);
    },
    ["prod-etcd-3: is not in etcd's list of members"],
  ],
  [
    "an alarm, once though each member tells it",
    (cluster) => {
      for (const name of ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"])
        cluster.etcd(name).alarms = [{ member: "2", alarm: "NOSPACE" }];
    },
    ["prod-etcd-2: etcd has the alarm NOSPACE: it takes no more writes"],
  ],
  [
    "a database near its quota",
    (cluster) =>
      Object.assign(cluster.etcd("prod-etcd-1").status ?? {}, {
        ...{ sizeBytes: 1.8 * 2 ** 30, usedBytes: 1.7 * 2 ** 30 },
      }),
    ["prod-etcd-1: etcd's database takes 90 % of its quota"],
  ],
  [
    "a database that is mostly free space",
    (cluster) =>
      Object.assign(cluster.etcd("prod-etcd-1").status ?? {}, {
        ...{ sizeBytes: 2 ** 30, usedBytes: 2 ** 28 },
      }),
    ["prod-etcd-1: etcd's database is 75 % free space"],
  ],
  [
    "an apiserver that is not ready",
    (cluster) => (cluster.master("prod-master-2").readyz = "500: etcd"),
    ["prod-master-2: its apiserver is not ready: 500: etcd"],
  ],
  [
    "a lease that is not renewed",
    (cluster) =>
      cluster.masters(({ leases: [first] }) => Object.assign(first ?? {}, { renewedAgo: 80 })),
    ["kube-scheduler: prod-master-1 has its lease and has not renewed it for 80 s"],
  ],
  [
    "a lease that nobody holds",
    (cluster) => cluster.masters((look) => look.leases.pop()),
    ["kube-controller-manager: nobody holds its lease: it does not work on any master"],
  ],
  [
    "a node that is not Ready",
    (cluster) =>
      cluster.masters(({ nodes }) =>
        Object.assign(nodes?.[4]?.status ?? {}, {
          conditions: [{ type: "Ready", status: "Unknown", reason: "NodeStatusUnknown" }],
        }),
      ),
    ["prod-workers-2: is not Ready: NodeStatusUnknown"],
  ],
  [
    "a node that is cordoned",
    (cluster) =>
      cluster.masters(({ nodes }) =>
        Object.assign(nodes?.[4]?.spec ?? {}, {
          unschedulable: true,
          taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }],
        }),
      ),
    [
      "prod-workers-2: is Ready but takes no pods: taint node.kubernetes.io/unschedulable:NoSchedule",
    ],
  ],
  [
    "a node that has not joined",
    (cluster) => cluster.masters(({ nodes }) => nodes?.pop()),
    ["prod-workers-2: has not joined"],
  ],
  [
    "a node of no host of the stack",
    (cluster) => {
      cluster.outputs.nodes = cluster.outputs.nodes.filter(({ name }) => name !== "prod-workers-2");
    },
    ["prod-workers-2: is a node of the cluster and no host of the stack"],
  ],
  [
    "a pod of Kubernetes itself",
    (cluster) =>
      cluster.masters(({ pods }) =>
        pods.push({
          metadata: { name: "coredns-1", namespace: "kube-system" },
          status: { phase: "Pending", reason: "Unschedulable" },
        }),
      ),
    ["kube-system/coredns-1: pod (Pending): Unschedulable"],
  ],
  [
    "an entry that does not answer somewhere",
    (cluster) => {
      cluster.host("prod-workers-1").way = { error: "timed out", milliseconds: 5000 };
    },
    ["entry: https://api.prod.internal:6443 does not answer on prod-workers-1: timed out"],
  ],
  [
    "an address that nobody holds",
    (cluster) => cluster.host("prod-balancer-2").addresses.pop(),
    ["entry: no host that can be asked holds 10.0.0.100"],
  ],
  [
    "an address that two hold",
    (cluster) => cluster.host("prod-balancer-1").addresses.push("10.0.0.100"),
    [
      "entry: 10.0.0.100 is held by prod-balancer-1 and prod-balancer-2 at once: they do not hear each other",
    ],
  ],
  [
    "an upgrade that stopped half-way",
    (cluster) => (cluster.master("prod-master-1").version = "v1.36.2"),
    [
      "versions: Kubernetes: v1.36.2 on prod-master-1, v1.36.1 on 5 hosts: an upgrade is under way, or has stopped half-way",
    ],
  ],
  [
    "a kubelet newer than an apiserver",
    (cluster) =>
      cluster.masters(({ nodes }) =>
        Object.assign(nodes?.[3]?.status.nodeInfo ?? {}, { kubeletVersion: "v1.37.0" }),
      ),
    ["prod-workers-1: the kubelet is v1.37.0, newer than the apiserver, v1.36.1"],
  ],
  [
    "etcd of two releases",
    (cluster) => Object.assign(cluster.etcd("prod-etcd-3").status ?? {}, { version: "3.6.6" }),
    [
      "versions: etcd: 3.6.5 on prod-etcd-1, prod-etcd-2, 3.6.6 on prod-etcd-3: an upgrade is under way, or has stopped half-way",
    ],
  ],
  [
    "a certificate whose renewal does not work",
    (cluster) => Object.assign(cluster.host("prod-etcd-1").certificates[0] ?? {}, endsIn(20)),
    ["prod-etcd-1: /etc/kubernetes/pki/a.crt ends in 20 days and has not been renewed"],
  ],
  [
    "one that has ended",
    (cluster) => Object.assign(cluster.host("prod-etcd-1").certificates[0] ?? {}, endsIn(-1)),
    ["prod-etcd-1: /etc/kubernetes/pki/a.crt has ended"],
  ],
  [
    "a kubelet renews its own later",
    (cluster) =>
      Object.assign(cluster.host("prod-workers-1").certificates[0] ?? {}, {
        ...endsIn(80),
        path: "/var/lib/kubelet/pki/kubelet-client-current.pem",
      }),
    [],
  ],
  [
    "an authority that ends within a year",
    (cluster) => (cluster.outputs.certificateEnds.authorities = "2027-06-01T00:00:00Z"),
    [
      "certificates: The cluster's first authority ends on 2027-06-01, in 92 days: plan its replacement: docs/runbooks/certificates.md.",
    ],
  ],
  [
    "a snapshot that failed",
    (cluster) => {
      cluster.host("prod-etcd-1").metrics = taken(1, 3600);
    },
    ["prod-etcd-1: its last attempt to take a snapshot of etcd failed"],
  ],
  [
    "snapshots that are all old",
    (cluster) => {
      cluster.host("prod-etcd-1").metrics = taken(0, 9 * day);
      cluster.host("prod-etcd-2").metrics = taken(0, 4 * day);
    },
    ["snapshots: the newest of etcd is 4 days old"],
  ],
])("%s", (_, spoil, findings) => {
  expect(told(spoil)).toEqual(findings);
});

const now = Date.parse("2027-03-01T00:00:00Z") / 1000;
/** A year's certificate with so many days left. */
const endsIn = (days: number) => ({ from: now - (365 - days) * day, to: now + days * day });
const taken = (failed: number, age: number) => ({
  kubernetes_ha_etcd_snapshot_newest_seconds: now - age,
  kubernetes_ha_etcd_snapshot_failed: failed,
  kubernetes_ha_etcd_snapshots: 5,
});

test("a machine with one of each on it is gone: each is named, and nothing more may be lost", () => {
  const status = judged((cluster) => {
    cluster.kill("prod-etcd-1", "prod-master-1", "prod-balancer-1", "prod-workers-1");
  });
  expect(status.healthy).toBe(false);
  expect(status.findings.map(({ of }) => of)).toEqual([
    ...["prod-etcd-1", "prod-master-1", "prod-workers-1", "prod-balancer-1"],
  ]);
  expect(status.tolerance).toMatchObject({
    physicalHosts: { left: 0 },
    etcdMembers: { left: 0 },
    masters: { left: 1 },
    balancers: { left: 0 },
  });
});

test("etcd without a quorum is said, whoever of it still answers", () => {
  const status = judged((cluster) => {
    cluster.kill("prod-etcd-1", "prod-etcd-2");
    Object.assign(cluster.etcd("prod-etcd-3"), { members: null, health: "etcdserver: no leader" });
  });
  expect(status.etcd).toMatchObject({ voters: 3, serving: 0, quorum: 2 });
  expect(status.findings.map(({ problem }) => problem)).toContain(
    "has no quorum: 0 of 3 members serve, 2 have to; nothing is written meanwhile",
  );
  expect(status.tolerance["etcdMembers"]).toEqual({ left: 0, of: 1 });
});

test("without any master nodes are not told, which is a finding and no guess", () => {
  const status = judged((cluster) =>
    cluster.kill("prod-master-1", "prod-master-2", "prod-master-3"),
  );
  expect(status.nodes[0]).toMatchObject({ ready: null, kubelet: null });
  expect(status.findings.map(({ of, problem }) => `${of}: ${problem}`)).toContain(
    "nodes: no master tells of them: no apiserver answers",
  );
});

test("stacked: masters have the members, and one that is gone is both", () => {
  const cluster = healthyCluster();
  const masters = cluster.outputs.nodes.filter(({ role }) => role === "master");
  for (const [n, { name }] of masters.entries()) {
    const member = cluster.etcd(`prod-etcd-${n + 1}`);
    cluster.host(name).etcd = {
      ...member,
      members: masters.map((each, id) => ({ id: `${id + 1}`, name: each.name, learner: false })),
    };
  }
  cluster.outputs.nodes = cluster.outputs.nodes.filter(({ role }) => role !== "etcd");
  expect(judge(cluster.facts).healthy).toBe(true);
  cluster.kill("prod-master-2");
  expect(judge(cluster.facts).tolerance).toMatchObject({
    etcdMembers: { left: 0, of: 1 },
    masters: { left: 1, of: 2 },
  });
});

test("kinds without an address of hosts have no holder to look for", () => {
  const status = judged((cluster) => {
    cluster.outputs.entry = { kind: "clb", name: "api", address: "10.0.0.200", port: 6443 };
  });
  expect(status.healthy).toBe(true);
  expect(status.entry.holders).toBeUndefined();
});
