import { hostNeeds } from "../../../../components/needs";
import type { ClusterPlan } from "../../../../components/plan";
import { sysctlProblems } from "../../../../components/plan/rules/sysctls";
import { prepareHost } from "../../../../components/preparation";
import { line, lvsPlanOf, planHaving, planOf, planWith, problemsOf } from "../fixture";

const pair = { members: 2, instanceType: "S5.MEDIUM2" };
const kinds: [string, ClusterPlan][] = [
  ["vip", planOf()],
  [
    "vip on masters, etcd stacked",
    planHaving({
      entry: { kind: "vip", on: "masters" },
      etcd: { topology: "stacked" },
    }),
  ],
  ["clb", planHaving({ entry: { kind: "clb" } })],
  ["lvs dr", lvsPlanOf()],
  ["lvs nat, balancers", lvsPlanOf({ forwarding: "nat", balancers: pair })],
  ...(["haproxy", "nginx", "ipvs"] as const).map((proxy): [string, ClusterPlan] => [
    proxy,
    planWith({ kind: "nodeLocal", proxy }),
  ]),
];

const sysctlFile = (plan: ClusterPlan, host = plan.bastion) =>
  prepareHost(plan, host).files.find(({ path }) => path.includes("/sysctl.d/"))?.content;

test.each(kinds)("%s: every kernel setting that a host gets is refused", (_, plan) => {
  const names = plan.hosts
    .flatMap((host) => hostNeeds(plan, host).sysctls)
    .flatMap(({ settings }) => Object.keys(settings))
    .map((name) => name.replace(/^-/, ""));
  expect(names.length).toBeGreaterThan(5);
  const open = names.filter(
    (name) =>
      sysctlProblems({ host: { ...plan.config.host, sysctls: { [name]: "1" } } }).length === 0,
  );
  expect(open).toEqual([]);
});

test("one of the cluster's own is told", () => {
  const said = problemsOf((config) => (config.host = { sysctls: { "vm.overcommit_memory": 2 } }));
  expect(said.map(line)).toEqual([
    "host.sysctls.vm.overcommit_memory: the cluster sets it itself. Take it out.",
  ]);
});

test("the table of connections is kube-proxy's, unless it leaves it alone", () => {
  const of = (conntrackMaxPerCore?: number) =>
    problemsOf((config) => {
      config.host = { sysctls: { "net.netfilter.nf_conntrack_max": 1_000_000 } };
      if (conntrackMaxPerCore !== undefined) config.kubeProxy = { conntrackMaxPerCore };
    }).map(line);
  expect(of()).toEqual([
    "host.sysctls.net.netfilter.nf_conntrack_max: the cluster sets it itself. Take it out; kubeProxy.conntrackMaxPerCore decides on it, and leaves it with 0.",
  ]);
  expect(of(65_536)).toHaveLength(1);
  expect(of(0)).toEqual([]);
});

test.each<[Record<string, unknown>, string]>([
  [
    { max_map_count: 1 },
    'got the key "max_map_count". Use a kernel setting such as vm.max_map_count',
  ],
  [{ "vm/max_map_count": 1 }, "Use a kernel setting such as vm.max_map_count"],
  [{ "vm.x = 1\nvm.y": 1 }, "Use a kernel setting such as vm.max_map_count"],
  [{ "vm.max_map_count": "1\nvm.y = 1" }, "Use one line of printable ASCII"],
  [{ "kernel.core_pattern": "|'x" }, "Use a value without quotes and backslashes"],
  [{ "kernel.core_pattern": " " }, "Use a value without quotes and backslashes"],
])("%j is refused", (sysctls, expected) => {
  const said = problemsOf((config) => Object.assign(config, { host: { sysctls } }));
  expect(said.map(line).join("\n")).toContain(expected);
});

test("settings go last on hosts that have others, and alone on those that have none", () => {
  const plan = planOf((config) => {
    config.host = {
      sysctls: { "vm.max_map_count": 262_144, "net.ipv4.tcp_rmem": "4096 87380 6291456" },
    };
  });
  const own =
    "# As configured: host.sysctls.\nvm.max_map_count = 262144\nnet.ipv4.tcp_rmem = 4096 87380 6291456\n";
  expect(sysctlFile(planOf())).toBeUndefined();
  const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.\n";
  expect(sysctlFile(plan)).toBe(`${heading}${own}`);
  for (const host of plan.hosts) expect(sysctlFile(plan, host)?.endsWith(own)).toBe(true);
});
