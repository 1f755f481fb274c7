import {
  debian,
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  stateOf,
  until,
  zone,
  type TestCloud,
} from "./support/cloud";

let cloud: TestCloud;
let network: { vpcId: string; subnetId: string };

beforeEach(async () => {
  cloud = await startTestCloud();
  network = await makeNetwork(cloud);
});
afterEach(() => cloud.close());

function order(fields: object = {}) {
  return cloud.cvm.RunInstances({
    Placement: { Zone: zone },
    ImageId: debian,
    InstanceType: "S5.SMALL2",
    VirtualPrivateCloud: { VpcId: network.vpcId, SubnetId: network.subnetId },
    ...fields,
  });
}

describe("life", () => {
  test("an instance is visible at once, runs when its host does, and gives all back when it goes", async () => {
    const userData = Buffer.from("#cloud-config\n").toString("base64");
    const id = await makeInstance(cloud, network, {
      InstanceName: "one",
      HostName: "one",
      UserData: userData,
      VirtualPrivateCloud: {
        VpcId: network.vpcId,
        SubnetId: network.subnetId,
        PrivateIpAddresses: ["10.1.1.9"],
      },
      SystemDisk: { DiskType: "CLOUD_SSD", DiskSize: 70 },
      DataDisks: [{ DiskType: "CLOUD_SSD", DiskSize: 20 }],
      TagSpecification: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "b" }] }],
    });
    expect(cloud.world.desired.hosts).toMatchObject([
      {
        instanceId: id,
        hostName: "one",
        privateIp: "10.1.1.9",
        userData: "#cloud-config\n",
        systemDisk: { sizeGiB: 70 },
      },
    ]);
    const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: [id] });
    expect(InstanceSet?.[0]).toMatchObject({
      InstanceState: "RUNNING",
      LatestOperationState: "SUCCESS",
      PrivateIpAddresses: ["10.1.1.9"],
      Tags: [{ Key: "a", Value: "b" }],
      Placement: { HostId: "", RackId: "" },
    });
    expect(InstanceSet?.[0]?.DataDisks).toHaveLength(1);
    const attributes = await cloud.cvm.DescribeInstancesAttributes({
      InstanceIds: [id],
      Attributes: ["UserData"],
    });
    expect(attributes.InstanceSet?.[0]?.Attributes?.UserData).toBe(userData);

    await cloud.cvm.TerminateInstances({ InstanceIds: [id] });
    const used = await cloud.vpc.DescribeUsedIpAddress({
      VpcId: network.vpcId,
      IpAddresses: ["10.1.1.9"],
    });
    expect(used.IpAddressStates).toEqual([]);
    await until(
      () => stateOf(cloud, id),
      (state) => state === "gone",
    );
    expect(await cloud.admin("GET", "/resources")).toMatchObject({ instances: [], disks: [] });
    expect(cloud.world.desired.hosts).toEqual([]);
  });

  test("stop, start and reboot go through the world", async () => {
    const id = await makeInstance(cloud, network);
    await cloud.cvm.StopInstances({ InstanceIds: [id] });
    await until(
      () => stateOf(cloud, id),
      (state) => state === "STOPPED",
    );
    expect(cloud.world.desired.hosts[0]?.power).toBe("stopped");
    expect(await outcome(cloud.cvm.StopInstances({ InstanceIds: [id] }))).toBe(
      "UnsupportedOperation.InstanceStateStopped",
    );
    await cloud.cvm.StartInstances({ InstanceIds: [id] });
    await until(
      () => stateOf(cloud, id),
      (state) => state === "RUNNING",
    );
    await cloud.cvm.RebootInstances({ InstanceIds: [id] });
    expect(await stateOf(cloud, id)).toBe("REBOOTING");
    await until(
      () => stateOf(cloud, id),
      (state) => state === "RUNNING",
    );
  });

  test("a host that does not start is LAUNCH_FAILED with the reason, and frees its place", async () => {
    cloud.world.failStart.set("broken", "no such image");
    const { InstanceIdSet } = await order({ HostName: "broken" });
    const id = InstanceIdSet?.[0] as string;
    await until(
      () => stateOf(cloud, id),
      (state) => state === "LAUNCH_FAILED",
    );
    const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: [id] });
    expect(InstanceSet?.[0]).toMatchObject({
      LatestOperationState: "FAILED",
      LatestOperationErrorMsg: "no such image",
    });
    await cloud.cvm.TerminateInstances({ InstanceIds: [id] });
    await until(
      () => stateOf(cloud, id),
      (state) => state === "gone",
    );
  });

  test("a change of type or image takes the body off and on again", async () => {
    const id = await makeInstance(cloud, network);
    await cloud.cvm.ResetInstancesType({ InstanceIds: [id], InstanceType: "S5.LARGE8" });
    await until(
      () => stateOf(cloud, id),
      (state) => state === "RUNNING",
    );
    expect(cloud.world.desired.hosts[0]).toMatchObject({ cpus: 4, memoryMiB: 8192 });
    await cloud.cvm.ResetInstance({ InstanceId: id, ImageId: "img-487zeit5" });
    await until(
      () => stateOf(cloud, id),
      (state) => state === "RUNNING",
    );
    const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: [id] });
    expect(InstanceSet?.[0]?.ImageId).toBe("img-487zeit5");
  });
});

describe("what is refused", () => {
  test.each<[string, object, string]>([
    ["zone", { Placement: { Zone: "ap-nowhere-1" } }, "InvalidZone.MismatchRegion"],
    [
      "zone of the subnet",
      { Placement: { Zone: "ap-guangzhou-4" } },
      "InvalidParameterValue.VpcIdZoneIdNotMatch",
    ],
    ["type", { InstanceType: "S9.HUGE" }, "InvalidParameterValue.InstanceTypeNotFound"],
    ["image", { ImageId: "img-00000000" }, "InvalidImageId.NotFound"],
    ["image's shape", { ImageId: "debian" }, "InvalidImageId.Malformed"],
    ["security group", { SecurityGroupIds: ["sg-00000000"] }, "InvalidSecurityGroupId.NotFound"],
    [
      "key",
      { LoginSettings: { KeyIds: ["skey-00000000"] } },
      "InvalidParameterValue.KeyPairNotFound",
    ],
    [
      "group",
      { DisasterRecoverGroupIds: ["ps-00000000"] },
      "FailedOperation.DisasterRecoverGroupNotFound",
    ],
    ["user data's length", { UserData: "A".repeat(16388) }, "InvalidParameterValue.LimitExceeded"],
    ["user data's form", { UserData: "#cloud" }, "InvalidParameterValue.InvalidUserDataFormat"],
    ["host name", { HostName: "-bad-" }, "InvalidParameterValue.IllegalHostName"],
    [
      "disk size",
      { DataDisks: [{ DiskType: "CLOUD_SSD", DiskSize: 15 }] },
      "InvalidParameterValue",
    ],
    ["type of a field", { InstanceCount: "2" }, "InvalidParameter"],
    ["unknown nested field", { SystemDisk: { Size: 50 } }, "UnknownParameter"],
  ])("%s", async (_, fields, code) => {
    expect(await outcome(order(fields))).toBe(code);
    expect(await cloud.admin("GET", "/resources")).toMatchObject({ instances: [], disks: [] });
  });

  test("an address that is taken, or outside the subnet", async () => {
    const at = (ip: string, { vpcId: VpcId, subnetId: SubnetId } = network) =>
      order({ VirtualPrivateCloud: { VpcId, SubnetId, PrivateIpAddresses: [ip] } });
    await at("10.1.1.5");
    expect(await outcome(at("10.1.1.5"))).toBe("VpcIpIsUsed");
    // Addresses are those of a VPC: another one may have the same range.
    expect(await outcome(at("10.1.1.5", await makeNetwork(cloud)))).toBe("ok");
    expect(await outcome(at("10.2.0.5"))).toBe("VpcAddrNotInSubNet");
    expect(await outcome(at("10.1.1.1"))).toBe("VpcAddrNotInSubNet");
  });

  test("more instances than the hosts can carry", async () => {
    expect(await outcome(order({ InstanceType: "S5.4XLARGE64", InstanceCount: 13 }))).toBe(
      "ResourceInsufficient.SpecifiedInstanceType",
    );
    expect(await cloud.admin("GET", "/resources")).toMatchObject({ instances: [] });
    const { InstanceIdSet } = await order({
      InstanceType: "S5.4XLARGE64",
      InstanceCount: 13,
      MinCount: 2,
    });
    expect(InstanceIdSet).toHaveLength(12);
  });

  test("a dry run checks everything, stock too, and orders nothing", async () => {
    expect(await outcome(order({ DryRun: true }))).toBe("ok");
    expect(
      await outcome(order({ DryRun: true, InstanceType: "S5.4XLARGE64", InstanceCount: 13 })),
    ).toBe("ResourceInsufficient.SpecifiedInstanceType");
    expect(await cloud.admin("GET", "/resources")).toMatchObject({ instances: [] });
  });
});

test("a ClientToken seen before gets the same instances", async () => {
  const first = await order({ ClientToken: "t1" });
  const second = await order({ ClientToken: "t1" });
  expect(second.InstanceIdSet).toEqual(first.InstanceIdSet);
  expect(second.RequestId).not.toBe(first.RequestId);
  expect(await outcome(order({ ClientToken: "t1", HostName: "other" }))).toBe(
    "InvalidParameterValue",
  );
});
