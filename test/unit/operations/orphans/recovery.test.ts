import type { StackExport } from "../../../../operations/orphans/deployment";
import type { CloudResource } from "../../../../operations/orphans/kinds";
import { settle } from "../../../../operations/orphans/recovery";

const instanceType = "tencentcloud:index/instance:Instance";
const diskType = "tencentcloud:index/cbsStorage:CbsStorage";

const urn = (type: string, name: string): string => `urn:pulumi:prod::project::${type}::${name}`;

function pending(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  operation = "creating",
) {
  return {
    type: operation,
    resource: { urn: urn(type, name), type, custom: true, inputs, parent: "urn:of:the:host" },
  };
}

const stackOf = (
  pendingOperations: ReturnType<typeof pending>[],
  resources: StackExport["deployment"]["resources"] = [],
): StackExport => ({
  version: 3,
  deployment: { manifest: { time: "t" }, resources, pending_operations: pendingOperations },
});

const cloudResource = (type: string, id: string, name: string, rest: Partial<CloudResource> = {}) =>
  ({
    type,
    id,
    name,
    created: "",
    tags: {},
    place: {},
    instanceIds: [],
    parts: {},
    used: false,
    ...rest,
  }) satisfies CloudResource;

const place = { vpcId: "vpc-1", subnetId: "subnet-1", privateIp: "10.0.0.2" };
const ordered = {
  __defaults: ["x"],
  instanceName: "prod-etcd-1",
  hostname: "prod-etcd-1",
  ...place,
};
const machine = cloudResource(instanceType, "ins-1", "prod-etcd-1", { place });
const create = pending(instanceType, "prod-etcd-1", ordered);

describe("a create that was interrupted", () => {
  test("is completed in the state when the cloud has carried it out", () => {
    const { state, adopted, forgotten } = settle(stackOf([create]), [machine], [machine]);
    expect(adopted).toEqual([{ urn: create.resource.urn, id: "ins-1" }]);
    expect(forgotten).toEqual([]);
    const outputs: Partial<typeof ordered> = { ...ordered };
    delete outputs.__defaults;
    expect(state.deployment.resources).toEqual([
      { ...create.resource, id: "ins-1", outputs: { ...outputs, instanceId: "ins-1" } },
    ]);
    expect(state.deployment.pending_operations).toEqual([]);
    expect(state.deployment["manifest"]).toEqual({ time: "t" });
  });

  const elsewhere = { ...machine, place: { ...place, vpcId: "vpc-2" } };
  test.each<[string, CloudResource[], CloudResource[]]>([
    ["never reached the cloud", [], []],
    ["is in another network", [elsewhere], [elsewhere]],
    ["is known to some state already", [machine], []],
    [
      "is there twice",
      [machine, { ...machine, id: "ins-2" }],
      [machine, { ...machine, id: "ins-2" }],
    ],
    [
      "has another name",
      [{ ...machine, name: "prod-etcd-2" }],
      [{ ...machine, name: "prod-etcd-2" }],
    ],
    ["is in use", [{ ...machine, used: true }], [{ ...machine, used: true }]],
  ])("is forgotten when its resource %s", (_, inventory, orphans) => {
    const { state, adopted, forgotten } = settle(stackOf([create]), inventory, orphans);
    expect({ adopted, forgotten }).toEqual({ adopted: [], forgotten: [create.resource.urn] });
    expect(state.deployment).toMatchObject({ resources: [], pending_operations: [] });
  });

  test("of a replacement leaves the old resource alone", () => {
    const old = { urn: create.resource.urn, type: instanceType, id: "ins-0" };
    const { state, forgotten } = settle(stackOf([create], [old]), [machine], [machine]);
    expect(state.deployment.resources).toEqual([old]);
    expect(forgotten).toEqual([create.resource.urn]);
  });

  test("of a replacement whose old resource went first is completed in its place", () => {
    const { urn: replaced } = create.resource;
    const [vpc, step] = [
      { urn: urn("tencentcloud:index/vpc:Vpc", "prod"), type: "tencentcloud:index/vpc:Vpc" },
      { urn: urn("command:remote:Command", "prod-etcd-1-etcd"), type: "command:remote:Command" },
    ];
    const gone = { urn: replaced, type: instanceType, id: "ins-0", pendingReplacement: true };
    const before = stackOf([create], [vpc, gone, step]);
    const { state, adopted } = settle(before, [machine], [machine]);
    expect(adopted).toEqual([{ urn: replaced, id: "ins-1" }]);
    const after = state.deployment.resources ?? [];
    expect(after.map((each) => each.urn)).toEqual([vpc.urn, replaced, step.urn]);
    expect(after[1]).toMatchObject({ id: "ins-1", inputs: ordered });
    expect(after[1]).not.toHaveProperty("pendingReplacement");
    // Nothing came of it: the note stays, and the next `up` makes the successor.
    const none = settle(before, [], []);
    expect(none.forgotten).toEqual([replaced]);
    expect(none.state.deployment.resources).toEqual([vpc, gone, step]);
  });

  describe("and told as failed, while its former is gone", () => {
    const gone = {
      ...{ urn: create.resource.urn, type: instanceType, id: "ins-0", inputs: ordered },
      ...{ pendingReplacement: true, replacementTrigger: 1 },
    };
    test("has its machine taken into the state, as the former was ordered: what it is to be instead is a change of the next run", () => {
      const { state, adopted, forgotten } = settle(stackOf([], [gone]), [machine], [machine]);
      expect(adopted).toEqual([{ urn: gone.urn, id: "ins-1" }]);
      expect(forgotten).toEqual([]);
      const [resource] = state.deployment.resources ?? [];
      expect(resource).toMatchObject({ id: "ins-1", inputs: ordered, replacementTrigger: 1 });
      expect(resource).not.toHaveProperty("pendingReplacement");
    });

    test.each<[string, object, CloudResource[]]>([
      ["never came", gone, []],
      ["is in another network", gone, [elsewhere]],
      ["is there twice", gone, [machine, { ...machine, id: "ins-2" }]],
      ["is in use", gone, [{ ...machine, used: true }]],
      ["is beside a former that is still there", { ...gone, pendingReplacement: false }, [machine]],
    ])("is left alone when it %s", (_, resource, orphans) => {
      const before = stackOf([], [resource as never]);
      const { state, adopted } = settle(before, orphans, orphans);
      expect(adopted).toEqual([]);
      expect(state.deployment.resources).toEqual([resource]);
    });
  });

  test("of the route to a NAT gateway is completed when the cloud has it, by the id that the table gave it", () => {
    const gateway = cloudResource("tencentcloud:index/natGateway:NatGateway", "nat-1", "prod-nat", {
      parts: { "rtb-1 0.0.0.0/0": "7.rtb-1" },
    });
    const route = pending("tencentcloud:index/routeTableEntry:RouteTableEntry", "prod-nat", {
      ...{ routeTableId: "rtb-1", destinationCidrBlock: "0.0.0.0/0", nextHub: "nat-1" },
    });
    const { adopted } = settle(stackOf([route]), [gateway], []);
    expect(adopted).toEqual([{ urn: route.resource.urn, id: "7.rtb-1" }]);
    const { forgotten } = settle(stackOf([route]), [{ ...gateway, parts: {} }], []);
    expect(forgotten).toEqual([route.resource.urn]);
  });

  const bind = pending("tencentcloud:index/eipAssociation:EipAssociation", "bastion", {
    eipId: "eip-1",
    instanceId: "ins-1",
  });
  const attach = pending("tencentcloud:index/cbsStorageAttachment:CbsStorageAttachment", "data", {
    storageId: "disk-1",
    instanceId: "ins-1",
  });
  const associate = pending(
    "tencentcloud:index/haVipInstanceAttachment:HaVipInstanceAttachment",
    "balancer",
    { haVipId: "havip-1", instanceId: "ins-1", instanceType: "CVM" },
  );
  const address = cloudResource("tencentcloud:index/eip:Eip", "eip-1", "bastion");
  const disk = cloudResource(diskType, "disk-1", "data");
  const vip = cloudResource("tencentcloud:index/haVip:HaVip", "havip-1", "api");

  test("of a binding is completed when the cloud has bound the two", () => {
    const inventory = [
      { ...address, instanceIds: ["ins-1"], used: true },
      { ...disk, instanceIds: ["ins-1"], used: true },
      // A HAVIP may be taken by several.
      { ...vip, instanceIds: ["ins-9", "ins-1"], used: true },
    ];
    expect(settle(stackOf([bind, attach, associate]), inventory, []).adopted).toEqual([
      { urn: bind.resource.urn, id: "eip-1::ins-1" },
      { urn: attach.resource.urn, id: "disk-1" },
      { urn: associate.resource.urn, id: "havip-1#ins-1" },
    ]);
  });

  test("of a binding is forgotten when the two are free, or bound to others", () => {
    const inventory = [
      address,
      { ...disk, instanceIds: ["ins-9"], used: true },
      { ...vip, instanceIds: ["ins-9"], used: true },
    ];
    const { forgotten, adopted } = settle(stackOf([bind, attach, associate]), inventory, []);
    expect(forgotten).toHaveLength(3);
    expect(adopted).toEqual([]);
  });

  describe("of what lives in another resource", () => {
    const index = "tencentcloud:index/";
    const operations = [
      pending(`${index}clbListener:ClbListener`, "api", {
        ...{ clbId: "lb-1", protocol: "TCP", port: 6443 },
      }),
      pending(`${index}clbTargetGroupAttachment:ClbTargetGroupAttachment`, "api", {
        ...{ clbId: "lb-1", listenerId: "lbl-1", targetGroupId: "lbtg-1" },
      }),
      pending(`${index}clbTargetGroupInstanceAttachment:ClbTargetGroupInstanceAttachment`, "m-1", {
        ...{ targetGroupId: "lbtg-1", bindIp: "10.0.0.64", port: 6443, weight: 10 },
      }),
      pending(`${index}privateDnsRecord:PrivateDnsRecord`, "api", {
        ...{ zoneId: "zone-1", subDomain: "@", recordType: "A" },
      }),
    ];
    const balancer = cloudResource(`${index}clbInstance:ClbInstance`, "lb-1", "prod-api");
    const group = cloudResource(`${index}clbTargetGroup:ClbTargetGroup`, "lbtg-1", "prod-masters");
    const zone = cloudResource(
      `${index}privateDnsZone:PrivateDnsZone`,
      "zone-1",
      "api.prod.internal",
    );

    test("is completed when it is there", () => {
      const inventory: CloudResource[] = [
        { ...balancer, parts: { "TCP 6443": "lb-1#lbl-1" } },
        {
          ...group,
          parts: { "lbl-1": "lbtg-1#lbl-1#lb-1#", "10.0.0.64:6443": "lbtg-1#10.0.0.64#6443" },
        },
        { ...zone, parts: { "A @": "zone-1#1" } },
      ];
      expect(settle(stackOf(operations), inventory, []).adopted.map(({ id }) => id)).toEqual([
        ...["lb-1#lbl-1", "lbtg-1#lbl-1#lb-1#", "lbtg-1#10.0.0.64#6443", "zone-1#1"],
      ]);
    });

    test("is forgotten when it is not", () => {
      const inventory: CloudResource[] = [
        { ...balancer, parts: { "TCP 443": "lb-1#lbl-2" } },
        { ...group, parts: { "10.0.0.65:6443": "lbtg-1#10.0.0.65#6443" } },
        zone,
      ];
      expect(settle(stackOf(operations), inventory, []).forgotten).toHaveLength(4);
    });
  });

  test.each([
    "command:remote:Command",
    "command:local:Command",
    "pulumi:providers:command",
    "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet",
  ])("of a %s runs again", (type) => {
    const operation = pending(type, "step", {});
    expect(settle(stackOf([operation]), [], []).forgotten).toEqual([operation.resource.urn]);
  });

  test("of a component is forgotten: it has nothing in the cloud", () => {
    const { resource, type } = pending("kubernetes-ha:index:Host", "prod-etcd-1", {});
    const component = { type, resource: { ...resource, custom: false } };
    expect(settle(stackOf([component]), [], []).forgotten).toEqual([resource.urn]);
  });

  test("of a kind that nobody here can look for stays pending, and a person is told", () => {
    const operation = pending("tencentcloud:index/redisInstance:RedisInstance", "cache", {});
    const { state, unsettled } = settle(stackOf([operation]), [], []);
    expect(state.deployment.pending_operations).toEqual([operation]);
    expect(unsettled).toEqual([
      { urn: operation.resource.urn, why: expect.stringContaining("RedisInstance") as string },
    ]);
  });
});

test("updates and deletions of cloud resources are read again; those of steps run again by themselves", () => {
  const update = pending(instanceType, "prod-etcd-1", ordered, "updating");
  const removal = pending(diskType, "data", {}, "deleting");
  const step = pending("command:remote:Command", "step", {}, "updating");
  const { state, reread } = settle(stackOf([update, removal, step]), [], []);
  expect(reread).toEqual([update.resource.urn, removal.resource.urn]);
  expect(state.deployment.pending_operations).toEqual([]);
});
