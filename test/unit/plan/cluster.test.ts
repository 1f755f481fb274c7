import { hostAliases, type HostPlan } from "../../../components/plan";
import { planOf, problemsOf } from "./fixture";

const named = (hosts: readonly HostPlan[], name: string) => {
  const host = hosts.find((candidate) => candidate.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  return host;
};

test("what belongs to the whole cluster", () => {
  const plan = planOf();
  expect(plan.network).toEqual({
    name: "prod-vpc",
    vpcCidr: "10.0.0.0/16",
    layer2: false,
    subnets: [{ name: "prod-ap-guangzhou-3", zone: "ap-guangzhou-3", cidr: "10.0.0.0/20" }],
    podCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    clusterDomain: "cluster.local",
    kubernetesServiceAddress: "10.96.0.1",
    dnsServiceAddress: "10.96.0.10",
  });
  expect(plan.entry).toEqual({
    kind: "vip",
    on: "balancers",
    apiName: "api.prod.internal",
    endpoint: "api.prod.internal:6443",
    port: 6443,
    vip: "10.0.0.10",
    vipName: "prod-api",
    zone: "ap-guangzhou-3",
    subnetCidr: "10.0.0.0/20",
    virtualRouterId: 51,
    networkInterface: "eth0",
    balancers: plan.balancers,
    masters: plan.masters.map(({ name, address }) => ({ name, address, port: 6443 })),
  });
  expect(plan.etcdCluster.endpoints).toEqual([
    "https://10.0.0.96:2379",
    "https://10.0.0.97:2379",
    "https://10.0.0.98:2379",
  ]);
  expect(plan.faultTolerance).toEqual({
    physicalHosts: 1,
    etcdMembers: 1,
    masters: 2,
    balancers: 1,
  });
});

test("an etcd host, with its own disk", () => {
  expect(named(planOf().hosts, "prod-etcd-2")).toEqual({
    name: "prod-etcd-2",
    role: "etcd",
    duties: ["etcd"],
    pool: "etcd",
    key: "2",
    zone: "ap-guangzhou-3",
    address: "10.0.0.97",
    instanceType: "S5.MEDIUM4",
    architecture: "amd64",
    imageId: "img-7ag0z2jt",
    charge: { kind: "hourly" },
    size: { cpus: 2, memoryGiB: 4 },
    systemDisk: { type: "CLOUD_PREMIUM", sizeGiB: 50 },
    dataDisk: {
      name: "prod-etcd-2-data",
      type: "CLOUD_HSSD",
      sizeGiB: 50,
      mountPoint: "/var/lib/etcd",
    },
    placementGroup: "etcd",
    securityGroup: "etcd",
    tags: {
      "kubernetes-ha/cluster": "prod",
      "kubernetes-ha/role": "etcd",
      "kubernetes-ha/pool": "etcd",
    },
    labels: {},
    taints: [],
    generation: 1,
  });
});

test("workers and the bastion are in no group and have no data disk", () => {
  const { bastion, workers } = planOf();
  for (const host of [bastion, ...workers]) {
    expect(host).not.toHaveProperty("placementGroup");
    expect(host).not.toHaveProperty("dataDisk");
  }
});

test("tags of one's own are kept beside those the policies read, which nobody else sets", () => {
  const plan = planOf((config) => {
    config.tags = { team: "platform" };
  });
  expect(plan.etcd[0]?.tags).toMatchObject({ team: "platform", "kubernetes-ha/role": "etcd" });
  expect(problemsOf((config) => (config.tags = { "kubernetes-ha/role": "worker" }))).toMatchObject([
    { path: "tags", message: 'got the key "kubernetes-ha/role"' },
  ]);
});

test("the certificate of the API holds every name and address of the entry", () => {
  expect(planOf().apiCertificateNames).toEqual([
    "api.prod.internal",
    "localhost",
    "127.0.0.1",
    "10.0.0.10",
    "prod-master-1",
    "10.0.0.64",
    "prod-master-2",
    "10.0.0.65",
    "prod-master-3",
    "10.0.0.66",
    "prod-balancer-1",
    "10.0.0.32",
    "prod-balancer-2",
    "10.0.0.33",
    "10.96.0.1",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
  ]);
});

test("the API's name is a master itself on a master, and the VIP everywhere else", () => {
  const plan = planOf();
  for (const host of plan.hosts) {
    expect(hostAliases(plan, host)).toEqual([
      {
        address: host.role === "master" ? host.address : plan.entry.vip,
        names: ["api.prod.internal"],
      },
      { address: host.address, names: [host.name] },
    ]);
  }
});

test("one more worker changes nothing that others are made from", () => {
  const before = planOf();
  const after = planOf((config) => (config.workers[0].members = 3));
  for (const host of before.hosts) {
    expect(named(after.hosts, host.name)).toEqual(host);
    expect(hostAliases(after, host)).toEqual(hostAliases(before, host));
  }
  for (const part of [
    "network",
    "entry",
    "etcdCluster",
    "podNetwork",
    "apiCertificateNames",
  ] as const) {
    expect(after[part]).toEqual(before[part]);
  }
  expect(after.securityGroups).toEqual(before.securityGroups);
  expect(after.placementGroups).toEqual(before.placementGroups);
});

test("hosts are in the zone of their member, else of their pool, else in the first; the VIP is where the balancers are", () => {
  const plan = planOf((config) => {
    config.network.zones = [
      { zone: "ap-guangzhou-3", subnetCidr: "10.0.0.0/20" },
      { zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" },
    ];
    const elsewhere = ["1", "2"].map((key) => ({ key, zone: "ap-guangzhou-4" }));
    config.entry.balancers.members = elsewhere;
    config.workers[0].zone = "ap-guangzhou-4";
    config.workers[0].members = ["a", { key: "b", zone: "ap-guangzhou-3" }];
  });
  expect(plan.workers.map(({ zone, address }) => [zone, address.split(".")[2]])).toEqual([
    ["ap-guangzhou-4", "16"],
    ["ap-guangzhou-3", "0"],
  ]);
  expect(plan.etcd.map(({ zone }) => zone)).toEqual(Array(3).fill("ap-guangzhou-3"));
  expect(plan.entry).toMatchObject({ zone: "ap-guangzhou-4", subnetCidr: "10.0.16.0/20" });
  expect(plan.entry.vip).toMatch(/^10\.0\.16\.\d+$/);
});
