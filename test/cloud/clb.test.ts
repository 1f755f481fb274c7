import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { startCloud } from "../../lab/cloud";
import { MemoryWorld } from "../../lab/hosts/memory";
import {
  clientsFor,
  credential,
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  until,
  type Clients,
  type TestCloud,
} from "./support/cloud";
import { done, makeLoadBalancer } from "./support/clb";

/** Longest a test may take, in ms: many calls, on a machine that may be busy. */

let cloud: TestCloud;
let network: { vpcId: string; subnetId: string };

beforeEach(async () => {
  cloud = await startTestCloud();
  network = await makeNetwork(cloud);
});
afterEach(() => cloud.close());

const balancer = async (id: string, from: Clients = cloud) =>
  (await from.clb.DescribeLoadBalancers({ LoadBalancerIds: [id] })).LoadBalancerSet?.[0];

test("an internal load balancer lives: its VIP is of the subnet and goes back with it", async () => {
  const named = { LoadBalancerName: "api" };
  expect(await cloud.clb.DescribeLoadBalancers(named)).toMatchObject({
    TotalCount: 0,
    LoadBalancerSet: [],
  });
  const made = await cloud.clb.CreateLoadBalancer({
    LoadBalancerType: "INTERNAL",
    VpcId: network.vpcId,
    SubnetId: network.subnetId,
    Tags: [{ TagKey: "kubernetes-ha/cluster", TagValue: "test" }],
    ...named,
  });
  const id = made.LoadBalancerIds?.[0] as string;
  expect(await balancer(id)).toMatchObject({ Status: 0 });
  // The RequestId is the task, and so is the order.
  expect(await cloud.clb.DescribeTaskStatus({ TaskId: made.RequestId })).toMatchObject({
    Status: 2,
    LoadBalancerIds: [id],
  });
  expect(await cloud.clb.DescribeTaskStatus({ DealName: made.DealName })).toMatchObject({
    Status: 0,
  });
  const lb = await balancer(id);
  expect(lb).toMatchObject({
    LoadBalancerName: "api",
    LoadBalancerType: "INTERNAL",
    Forward: 1,
    Status: 1,
    VpcId: network.vpcId,
    SubnetId: network.subnetId,
    SecureGroups: [],
    TargetRegionInfo: { Region: "ap-guangzhou", VpcId: network.vpcId },
    Tags: [{ TagKey: "kubernetes-ha/cluster", TagValue: "test" }],
    VipIsp: "INTERNAL",
    NetworkAttributes: null,
  });
  const vip = lb?.LoadBalancerVips?.[0] as string;
  expect(vip).toMatch(/^10\.1\.1\./);
  const used = () => cloud.vpc.DescribeUsedIpAddress({ VpcId: network.vpcId, IpAddresses: [vip] });
  expect((await used()).IpAddressStates).toEqual([
    {
      VpcId: network.vpcId,
      SubnetId: network.subnetId,
      IpAddress: vip,
      ResourceType: "CLB",
      ResourceId: id,
    },
  ]);
  expect(
    await outcome(
      makeInstance(cloud, network, {
        VirtualPrivateCloud: {
          VpcId: network.vpcId,
          SubnetId: network.subnetId,
          PrivateIpAddresses: [vip],
        },
      }),
    ),
  ).toBe("VpcIpIsUsed");
  expect(await outcome(cloud.vpc.DeleteSubnet({ SubnetId: network.subnetId }))).toBe(
    "ResourceInUse",
  );

  await done(cloud, cloud.clb.DeleteLoadBalancer({ LoadBalancerIds: [id] }));
  expect(await balancer(id)).toBeUndefined();
  expect((await used()).TotalCount).toBe(0);
  expect(await cloud.admin("GET", "/resources")).toMatchObject({
    loadBalancers: [],
    listeners: [],
    tags: [],
  });
});

test("a public one takes its VIP from the public range, keeps the VPC, and changes", async () => {
  const id = await makeLoadBalancer(cloud, network, {
    LoadBalancerType: "OPEN",
    SubnetId: undefined,
    InternetAccessible: {
      InternetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
      InternetMaxBandwidthOut: 5,
    },
  });
  const lb = await balancer(id);
  expect(lb?.LoadBalancerVips?.[0]).toMatch(/^198\.51\.100\./);
  expect(lb?.NetworkAttributes).toMatchObject({ InternetMaxBandwidthOut: 5 });
  const { AddressSet } = await cloud.vpc.AllocateAddresses({});
  const eip = await cloud.vpc.DescribeAddresses({ AddressIds: AddressSet });
  expect(eip.AddressSet?.[0]?.AddressIp).not.toBe(lb?.LoadBalancerVips?.[0]);
  await cloud.vpc.DeleteSubnet({ SubnetId: network.subnetId });
  expect(await outcome(cloud.vpc.DeleteVpc({ VpcId: network.vpcId }))).toBe("ResourceInUse");
  await done(
    cloud,
    cloud.clb.ModifyLoadBalancerAttributes({
      LoadBalancerId: id,
      LoadBalancerName: "renamed",
      LoadBalancerPassToTarget: true,
      InternetChargeInfo: { InternetMaxBandwidthOut: 20 },
    }),
  );
  expect(await balancer(id)).toMatchObject({
    LoadBalancerName: "renamed",
    LoadBalancerPassToTarget: true,
    NetworkAttributes: {
      InternetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
      InternetMaxBandwidthOut: 20,
    },
  });
});

test("one task at a time: another change is refused until the first is done, or its time has passed", async () => {
  const id = await makeLoadBalancer(cloud, network);
  const set = (groups: string[] = []) =>
    cloud.clb.SetLoadBalancerSecurityGroups({ LoadBalancerId: id, SecurityGroups: groups });
  const first = await set();
  const changes = [
    () => set(),
    () => cloud.clb.ModifyLoadBalancerAttributes({ LoadBalancerId: id, DeleteProtect: true }),
    () => cloud.clb.DeleteLoadBalancer({ LoadBalancerIds: [id] }),
    () => cloud.clb.CreateListener({ LoadBalancerId: id, Ports: [6443], Protocol: "TCP" }),
  ];
  for (const change of changes) {
    expect(await outcome(change())).toBe("FailedOperation.ResourceInOperating");
  }
  await done(cloud, Promise.resolve(first));
  // Nobody asks for this one's end: its caller was killed.
  await set();
  expect(await outcome(set())).toBe("FailedOperation.ResourceInOperating");
  await until(
    () => outcome(set()),
    (code) => code === "ok",
  );
  expect(await outcome(cloud.clb.DescribeTaskStatus({ TaskId: "unknown" }))).toBe(
    "InvalidParameter",
  );
  expect(await outcome(cloud.clb.DescribeTaskStatus({}))).toBe("InvalidParameter");
});

test("a name that is taken is not given twice, and a rename to it is refused", async () => {
  const [first, second] = [
    await makeLoadBalancer(cloud, network, { LoadBalancerName: "api" }),
    await makeLoadBalancer(cloud, network, { LoadBalancerName: "api" }),
  ] as const;
  expect(await balancer(first)).toMatchObject({ LoadBalancerName: "api" });
  expect(await balancer(second)).toMatchObject({ LoadBalancerName: second });
  expect(
    await outcome(
      cloud.clb.ModifyLoadBalancerAttributes({ LoadBalancerId: second, LoadBalancerName: "api" }),
    ),
  ).toBe("InvalidParameterValue.Duplicate");
});

test("lists by name, id, VIP, type, group, tag, targets, in order and pages", async () => {
  const ids: string[] = [];
  for (const name of ["api-1", "api-2", "web"]) {
    ids.push(await makeLoadBalancer(cloud, network, { LoadBalancerName: name }));
  }
  const [one, two, web] = ids as [string, string, string];
  const { SecurityGroup } = await cloud.vpc.CreateSecurityGroup({
    GroupName: "g",
    GroupDescription: "",
  });
  const group = SecurityGroup?.SecurityGroupId as string;
  await done(
    cloud,
    cloud.clb.SetLoadBalancerSecurityGroups({ LoadBalancerId: web, SecurityGroups: [group] }),
  );
  await cloud.tag.ModifyResourceTags({
    Resource: `qcs::clb:ap-guangzhou:uin/:clb/${two}`,
    ReplaceTags: [{ TagKey: "team", TagValue: "a" }],
  });
  expect((await balancer(two))?.Tags).toEqual([{ TagKey: "team", TagValue: "a" }]);
  const tags = await cloud.tag.DescribeResourceTagsByResourceIds({
    ServiceType: "clb",
    ResourcePrefix: "clb",
    ResourceRegion: "ap-guangzhou",
    ResourceIds: [two],
  });
  expect(tags.Tags).toMatchObject([{ TagKey: "team", TagValue: "a", ResourceId: two }]);
  const vip = (await balancer(one))?.LoadBalancerVips?.[0] as string;
  const found = async (request: Parameters<typeof cloud.clb.DescribeLoadBalancers>[0]) =>
    (await cloud.clb.DescribeLoadBalancers(request)).LoadBalancerSet?.map((e) => e.LoadBalancerId);
  expect(await found({})).toEqual([web, two, one]);
  expect(await found({ OrderType: 0, OrderBy: "LoadBalancerName" })).toEqual([one, two, web]);
  expect(await found({ LoadBalancerName: "api" })).toEqual([two, one]);
  expect(await found({ LoadBalancerVips: [vip] })).toEqual([one]);
  expect(await found({ SearchKey: vip })).toContain(one);
  expect(await found({ SecurityGroup: group })).toEqual([web]);
  expect(await found({ LoadBalancerType: "OPEN" })).toEqual([]);
  expect(await found({ WithRs: 1 })).toEqual([]);
  expect(await found({ WithRs: 0, Limit: 2 })).toEqual([web, two]);
  expect(await found({ Filters: [{ Name: "tag:team", Values: ["a"] }] })).toEqual([two]);
  expect(await found({ LoadBalancerIds: ["lb-00000000"] })).toEqual([]);
  const codes = [
    { Filters: [{ Name: "colour", Values: ["red"] }] },
    { Limit: 101 },
    { LoadBalancerIds: ["lb"] },
    { LoadBalancerIds: Array.from({ length: 21 }, () => one) },
    { OrderBy: "Colour" },
  ].map((request) => outcome(cloud.clb.DescribeLoadBalancers(request)));
  expect(await Promise.all(codes)).toEqual([
    "InvalidParameterValue.InvalidFilter",
    "InvalidParameterValue.Range",
    "InvalidParameter.FormatError",
    "InvalidParameterValue.Length",
    "InvalidParameterValue",
  ]);
});

test.each<[string, object, string]>([
  ["of no kind", { LoadBalancerType: "PRIVATE" }, "InvalidParameterValue"],
  ["without a VPC", { VpcId: undefined }, "MissingParameter"],
  ["in no VPC", { VpcId: "vpc-00000000" }, "InvalidParameterValue"],
  ["in a VPC of a wrong id", { VpcId: "vpc" }, "InvalidParameter.FormatError"],
  ["without a subnet", { SubnetId: undefined }, "MissingParameter"],
  ["in no subnet", { SubnetId: "subnet-00000000" }, "InvalidParameterValue"],
  ["with a VIP of another subnet", { Vip: "10.1.2.5" }, "InvalidParameterValue"],
  ["with a reserved VIP", { Vip: "10.1.1.1" }, "InvalidParameterValue"],
  ["in a zone", { ZoneId: "100003" }, "InvalidParameter"],
  ["with an ISP", { VipIsp: "BGP" }, "InvalidParameter"],
  ["with a long name", { LoadBalancerName: "x".repeat(81) }, "InvalidParameterValue.Length"],
  ["without a name", { LoadBalancerName: "" }, "InvalidParameterValue.Length"],
  ["named with an emoji", { LoadBalancerName: "api 🚀" }, "InvalidParameter.FormatError"],
  ["of the classic kind", { Forward: 0 }, "InvalidParameterValue"],
  ["21 times", { Number: 21 }, "InvalidParameterValue.Range"],
  ["of no specification", { SlaType: "clb.c9.huge" }, "InvalidParameterValue"],
  ["with a domain", { DynamicVip: true }, "UnsupportedOperation"],
  [
    "with a long token",
    { ClientToken: "x".repeat(65) },
    "InvalidParameter.ClientTokenLimitExceeded",
  ],
  ["public in a subnet", { LoadBalancerType: "OPEN" }, "InvalidParameter"],
])("a load balancer %s is refused", async (_, fields, code) => {
  const call = cloud.clb.CreateLoadBalancer({
    LoadBalancerType: "INTERNAL",
    VpcId: network.vpcId,
    SubnetId: network.subnetId,
    ...fields,
  });
  expect(await outcome(call)).toBe(code);
  expect(await cloud.admin("GET", "/resources")).toMatchObject({ loadBalancers: [] });
});

test("a VIP of one's choice is given once", async () => {
  const id = await makeLoadBalancer(cloud, network, { Vip: "10.1.1.200" });
  expect((await balancer(id))?.LoadBalancerVips).toEqual(["10.1.1.200"]);
  expect(await outcome(makeLoadBalancer(cloud, network, { Vip: "10.1.1.200" }))).toBe(
    "InvalidParameterValue",
  );
  expect(
    await outcome(
      cloud.vpc.CreateHaVip({
        VpcId: network.vpcId,
        SubnetId: network.subnetId,
        HaVipName: "v",
        Vip: "10.1.1.200",
      }),
    ),
  ).toBe("InvalidParameterValue.Duplicate");
});

test("security groups exist, count as used, and are taken off by an empty list", async () => {
  const id = await makeLoadBalancer(cloud, network);
  const { SecurityGroup } = await cloud.vpc.CreateSecurityGroup({
    GroupName: "g",
    GroupDescription: "",
  });
  const group = SecurityGroup?.SecurityGroupId as string;
  const set = (SecurityGroups: string[], LoadBalancerId = id) =>
    cloud.clb.SetLoadBalancerSecurityGroups({ LoadBalancerId, SecurityGroups });
  expect(await outcome(set(["sg-00000000"]))).toBe("InvalidParameterValue");
  expect(await outcome(set(["group"]))).toBe("InvalidParameter.FormatError");
  expect(await outcome(set([group], "lb-00000000"))).toBe("InvalidParameter.LBIdNotFound");
  expect(await outcome(set(Array.from({ length: 51 }, () => group)))).toBe(
    "InvalidParameterValue.Length",
  );
  await done(cloud, set([group]));
  expect(await balancer(id)).toMatchObject({ SecureGroups: [group] });
  const statistics = await cloud.vpc.DescribeSecurityGroupAssociationStatistics({
    SecurityGroupIds: [group],
  });
  expect(statistics.SecurityGroupAssociationStatisticsSet).toMatchObject([
    { CLB: 1, CVM: 0, SG: 0, TotalCount: 1 },
  ]);
  expect(await outcome(cloud.vpc.DeleteSecurityGroup({ SecurityGroupId: group }))).toBe(
    "ResourceInUse",
  );
  await done(cloud, set([]));
  await cloud.vpc.DeleteSecurityGroup({ SecurityGroupId: group });
});

test("a protected one is not deleted, nor one that does not exist, and nothing goes halfway", async () => {
  const [plain, kept] = [
    await makeLoadBalancer(cloud, network),
    await makeLoadBalancer(cloud, network),
  ];
  const protect = (DeleteProtect: boolean) =>
    cloud.clb.ModifyLoadBalancerAttributes({ LoadBalancerId: kept, DeleteProtect });
  await done(cloud, protect(true));
  expect(await balancer(kept)).toMatchObject({ AttributeFlags: ["DeleteProtect"] });
  const remove = (...LoadBalancerIds: string[]) =>
    cloud.clb.DeleteLoadBalancer({ LoadBalancerIds });
  expect(await outcome(remove(plain, kept))).toBe("FailedOperation");
  expect(await outcome(remove(plain, "lb-00000000"))).toBe("InvalidParameter.LBIdNotFound");
  expect(await balancer(plain)).toBeDefined();
  await done(cloud, protect(false));
  await done(cloud, remove(plain, kept));
});

test("quota, and what of it is used", async () => {
  const small = await startTestCloud({
    quotas: { internalLoadBalancers: 1, openLoadBalancers: 1, listenersPerLoadBalancer: 1 },
  });
  try {
    const net = await makeNetwork(small);
    const id = await makeLoadBalancer(small, net);
    expect(await outcome(makeLoadBalancer(small, net))).toBe("LimitExceeded");
    const open = { LoadBalancerType: "OPEN", SubnetId: undefined };
    expect(await outcome(makeLoadBalancer(small, net, open))).toBe("ok");
    expect(await outcome(makeLoadBalancer(small, net, open))).toBe("LimitExceeded");
    const listen = (Ports: number[]) =>
      small.clb.CreateListener({ LoadBalancerId: id, Ports, Protocol: "TCP" });
    expect(await outcome(listen([1, 2]))).toBe("LimitExceeded");
    expect(await outcome(listen([1]))).toBe("ok");
    const { QuotaSet } = await small.clb.DescribeQuota();
    expect(QuotaSet).toEqual([
      { QuotaId: "TOTAL_OPEN_CLB_QUOTA", QuotaCurrent: 1, QuotaLimit: 1 },
      { QuotaId: "TOTAL_INTERNAL_CLB_QUOTA", QuotaCurrent: 1, QuotaLimit: 1 },
      { QuotaId: "TOTAL_LISTENER_QUOTA", QuotaCurrent: 0, QuotaLimit: 1 },
      { QuotaId: "TOTAL_TARGET_BIND_QUOTA", QuotaCurrent: 0, QuotaLimit: 100 },
    ]);
  } finally {
    await small.close();
  }
});

test("load balancer, listener, targets and a task under way outlive the cloud's process", async () => {
  const stateDir = mkdtempSync(path.join(tmpdir(), "kha-clb-"));
  const start = async () => {
    const running = await startCloud(
      { stateDir, credentials: [credential], api: { port: 0 } },
      new MemoryWorld(),
      () => undefined,
    );
    return { running, clients: clientsFor(running.apiPort) };
  };
  const first = await start();
  const net = await makeNetwork(first.clients);
  const instance = await makeInstance(first.clients, net);
  const id = await makeLoadBalancer(first.clients, net, { LoadBalancerName: "api" });
  const made = await first.clients.clb.CreateListener({
    LoadBalancerId: id,
    Ports: [6443],
    Protocol: "TCP",
  });
  await done(first.clients, Promise.resolve(made));
  const listener = made.ListenerIds?.[0] as string;
  const registered = await first.clients.clb.RegisterTargets({
    LoadBalancerId: id,
    ListenerId: listener,
    Targets: [{ InstanceId: instance, Port: 6443 }],
  });
  await first.running.close();

  const second = await start();
  try {
    const { clb } = second.clients;
    await done(second.clients, Promise.resolve(registered));
    expect(await balancer(id, second.clients)).toMatchObject({
      LoadBalancerName: "api",
      Status: 1,
    });
    expect((await clb.DescribeTargets({ LoadBalancerId: id })).Listeners).toMatchObject([
      { ListenerId: listener, Port: 6443, Targets: [{ InstanceId: instance, Weight: 10 }] },
    ]);
  } finally {
    await second.running.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
});
