import {
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  until,
  stateOf,
} from "./support/cloud";
import type { TestCloud } from "./support/cloud";
import { done, makeLoadBalancer } from "./support/clb";

/** Longest a test may take, in ms: many calls, on a machine that may be busy. */

let cloud: TestCloud;
let network: { vpcId: string; subnetId: string };
let ips: string[];
let instances: string[];

beforeEach(async () => {
  cloud = await startTestCloud();
  network = await makeNetwork(cloud);
  instances = await Promise.all([0, 1].map(() => makeInstance(cloud, network)));
  const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: instances });
  ips = instances.map(
    (id) => InstanceSet?.find((each) => each.InstanceId === id)?.PrivateIpAddresses?.[0] as string,
  );
});
afterEach(() => cloud.close());

const create = (fields: object = {}) =>
  cloud.clb.CreateTargetGroup({
    TargetGroupName: "masters",
    VpcId: network.vpcId,
    Port: 6443,
    ...fields,
  });
const makeGroup = async (fields: object = {}): Promise<string> =>
  (await create(fields)).TargetGroupId as string;
const described = async (id: string) =>
  (await cloud.clb.DescribeTargetGroups({ TargetGroupIds: [id] })).TargetGroupSet?.[0];
const members = async (id: string) =>
  (
    await cloud.clb.DescribeTargetGroupInstances({
      Filters: [{ Name: "TargetGroupId", Values: [id] }],
    })
  ).TargetGroupInstanceSet?.map((each) => [each.PrivateIpAddresses?.[0], each.Port, each.Weight]);

async function makeListener(fields: object = {}): Promise<{ lb: string; listener: string }> {
  const lb = await makeLoadBalancer(cloud, network);
  const { ListenerIds } = await done(
    cloud,
    cloud.clb.CreateListener({
      LoadBalancerId: lb,
      Ports: [6443],
      Protocol: "TCP",
      TargetType: "TARGETGROUP",
      ...fields,
    }),
  );
  return { lb, listener: ListenerIds?.[0] as string };
}

test("a group lives: members, weights, a listener that leads to it, change, delete", async () => {
  const id = await makeGroup({ Tags: [{ TagKey: "team", TagValue: "a" }] });
  expect(await described(id)).toMatchObject({
    TargetGroupName: "masters",
    TargetGroupType: "v1",
    VpcId: network.vpcId,
    Port: 6443,
    AssociatedRule: [],
    RegisteredInstancesCount: 0,
    Tag: [{ TagKey: "team", TagValue: "a" }],
  });
  const both = ips.map((BindIP) => ({ BindIP }));
  await done(
    cloud,
    cloud.clb.RegisterTargetGroupInstances({
      TargetGroupId: id,
      TargetGroupInstances: [...both, { BindIP: ips[0] as string, Port: 9345, Weight: 0 }],
    }),
  );
  expect(await members(id)).toEqual([
    [ips[0], 6443, 10],
    [ips[1], 6443, 10],
    [ips[0], 9345, 0],
  ]);
  await done(
    cloud,
    cloud.clb.ModifyTargetGroupInstancesWeight({
      TargetGroupId: id,
      TargetGroupInstances: [{ BindIP: ips[1] as string, Port: 6443, Weight: 20 }],
    }),
  );
  await done(
    cloud,
    cloud.clb.DeregisterTargetGroupInstances({
      TargetGroupId: id,
      TargetGroupInstances: [{ BindIP: ips[0] as string, Port: 9345 }],
    }),
  );
  expect(await members(id)).toEqual([
    [ips[0], 6443, 10],
    [ips[1], 6443, 20],
  ]);

  const { lb, listener } = await makeListener();
  const association = { LoadBalancerId: lb, ListenerId: listener, TargetGroupId: id };
  const associate = () => cloud.clb.AssociateTargetGroups({ Associations: [association] });
  await done(cloud, associate());
  expect(await outcome(associate())).toBe("InvalidParameterValue");
  expect((await described(id))?.AssociatedRule).toMatchObject([
    { LoadBalancerId: lb, ListenerId: listener, Protocol: "TCP", Port: 6443 },
  ]);
  const listed = await cloud.clb.DescribeTargetGroupList({
    Filters: [{ Name: "TargetGroupName", Values: ["masters"] }],
  });
  expect(listed.TargetGroupSet).toMatchObject([
    { TargetGroupId: id, AssociatedRule: [], AssociatedRuleCount: 1 },
  ]);
  const { Listeners } = await cloud.clb.DescribeListeners({ LoadBalancerId: lb });
  expect(Listeners).toMatchObject([
    { TargetType: "TARGETGROUP", TargetGroup: { TargetGroupId: id, TargetGroupName: "masters" } },
  ]);
  const targets = await cloud.clb.DescribeTargets({ LoadBalancerId: lb });
  expect(targets.Listeners?.[0]?.Targets).toMatchObject([
    { InstanceId: instances[0], Weight: 10 },
    { InstanceId: instances[1], Weight: 20 },
  ]);
  const health = await cloud.clb.DescribeTargetHealth({ LoadBalancerIds: [lb] });
  expect(health.LoadBalancers?.[0]?.Listeners?.[0]?.Rules?.[0]?.Targets).toMatchObject([
    { TargetGroupId: id, HealthStatus: true },
    { TargetGroupId: id, HealthStatus: true },
  ]);

  const remove = () => cloud.clb.DeleteTargetGroups({ TargetGroupIds: [id] });
  expect(await outcome(remove())).toBe("FailedOperation");
  await cloud.clb.ModifyTargetGroupAttribute({
    TargetGroupId: id,
    TargetGroupName: "renamed",
    Port: 7443,
  });
  expect(await described(id)).toMatchObject({ TargetGroupName: "renamed", Port: 7443 });

  await cloud.cvm.TerminateInstances({ InstanceIds: [instances[0] as string] });
  await until(
    () => stateOf(cloud, instances[0] as string),
    (state) => state === "gone",
  );
  expect(await members(id)).toEqual([[ips[1], 6443, 20]]);

  const disassociate = () => cloud.clb.DisassociateTargetGroups({ Associations: [association] });
  await done(cloud, disassociate());
  expect(await outcome(disassociate())).toBe("InvalidParameterValue");
  await remove();
  expect(await described(id)).toBeUndefined();
  expect(await cloud.admin("GET", "/resources")).toMatchObject({ targetGroups: [], tags: [] });
});

test.each<[string, () => object, string]>([
  ["in no VPC", () => ({ VpcId: "vpc-00000000" }), "InvalidParameterValue"],
  ["without a VPC", () => ({ VpcId: undefined }), "InvalidParameterValue"],
  ["without a port", () => ({ Port: undefined }), "InvalidParameterValue"],
  ["on port 0", () => ({ Port: 0 }), "InvalidParameterValue"],
  ["of version v2", () => ({ Type: "v2", Protocol: "TCP" }), "UnsupportedOperation"],
  ["with a check", () => ({ HealthCheck: { HealthSwitch: true } }), "UnsupportedOperation"],
  ["with a long name", () => ({ TargetGroupName: "x".repeat(81) }), "InvalidParameterValue.Length"],
  [
    "with a stranger",
    () => ({ TargetGroupInstances: [{ BindIP: "10.1.1.250" }] }),
    "InvalidParameterValue",
  ],
  [
    "with one twice",
    () => ({ TargetGroupInstances: [{ BindIP: ips[0] }, { BindIP: ips[0], Port: 6443 }] }),
    "InvalidParameterValue",
  ],
])("a group %s is refused", async (_, fields, code) => {
  expect(await outcome(create(fields()))).toBe(code);
  expect(await cloud.admin("GET", "/resources")).toMatchObject({ targetGroups: [] });
});

test("groups and listeners fit: type, VPC, one task a load balancer, no targets beside", async () => {
  const id = await makeGroup();
  const { lb, listener } = await makeListener();
  const associate = (fields: object = {}) =>
    cloud.clb.AssociateTargetGroups({
      Associations: [{ LoadBalancerId: lb, ListenerId: listener, TargetGroupId: id, ...fields }],
    });
  expect(await outcome(associate({ TargetGroupId: "lbtg-00000000" }))).toBe(
    "InvalidParameterValue",
  );
  expect(await outcome(associate({ LoadBalancerId: "lb-00000000" }))).toBe(
    "InvalidParameter.LBIdNotFound",
  );
  expect(await outcome(associate({ ListenerId: undefined }))).toBe("InvalidParameterValue");
  const { Vpc } = await cloud.vpc.CreateVpc({ VpcName: "other", CidrBlock: "10.9.0.0/16" });
  const foreign = await makeGroup({ VpcId: Vpc?.VpcId as string });
  expect(await outcome(associate({ TargetGroupId: foreign }))).toBe("InvalidParameterValue");
  const node = await makeListener({ TargetType: "NODE" });
  expect(await outcome(associate({ LoadBalancerId: node.lb, ListenerId: node.listener }))).toBe(
    "InvalidParameterValue",
  );
  expect(
    await outcome(
      cloud.clb.RegisterTargets({
        LoadBalancerId: lb,
        ListenerId: listener,
        Targets: [{ InstanceId: instances[0], Port: 1 }],
      }),
    ),
  ).toBe("InvalidParameterValue");
  const first = await associate();
  expect(await outcome(associate())).toBe("FailedOperation.ResourceInOperating");
  await done(cloud, Promise.resolve(first));
  expect(
    await outcome(
      cloud.clb.ModifyListener({ LoadBalancerId: lb, ListenerId: listener, TargetType: "NODE" }),
    ),
  ).toBe("InvalidParameterValue");
  const { Vpc: gone } = await cloud.vpc.CreateVpc({ VpcName: "v", CidrBlock: "10.8.0.0/16" });
  await makeGroup({ VpcId: gone?.VpcId as string });
  expect(await outcome(cloud.vpc.DeleteVpc({ VpcId: gone?.VpcId as string }))).toBe(
    "ResourceInUse",
  );
});
