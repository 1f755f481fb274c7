import {
  clusterNames,
  orphansOf,
  readInventory,
  removeAll,
} from "../../operations/orphans/inventory";
import { planOf } from "../unit/plan/fixture";
import { debian, makeInstance, startTestCloud, type TestCloud, until, zone } from "./support/cloud";

// A cluster that lost its state, and beside it what is not the cluster's, on the same account.
const plan = planOf();
const names = clusterNames(plan);
const tags = (cluster: string) => [{ Key: "kubernetes-ha/cluster", Value: cluster }];

let cloud: TestCloud;
let mine: string[];

beforeAll(async () => {
  cloud = await startTestCloud();
  mine = [];
  for (const cluster of ["prod", "other"]) mine.push(...(await makeCluster(cluster)));
});
afterAll(() => cloud.close());

/** One resource of every kind, bound to one another as in use. @returns the ids if the cluster is ours. */
async function makeCluster(cluster: string): Promise<string[]> {
  const { cvm, vpc, cbs } = cloud;
  const Tags = tags(cluster);
  const ours = cluster === plan.name;
  const { Vpc } = await vpc.CreateVpc({ VpcName: "net", CidrBlock: "10.1.0.0/16", Tags });
  const VpcId = Vpc?.VpcId as string;
  const range = { CidrBlock: "10.1.1.0/24", Zone: zone };
  const { Subnet } = await vpc.CreateSubnet({ VpcId, SubnetName: "subnet", ...range, Tags });
  const SubnetId = Subnet?.SubnetId as string;
  // Two groups that name each other, as the cluster's do.
  const groups: string[] = [];
  for (const role of ["etcd", "master"]) {
    const group = { GroupName: role, GroupDescription: role, Tags };
    const { SecurityGroup } = await vpc.CreateSecurityGroup(group);
    groups.push(SecurityGroup?.SecurityGroupId as string);
  }
  for (const [index, SecurityGroupId] of groups.entries()) {
    const rule = {
      Protocol: "tcp",
      Port: "2379",
      Action: "ACCEPT",
      SecurityGroupId: groups[1 - index],
    };
    const set = { Version: "0", Ingress: [rule], Egress: [] };
    await vpc.ModifySecurityGroupPolicies({ SecurityGroupId, SecurityGroupPolicySet: set });
  }
  // Neither of these is tagged when it is made: known by their planned names.
  const vipName = ours ? plan.entry.vipName : "other-api";
  const { HaVip } = await vpc.CreateHaVip({ VpcId, SubnetId, HaVipName: vipName });
  const { DisasterRecoverGroupId } = await cvm.CreateDisasterRecoverGroup({
    Name: ours ? "prod-etcd" : "prod-etcd-of-others",
    Type: "HOST",
  });
  const { KeyPair } = await cvm.CreateKeyPair({
    KeyName: ours ? "prod_operator" : "other_operator",
    ProjectId: 0,
  });
  const { DiskIdSet } = await cbs.CreateDisks({
    ...{ DiskName: "data", DiskType: "CLOUD_HSSD", DiskSize: 20, Tags },
    ...{ DiskChargeType: "POSTPAID_BY_HOUR", Placement: { Zone: zone } },
  });
  const { AddressSet } = await vpc.AllocateAddresses({ AddressName: "bastion", Tags });
  const instance = await makeInstance(
    cloud,
    { vpcId: VpcId, subnetId: SubnetId },
    {
      InstanceName: "host",
      ImageId: debian,
      SecurityGroupIds: groups,
      LoginSettings: { KeyIds: [KeyPair?.KeyId] },
      DisasterRecoverGroupIds: [DisasterRecoverGroupId],
      TagSpecification: [{ ResourceType: "instance", Tags }],
    },
  );
  const disk = DiskIdSet?.[0] as string;
  await until(
    async () => (await cbs.DescribeDisks({ DiskIds: [disk] })).DiskSet?.[0]?.DiskState,
    (state) => state === "UNATTACHED",
  );
  await cbs.AttachDisks({ DiskIds: [disk], InstanceId: instance });
  const address = AddressSet?.[0] as string;
  await until(
    async () =>
      (await vpc.DescribeAddresses({ AddressIds: [address] })).AddressSet?.[0]?.AddressStatus,
    (state) => state === "UNBIND",
  );
  await vpc.AssociateAddress({ AddressId: address, InstanceId: instance });
  await vpc.AssociateHaVipInstance({
    HaVipAssociationSet: [{ HaVipId: HaVip?.HaVipId, InstanceId: instance, InstanceType: "CVM" }],
  });
  const made = [
    ...[VpcId, SubnetId, ...groups, HaVip?.HaVipId, DisasterRecoverGroupId, KeyPair?.KeyId],
    ...[disk, address, instance],
  ];
  return ours ? made.map(String) : [];
}

test("the inventory holds the cluster's own resources of every kind, by tag or by planned name, and nobody else's", async () => {
  const inventory = await readInventory(cloud, names);
  expect(inventory.map(({ id }) => id).sort()).toEqual([...mine].sort());
  expect(new Set(inventory.map(({ type }) => type)).size).toBe(9);
  // Disk, EIP and HAVIP.
  const attached = inventory.filter(({ instanceIds }) => instanceIds[0]?.startsWith("ins-"));
  expect(attached.map(({ used }) => used)).toEqual([true, true, true]);
});

test("a name that is tagged as another cluster's is that cluster's", async () => {
  const inventory = await readInventory(cloud, {
    cluster: "third",
    names: new Set(["net", "host"]),
  });
  expect(inventory).toEqual([]);
});

test("orphans are what no state knows", async () => {
  const inventory = await readInventory(cloud, names);
  const [known, ...rest] = mine;
  expect(
    orphansOf(inventory, [known as string])
      .map(({ id }) => id)
      .sort(),
  ).toEqual(rest.sort());
});

test("what is still held is said, with the cloud's own words, and nothing goes on for ever", async () => {
  const inventory = await readInventory(cloud, names);
  const network = inventory.filter(({ id }) => id.startsWith("vpc-"));
  await expect(removeAll(cloud, network, 1)).rejects.toThrow(/vpc-\w+ \(net\).*last answer: \S+/);
});

test("a HAVIP that an instance may take is removed, and the instance stays", async () => {
  const inventory = await readInventory(cloud, names);
  const [vip] = inventory.filter(({ id }) => id.startsWith("havip-"));
  await removeAll(cloud, vip ? [vip] : []);
  const left = await readInventory(cloud, names);
  expect(left.map(({ id }) => id).sort()).toEqual(
    mine.filter((id) => !id.startsWith("havip-")).sort(),
  );
});

test("all are removed, in an order that the cloud accepts, and the other cluster stays whole", async () => {
  await removeAll(cloud, await readInventory(cloud, names));
  expect(await readInventory(cloud, names)).toEqual([]);
  const left = (await cloud.admin("GET", "/resources")) as Record<string, string[]>;
  expect(
    Object.values(left)
      .flat()
      .filter((id) => mine.includes(id)),
  ).toEqual([]);
  expect(left["instances"]).toHaveLength(1);
  expect(left["disks"]?.length).toBeGreaterThanOrEqual(1);
});
