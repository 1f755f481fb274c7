import {
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
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

describe("VPC and subnet", () => {
  test("a VPC is born with a main route table and goes with it", async () => {
    const tables = await cloud.vpc.DescribeRouteTables({
      Filters: [
        { Name: "vpc-id", Values: [network.vpcId] },
        { Name: "association.main", Values: ["true"] },
      ],
      Offset: "0",
      Limit: "100",
    });
    expect(tables.RouteTableSet).toHaveLength(1);
    expect(tables.RouteTableSet?.[0]?.AssociationSet).toMatchObject([
      { SubnetId: network.subnetId },
    ]);
    expect(await outcome(cloud.vpc.DeleteVpc({ VpcId: network.vpcId }))).toBe("ResourceInUse");
    await cloud.vpc.DeleteSubnet({ SubnetId: network.subnetId });
    await cloud.vpc.DeleteVpc({ VpcId: network.vpcId });
    expect(await cloud.admin("GET", "/resources")).toMatchObject({ vpcs: [], routeTables: [] });
    const left = await cloud.vpc.DescribeVpcs({
      Filters: [{ Name: "vpc-id", Values: [network.vpcId] }],
    });
    expect(left).toMatchObject({ TotalCount: 0, VpcSet: [] });
  });

  test.each<[string, object, string]>([
    ["outside the VPC", { CidrBlock: "10.2.0.0/24" }, "InvalidParameterValue.SubnetRange"],
    ["over another", { CidrBlock: "10.1.1.128/25" }, "InvalidParameterValue.SubnetConflict"],
    ["with host bits", { CidrBlock: "10.1.2.1/24" }, "InvalidParameterValue.Malformed"],
    ["in no zone", { Zone: "nowhere" }, "InvalidParameterValue.ZoneConflict"],
    ["in no VPC", { VpcId: "vpc-00000000" }, "ResourceNotFound"],
    ["in a VPC of a wrong id", { VpcId: "vpc" }, "InvalidParameterValue.Malformed"],
  ])("a subnet %s is refused", async (_, fields, code) => {
    const call = cloud.vpc.CreateSubnet({
      VpcId: network.vpcId,
      SubnetName: "s",
      CidrBlock: "10.1.2.0/24",
      Zone: zone,
      ...fields,
    });
    expect(await outcome(call)).toBe(code);
  });

  test("quotas, filters and pages", async () => {
    for (let n = 1; n < 20; n++) {
      await cloud.vpc.CreateVpc({ VpcName: `v${n}`, CidrBlock: "192.168.0.0/16" });
    }
    expect(await outcome(cloud.vpc.CreateVpc({ VpcName: "v", CidrBlock: "192.168.0.0/16" }))).toBe(
      "LimitExceeded",
    );
    const page = await cloud.vpc.DescribeVpcs({ Offset: "15", Limit: "10" });
    expect(page.TotalCount).toBe(20);
    expect(page.VpcSet).toHaveLength(5);
    const named = await cloud.vpc.DescribeVpcs({
      Filters: [
        { Name: "vpc-name", Values: ["v1", "v2"] },
        { Name: "cidr-block", Values: ["192.168.0.0/16"] },
      ],
    });
    expect(named.VpcSet?.map((each) => each.VpcName)).toEqual(["v1", "v2"]);
    const codes = [
      { Filters: [{ Name: "colour", Values: ["red"] }] },
      { Limit: "1000" },
      { Limit: "ten" },
      { VpcIds: [network.vpcId], Filters: [{ Name: "vpc-name", Values: ["v1"] }] },
      { VpcIds: ["vpc-00000000"] },
    ].map((request) => outcome(cloud.vpc.DescribeVpcs(request)));
    expect(await Promise.all(codes)).toEqual([
      "InvalidParameter.FilterInvalidKey",
      "InvalidParameterValue.Range",
      "InvalidParameterValue.Range",
      "InvalidParameter.Coexist",
      "ResourceNotFound",
    ]);
  });
});

test("routes lead to instances of the VPC and reach the world", async () => {
  const { RouteTable } = await cloud.vpc.CreateRouteTable({
    VpcId: network.vpcId,
    RouteTableName: "custom",
  });
  const table = RouteTable?.RouteTableId as string;
  await cloud.vpc.ReplaceRouteTableAssociation({ RouteTableId: table, SubnetId: network.subnetId });
  const id = await makeInstance(cloud, network);
  const hop = cloud.world.desired.hosts.find((each) => each.instanceId === id)?.privateIp as string;
  const route = (destination: string, gateway = hop, type = "NORMAL_CVM") =>
    cloud.vpc.CreateRoutes({
      RouteTableId: table,
      Routes: [{ DestinationCidrBlock: destination, GatewayType: type, GatewayId: gateway }],
    });
  const made = await route("10.200.0.0/24");
  expect(made.RouteTableSet?.[0]?.RouteSet).toHaveLength(1);
  const routeId = made.RouteTableSet?.[0]?.RouteSet?.[0]?.RouteId as number;
  await until(
    () => Promise.resolve(cloud.world.desired.routes),
    (routes) => routes[0]?.nextHopIp === hop,
  );
  expect(await outcome(route("10.200.0.0/24"))).toBe("InvalidParameterValue.Duplicate");
  expect(await outcome(route("10.1.9.0/24"))).toBe("InvalidParameterValue.VpcCidrConflict");
  expect(await outcome(route("10.201.0.0/24", "10.9.9.9"))).toBe("InvalidParameterValue.Malformed");
  expect(await outcome(route("10.202.0.0/24", "havip-00000000", "HAVIP"))).toBe("ResourceNotFound");
  await cloud.vpc.DisableRoutes({ RouteTableId: table, RouteIds: [routeId] });
  await until(
    () => Promise.resolve(cloud.world.desired.routes),
    (routes) => routes.length === 0,
  );
  await cloud.vpc.DeleteRoutes({
    RouteTableId: table,
    Routes: [{ RouteId: routeId } as never],
  });
  expect(await outcome(cloud.vpc.DeleteRouteTable({ RouteTableId: table }))).toBe(
    "UnsupportedOperation.DelRouteWithSubnet",
  );
});

describe("security groups", () => {
  async function make(): Promise<string> {
    const { SecurityGroup } = await cloud.vpc.CreateSecurityGroup({
      GroupName: "g",
      GroupDescription: "",
    });
    return SecurityGroup?.SecurityGroupId as string;
  }
  const policies = async (id: string) =>
    (await cloud.vpc.DescribeSecurityGroupPolicies({ SecurityGroupId: id })).SecurityGroupPolicySet;

  test("rules are kept in order, versions count up, and the world sees them", async () => {
    const [id, other] = [await make(), await make()];
    await cloud.vpc.ModifySecurityGroupPolicies({
      SecurityGroupId: id,
      SecurityGroupPolicySet: {
        Ingress: [
          { Protocol: "tcp", Port: "22", SecurityGroupId: other, Action: "accept" },
          { Protocol: "ALL", CidrBlock: "10.1.0.0/16", Action: "DROP" },
        ],
        Egress: [{ Protocol: "ALL", Port: "ALL", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" }],
      },
    });
    expect(await policies(id)).toMatchObject({
      Version: "1",
      Ingress: [
        { PolicyIndex: 0, Port: "22", SecurityGroupId: other, Ipv6CidrBlock: "", CidrBlock: "" },
        { PolicyIndex: 1, Port: "ALL", Action: "DROP" },
      ],
    });
    await until(
      () => Promise.resolve(cloud.world.desired.securityGroups),
      (groups) => groups[0]?.ingress.length === 2,
    );
    expect(cloud.world.desired.securityGroups[0]).toEqual({
      securityGroupId: id,
      ingress: [
        { protocol: "TCP", ports: "22", securityGroupId: other, action: "ACCEPT" },
        { protocol: "ALL", ports: "ALL", cidr: "10.1.0.0/16", action: "DROP" },
      ],
      egress: [{ protocol: "ALL", ports: "ALL", cidr: "0.0.0.0/0", action: "ACCEPT" }],
    });
    expect(
      await outcome(
        cloud.vpc.ModifySecurityGroupPolicies({
          SecurityGroupId: id,
          SecurityGroupPolicySet: { Version: "1", Ingress: [] },
        }),
      ),
    ).toBe("UnsupportedOperation.VersionMismatch");
    await cloud.vpc.DeleteSecurityGroupPolicies({
      SecurityGroupId: id,
      SecurityGroupPolicySet: { Ingress: [{ PolicyIndex: 1 }] },
    });
    expect((await policies(id))?.Ingress).toHaveLength(1);
    expect(await outcome(cloud.vpc.DeleteSecurityGroup({ SecurityGroupId: other }))).toBe(
      "ResourceInUse",
    );
    await cloud.vpc.ModifySecurityGroupPolicies({
      SecurityGroupId: id,
      SecurityGroupPolicySet: { Version: "0", Ingress: [], Egress: [] },
    });
    expect(await policies(id)).toMatchObject({ Ingress: [], Egress: [] });
    await cloud.vpc.DeleteSecurityGroup({ SecurityGroupId: other });
  });

  test.each<[string, object]>([
    ["a port that is none", { Protocol: "TCP", Port: "70000", CidrBlock: "10.0.0.0/8" }],
    ["a range upside down", { Protocol: "TCP", Port: "90-80", CidrBlock: "10.0.0.0/8" }],
    ["a protocol that is none", { Protocol: "QUIC", CidrBlock: "10.0.0.0/8" }],
    ["ports of ICMP", { Protocol: "ICMP", Port: "80", CidrBlock: "10.0.0.0/8" }],
    ["a source that is none", { Protocol: "TCP", Port: "80", CidrBlock: "10.0.0.0.0" }],
  ])("%s is refused", async (_, policy) => {
    const call = cloud.vpc.ModifySecurityGroupPolicies({
      SecurityGroupId: await make(),
      SecurityGroupPolicySet: { Ingress: [{ Action: "ACCEPT", ...policy }] },
    });
    expect(await outcome(call)).toBe("InvalidParameterValue.Malformed");
  });

  test("a group in use cannot be deleted, and says by what", async () => {
    const id = await make();
    const instance = await makeInstance(cloud, network, { SecurityGroupIds: [id] });
    const statistics = await cloud.vpc.DescribeSecurityGroupAssociationStatistics({
      SecurityGroupIds: [id],
    });
    expect(statistics.SecurityGroupAssociationStatisticsSet?.[0]).toMatchObject({ CVM: 1, SG: 0 });
    await cloud.cvm.TerminateInstances({ InstanceIds: [instance] });
    await cloud.vpc.DeleteSecurityGroup({ SecurityGroupId: id });
  });
});

describe("addresses", () => {
  const address = async (id: string) =>
    (await cloud.vpc.DescribeAddresses({ AddressIds: [id] })).AddressSet?.[0];
  const settle = (id: string, status: string) =>
    until(
      () => address(id),
      (found) => found?.AddressStatus === status,
    );

  test("an EIP settles on the second look, binds, unbinds and goes", async () => {
    const { AddressSet } = await cloud.vpc.AllocateAddresses({ AddressName: "e" });
    const id = AddressSet?.[0] as string;
    expect((await address(id))?.AddressStatus).toBe("CREATING");
    expect((await address(id))?.AddressStatus).toBe("UNBIND");
    const instance = await makeInstance(cloud, network);
    await cloud.vpc.AssociateAddress({ AddressId: id, InstanceId: instance });
    const bound = await settle(id, "BIND");
    expect(cloud.world.desired.hosts[0]?.publicIp).toBe(bound?.AddressIp);
    expect(await outcome(cloud.vpc.ReleaseAddresses({ AddressIds: [id] }))).toBe(
      "UnsupportedOperation.AddressStatusNotPermit",
    );
    const { TaskId } = await cloud.vpc.DisassociateAddress({ AddressId: id });
    await until(
      () => cloud.vpc.DescribeTaskResult({ TaskId: Number(TaskId) }),
      (task) => task.Result === "SUCCESS",
    );
    await settle(id, "UNBIND");
    await cloud.vpc.ReleaseAddresses({ AddressIds: [id] });
    expect(await address(id)).toBeUndefined();
    expect(await outcome(cloud.vpc.ReleaseAddresses({ AddressIds: [id] }))).toBe(
      "InvalidAddressId.NotFound",
    );
  });

  test("ids and filters together narrow down: the provider looks so for an EIP of a dedicated cluster", async () => {
    const { AddressSet } = await cloud.vpc.AllocateAddresses({ AddressCount: 2 });
    const look = async (type: string) =>
      (
        await cloud.vpc.DescribeAddresses({
          AddressIds: AddressSet?.slice(0, 1),
          Filters: [{ Name: "business-type", Values: [type] }],
        })
      ).AddressSet?.map(({ AddressId }) => AddressId);
    expect(await look("CDC")).toEqual([]);
    expect(await look("EIP")).toEqual(AddressSet?.slice(0, 1));
  });

  test("a HAVIP takes an address, an EIP and an owner", async () => {
    const { HaVip } = await cloud.vpc.CreateHaVip({
      VpcId: network.vpcId,
      SubnetId: network.subnetId,
      HaVipName: "vip",
      Vip: "10.1.1.100",
      CheckAssociate: true,
    });
    const id = HaVip?.HaVipId as string;
    const haVip = async () => (await cloud.vpc.DescribeHaVips({ HaVipIds: [id] })).HaVipSet?.[0];
    expect(await haVip()).toMatchObject({ AddressIp: "", InstanceId: "", State: "UNBIND" });
    const [one, two] = [await makeInstance(cloud, network), await makeInstance(cloud, network)];
    await cloud.vpc.AssociateHaVipInstance({
      HaVipAssociationSet: [one, two].map((InstanceId) => ({ HaVipId: id, InstanceId })),
    });
    await until(
      () => Promise.resolve(cloud.world.desired.haVips[0]),
      (spec) => spec?.allowedInstanceIds?.length === 2,
    );
    const filtered = await cloud.vpc.DescribeHaVips({
      Filters: [{ Name: "havip-association.instance-id", Values: [two] }],
    });
    expect(filtered.HaVipSet?.[0]?.HaVipAssociationSet?.[0]?.InstanceId).toBe(two);
    cloud.world.announce(id, two);
    expect(await haVip()).toMatchObject({ InstanceId: two, State: "AVAILABLE" });

    const { AddressSet } = await cloud.vpc.AllocateAddresses({});
    const eip = AddressSet?.[0] as string;
    const { AddressIp } = await settle(eip, "UNBIND").then((found) => found ?? {});
    await cloud.vpc.HaVipAssociateAddressIp({ HaVipId: id, AddressIp: AddressIp as string });
    await until(haVip, (found) => found?.AddressIp === AddressIp);
    expect(cloud.world.desired.haVips[0]).toMatchObject({
      vip: "10.1.1.100",
      publicIp: AddressIp,
      ownerInstanceId: two,
    });
    expect(await outcome(cloud.vpc.DeleteHaVip({ HaVipId: id }))).toBe("UnsupportedOperation");
    await cloud.vpc.HaVipDisassociateAddressIp({ HaVipId: id });
    await until(haVip, (found) => found?.AddressIp === "");
    await cloud.cvm.TerminateInstances({ InstanceIds: [two] });
    expect(await haVip()).toMatchObject({ InstanceId: "", State: "UNBIND" });
    await cloud.vpc.DeleteHaVip({ HaVipId: id });
    expect(await haVip()).toBeUndefined();
  });

  test("a taken or foreign VIP is refused, and the eleventh HAVIP of a VPC", async () => {
    const make = (Vip?: string) =>
      cloud.vpc.CreateHaVip({
        VpcId: network.vpcId,
        SubnetId: network.subnetId,
        HaVipName: "v",
        ...(Vip !== undefined && { Vip }),
      });
    await make("10.1.1.50");
    expect(await outcome(make("10.1.1.50"))).toBe("InvalidParameterValue.Duplicate");
    expect(await outcome(make("10.1.9.9"))).toBe("InvalidParameterValue.Range");
    for (let n = 1; n < 10; n++) {
      await make();
    }
    expect(await outcome(make())).toBe("LimitExceeded");
  });

  test("a NAT gateway takes EIPs and gives them back", async () => {
    const { AddressSet } = await cloud.vpc.AllocateAddresses({});
    const eip = AddressSet?.[0] as string;
    const free = await settle(eip, "UNBIND");
    const made = await cloud.vpc.CreateNatGateway({
      NatGatewayName: "nat",
      VpcId: network.vpcId,
      PublicIpAddresses: [free?.AddressIp as string],
    });
    const id = made.NatGatewaySet?.[0]?.NatGatewayId as string;
    const nat = async () =>
      (await cloud.vpc.DescribeNatGateways({ NatGatewayIds: [id] })).NatGatewaySet?.[0];
    await until(nat, (found) => found?.State === "AVAILABLE");
    expect(await nat()).toMatchObject({ PublicIpAddressSet: [{ AddressId: eip }] });

    // It leads those out whose route leads to it.
    await makeInstance(cloud, network);
    const led = (expected: true | undefined) =>
      until(
        () => Promise.resolve(cloud.world.desired.hosts.map(({ behindNat }) => behindNat)),
        (found) => found.length === 1 && found[0] === expected,
      );
    await led(undefined);
    const { RouteTableSet } = await cloud.vpc.DescribeRouteTables({
      Filters: [{ Name: "vpc-id", Values: [network.vpcId] }],
    });
    const RouteTableId = RouteTableSet?.[0]?.RouteTableId as string;
    const routed = await cloud.vpc.CreateRoutes({
      RouteTableId,
      Routes: [{ DestinationCidrBlock: "0.0.0.0/0", GatewayType: "NAT", GatewayId: id }],
    });
    await led(true);
    expect(await outcome(cloud.vpc.DeleteNatGateway({ NatGatewayId: id }))).toBe("ResourceInUse");
    const RouteId = routed.RouteTableSet?.[0]?.RouteSet?.[0]?.RouteId as number;
    await cloud.vpc.DeleteRoutes({ RouteTableId, Routes: [{ RouteId }] as never });
    await led(undefined);

    await cloud.vpc.DeleteNatGateway({ NatGatewayId: id });
    await until(nat, (found) => found === undefined);
    expect((await address(eip))?.AddressStatus).toBe("UNBIND");
  });
});
