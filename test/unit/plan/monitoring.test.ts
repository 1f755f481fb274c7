import type { ClusterPlan } from "../../../components/plan";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { planHaving, problemsIn, minimalConfig } from "./fixture";

type Entry = ClusterConfigInput["entry"];
const pair = { members: 2, instanceType: "S5.MEDIUM2" };
const planWith = (
  monitoring: ClusterConfigInput["monitoring"] = {},
  more: Partial<ClusterConfigInput> = {},
) => planHaving({ monitoring, ...more });

/** Who may read metrics at a role's hosts, by port. */
const rules = ({ securityGroups }: ClusterPlan, role: string) =>
  securityGroups
    .find((group) => group.role === role)
    ?.ingress.filter(({ description }) => /^metrics of|s metrics$/.test(description))
    .map(({ port, role: from, cidr }) => `${port} ${from ?? cidr}`);

test("without the section nothing is open, and nothing is told", () => {
  const plan = planHaving({});
  expect(plan.monitoring).toBeUndefined();
  for (const { role } of plan.securityGroups) expect(rules(plan, role)).toEqual([]);
});

test("the bastion reads all of it, and nobody else", () => {
  const plan = planWith();
  expect(rules(plan, "etcd")).toEqual(["9100 bastion", "2381 bastion"]);
  expect(rules(plan, "balancer")).toEqual(["9100 bastion", "8405 bastion"]);
  expect(rules(plan, "master")).toEqual(["9100 bastion", "10250 bastion"]);
  expect(rules(plan, "worker")).toEqual(["9100 bastion", "10250 bastion"]);
  expect(rules(plan, "bastion")).toEqual(["9100 bastion"]);
});

test("declared ranges read it as well, and nodes where Prometheus is in the cluster", () => {
  const plan = planWith({ allowedCidrs: ["10.9.0.0/16"], inCluster: true });
  expect(rules(plan, "etcd")).toEqual(
    ["9100", "2381"].flatMap((port) =>
      ["bastion", "master", "worker", "10.9.0.0/16"].map((from) => `${port} ${from}`),
    ),
  );
  // Nodes have the rest without it, and the bastion the API.
  expect(rules(plan, "master")?.slice(-3)).toEqual([
    ...["6443 10.9.0.0/16", "10250 bastion", "10250 10.9.0.0/16"],
  ]);
});

test("everybody is refused", () => {
  const problems = problemsIn({ ...minimalConfig(), monitoring: { allowedCidrs: ["0.0.0.0/0"] } });
  expect(problems).toEqual([
    {
      path: "monitoring.allowedCidrs.0",
      message: "got 0.0.0.0/0, which is everybody",
      fix: "List the ranges that its clients are in",
    },
  ]);
});

const hosts = ({ monitoring }: ClusterPlan, job: string) =>
  monitoring?.targets.filter((target) => target.job === job).map(({ address }) => address);

test("targets are every host, member, HAProxy, apiserver and kubelet", () => {
  const plan = planWith();
  expect(hosts(plan, "node")).toEqual(plan.hosts.map(({ address }) => `${address}:9100`));
  expect(hosts(plan, "etcd")).toEqual(plan.etcd.map(({ address }) => `${address}:2381`));
  expect(hosts(plan, "haproxy")).toEqual(plan.balancers.map(({ address }) => `${address}:8405`));
  expect(hosts(plan, "apiserver")).toEqual(plan.masters.map(({ address }) => `${address}:6443`));
  expect(hosts(plan, "kubelet")).toEqual(
    [...plan.masters, ...plan.workers].map(({ address }) => `${address}:10250`),
  );
  expect(plan.monitoring?.targets[0]).toEqual({
    ...{ job: "node", host: "prod-bastion-1", role: "bastion", pool: "bastion" },
    ...{ zone: "ap-guangzhou-3", address: `${plan.bastion.address}:9100` },
  });
});

test.each<[string, Entry, string[]]>([
  ["vip on masters", { kind: "vip", on: "masters" }, ["master"]],
  ["clb", { kind: "clb" }, ["master"]],
  ["lvs", { kind: "lvs", forwarding: "nat", directors: pair }, []],
  [
    "lvs with balancers",
    { kind: "lvs", forwarding: "nat", directors: pair, balancers: pair },
    ["balancer"],
  ],
  [
    "HAProxy on every node",
    { kind: "nodeLocal", proxy: "haproxy" },
    ["bastion", "master", "worker"],
  ],
  ["nginx on every node", { kind: "nodeLocal", proxy: "nginx" }, []],
])("%s: HAProxy is watched where it runs", (_, entry, roles) => {
  const plan = planWith({}, { entry });
  const found = plan.monitoring?.targets.filter(({ job }) => job === "haproxy") ?? [];
  expect([...new Set(found.map(({ role }) => role))]).toEqual(roles);
  // Where it listens it is open, too.
  for (const role of roles) expect(rules(plan, role)).toContain("8405 bastion");
});

test("with stacked etcd and masters that are balancers, one host is a target of each", () => {
  const plan = planWith(
    {},
    { etcd: { topology: "stacked" }, entry: { kind: "vip", on: "masters" } },
  );
  const [master] = plan.masters;
  const jobs = plan.monitoring?.targets
    .filter(({ host }) => host === master?.name)
    .map(({ job }) => job);
  expect(jobs).toEqual(["node", "etcd", "haproxy", "apiserver", "kubelet"]);
});
