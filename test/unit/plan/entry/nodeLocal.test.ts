import { hostAliases, parseClusterConfig, planCluster } from "../../../../components/plan";
import { nodeLocal, type NodeLocalPlan } from "../../../../components/plan/entry/nodeLocal";
import { peersOf } from "../../../../components/plan/peers";
import { line, minimalConfig, problemsIn, type TestConfig } from "../fixture";

type Change = (config: TestConfig) => void;

const withEntry = (entry: object, change: Change = () => undefined) => {
  const config = minimalConfig();
  change(config);
  return { ...config, entry: { kind: "nodeLocal", ...entry } };
};
const planOf = (entry: object, change?: Change) =>
  planCluster(parseClusterConfig(withEntry(entry, change)));
const said = (entry: object, change?: Change) => problemsIn(withEntry(entry, change)).map(line);

const proxies = [
  { proxy: "haproxy", address: "127.0.0.1" },
  { proxy: "nginx", address: "127.0.0.1" },
  { proxy: "ipvs", address: "10.103.97.2" },
];

test.each(proxies)("$proxy answers at $address on every host that asks the API", (each) => {
  const plan = planOf({ proxy: each.proxy });
  expect(plan.entry).toEqual({
    kind: "nodeLocal",
    proxy: each.proxy,
    apiName: "api.prod.internal",
    endpoint: "api.prod.internal:6443",
    port: 6443,
    address: each.address,
    masters: plan.masters.map(({ name, address }) => ({ name, address, port: 6443 })),
  });
  for (const host of plan.hosts) {
    const aliases = hostAliases(plan, host).filter(({ names }) =>
      names.includes("api.prod.internal"),
    );
    expect(aliases.map(({ address }) => address)).toEqual(
      host.role === "etcd" ? [] : [each.address],
    );
  }
  expect(plan.apiCertificateNames).toContain(each.address);
});

test("HAProxy is what people get who name no proxy", () =>
  expect(planOf({}).entry).toMatchObject({ proxy: "haproxy" }));

test("it has no hosts and makes nothing, so what is left to lose are masters and etcd", () => {
  const plan = planOf({});
  expect(plan.entryHosts).toEqual([]);
  expect(plan.balancers).toEqual([]);
  expect(plan.faultTolerance).toEqual({ physicalHosts: 1, etcdMembers: 1, masters: 2 });
  expect(nodeLocal.makes()).toEqual([]);
});

test("masters let in whoever has a proxy, the bastion included, and no worker waits for them", () => {
  const plan = planOf({});
  const rules = plan.securityGroups
    .find(({ role }) => role === "master")
    ?.ingress.filter(({ port }) => port === "6443");
  // In the groups of balancers and directors is nobody.
  expect(new Set(rules?.map(({ role }) => role))).toEqual(
    new Set(["balancer", "bastion", "director", "master", "worker"]),
  );
  const awaited = plan.workers.flatMap((worker) => peersOf(plan, worker));
  expect(awaited).toEqual([]);
});

test.each([
  ["haproxy", ["haproxy"], undefined],
  ["nginx", ["libnginx-mod-stream", "nginx"], undefined],
  ["ipvs", ["ipvsadm", "keepalived"], ["ip_vs"]],
])("%s needs its packages, and IPVS the kernel's", (proxy, packages, modules) => {
  const plan = planOf({ proxy });
  for (const host of plan.hosts) {
    const needs = nodeLocal.needs(plan.entry as NodeLocalPlan, host);
    const has = host.role !== "etcd";
    expect(needs.packages).toEqual(has ? packages : undefined);
    expect(needs.modules).toEqual(has ? modules : undefined);
  }
});

test("kube-proxy leaves the rules of IPVS alone, and otherwise is what it was", () => {
  expect(planOf({ proxy: "ipvs" }).kubeProxy).toEqual({
    mode: "ipvs",
    excludeCidrs: ["10.103.97.2/32"],
  });
  expect(planOf({ proxy: "ipvs", virtualAddress: "10.200.0.1" }).kubeProxy.excludeCidrs).toEqual([
    "10.200.0.1/32",
  ]);
  expect(planOf({}).kubeProxy).toEqual({ mode: "nftables", excludeCidrs: [] });
});

describe("what is wrong with the section", () => {
  test("a proxy that is none", () =>
    expect(said({ proxy: "envoy" })).toEqual([
      'entry.proxy: got "envoy". Use one of haproxy, nginx, ipvs.',
    ]));

  test("a virtual address for what listens", () =>
    expect(said({ proxy: "nginx", virtualAddress: "10.103.97.2" })).toEqual([
      "entry.virtualAddress: got 10.103.97.2, but proxy nginx listens at 127.0.0.1. Leave it out, or use proxy: ipvs.",
    ]));

  test.each([
    ["10.0.0.10", "10.0.0.0/16 of network.vpcCidr"],
    ["10.244.3.4", "10.244.0.0/16 of network.podCidr"],
    ["10.96.0.1", "10.96.0.0/16 of network.serviceCidr"],
    ["100.64.0.1", "100.64.0.0/10 of the platform"],
    ["169.254.0.23", "169.254.0.0/16 of the link-local range"],
  ])("a virtual address that somebody else may have: %s", (virtualAddress, range) =>
    expect(said({ proxy: "ipvs", virtualAddress })).toEqual([
      `entry.virtualAddress: got ${virtualAddress}, which lies in ${range}: somebody else may have it. ` +
        "Use a private address outside of all these ranges.",
    ]),
  );

  test("the default, where the network has taken it", () =>
    expect(
      said({ proxy: "ipvs" }, ({ network }) => (network.serviceCidr = "10.96.0.0/12")),
    ).toEqual([
      "entry.virtualAddress: the default 10.103.97.2, which lies in 10.96.0.0/12 of network.serviceCidr: somebody else may have it. " +
        "Use a private address outside of all these ranges.",
    ]));

  test.each(["nftables", "iptables"] as const)(
    "kube-proxy in mode %s beside rules of IPVS",
    (mode) =>
      expect(said({ proxy: "ipvs" }, (config) => (config.kubeProxy = { mode }))).toEqual([
        `kubeProxy.mode: got ${mode}, but it would remove the rules of the entry's proxies. Leave it out, or use ipvs.`,
      ]),
  );

  test("kube-proxy in mode ipvs for nothing", () => {
    const ipvs: Change = (config) => (config.kubeProxy = { mode: "ipvs" });
    expect(said({ proxy: "ipvs" }, ipvs)).toEqual([]);
    expect(said({ proxy: "nginx" }, ipvs)).toEqual([
      "kubeProxy.mode: got ipvs, which is there for an entry whose proxies are IPVS. Leave it out, or use nftables.",
    ]);
  });
});
