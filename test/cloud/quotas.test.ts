import type { CloudSettingsInput } from "../../lab/cloud";
import {
  debian,
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  until,
  zone,
  type TestCloud,
} from "./support/cloud";

/** Longest a test may take, in ms: many calls, on a machine that may be busy. */

type Quotas = NonNullable<CloudSettingsInput["quotas"]>;
interface Ground {
  cloud: TestCloud;
  vpcId: string;
  subnetId: string;
  tableId: string;
}

async function withGround<T>(quotas: Quotas, work: (ground: Ground) => Promise<T>): Promise<T> {
  const cloud = await startTestCloud({ quotas });
  try {
    const network = await makeNetwork(cloud);
    const tables = await cloud.vpc.DescribeRouteTables({});
    const tableId = tables.RouteTableSet?.[0]?.RouteTableId as string;
    return await work({ cloud, ...network, tableId });
  } finally {
    await cloud.close();
  }
}

const makeGroup = async ({ cloud }: Ground, name = "g"): Promise<string> =>
  (await cloud.vpc.CreateSecurityGroup({ GroupName: name, GroupDescription: "" })).SecurityGroup
    ?.SecurityGroupId as string;

const makeEip = async ({ cloud }: Ground): Promise<string> => {
  const { AddressSet } = await cloud.vpc.AllocateAddresses({});
  const { AddressSet: seen } = await until(
    () => cloud.vpc.DescribeAddresses({ AddressIds: AddressSet }),
    (answer) => answer.AddressSet?.[0]?.AddressStatus === "UNBIND",
  );
  return seen?.[0]?.AddressIp as string;
};

const run = ({ cloud, vpcId, subnetId }: Ground, fields: object = {}): Promise<unknown> =>
  cloud.cvm.RunInstances({
    Placement: { Zone: zone },
    ImageId: debian,
    InstanceType: "S5.SMALL1",
    VirtualPrivateCloud: { VpcId: vpcId, SubnetId: subnetId },
    ...fields,
  });

const placementGroup = async ({ cloud }: Ground, type: string): Promise<string> =>
  (await cloud.cvm.CreateDisasterRecoverGroup({ Name: "g", Type: type, Affinity: 10 }))
    .DisasterRecoverGroupId as string;

const keys = [
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1c2r8oXqPv8xR6pTq0oV5mFqkqk6qOeP6L6c6u5f0b",
];

const rule = (fields: object = {}): object => ({
  Protocol: "TCP",
  Port: "22",
  CidrBlock: "10.0.0.0/8",
  Action: "ACCEPT",
  ...fields,
});

/** One row a quota: how much is left to use, how to use the nth, and the code beyond it. */
type Row = [
  keyof Quotas,
  limit: number,
  use: (ground: Ground, n: number) => Promise<() => Promise<unknown>>,
  code: string,
];
const now =
  (call: (ground: Ground, n: number) => Promise<unknown>): Row[2] =>
  (ground, n) =>
    Promise.resolve(() => call(ground, n));

/** Prepares once, before the first use. */
function prepared<T>(
  prepare: (ground: Ground) => Promise<T>,
  call: (ground: Ground, n: number, made: T) => Promise<unknown>,
): Row[2] {
  const made = new Map<Ground, T>();
  return async (ground, n) => {
    const known = made.get(ground) ?? (await prepare(ground));
    made.set(ground, known);
    return () => call(ground, n, known);
  };
}

const rows: Row[] = [
  [
    "vpcs",
    2,
    now(({ cloud }, n) =>
      n === 0 ? Promise.resolve() : cloud.vpc.CreateVpc({ VpcName: "v", CidrBlock: "10.9.0.0/16" }),
    ),
    "LimitExceeded",
  ],
  [
    "subnetsPerVpc",
    2,
    now(({ cloud, vpcId }, n) =>
      n === 0
        ? Promise.resolve()
        : cloud.vpc.CreateSubnet({
            VpcId: vpcId,
            SubnetName: "s",
            CidrBlock: `10.1.${n + 1}.0/24`,
            Zone: zone,
          }),
    ),
    "LimitExceeded",
  ],
  [
    "routeTablesPerVpc",
    2,
    now(({ cloud, vpcId }, n) =>
      n === 0
        ? Promise.resolve()
        : cloud.vpc.CreateRouteTable({ VpcId: vpcId, RouteTableName: "t" }),
    ),
    "LimitExceeded",
  ],
  [
    "routesPerTable",
    2,
    prepared(
      async (ground) => {
        await makeInstance(ground.cloud, ground);
        return ground.cloud.world.desired.hosts[0]?.privateIp as string;
      },
      ({ cloud, tableId }, n, hop) =>
        cloud.vpc.CreateRoutes({
          RouteTableId: tableId,
          Routes: [
            { DestinationCidrBlock: `10.200.${n}.0/24`, GatewayType: "NORMAL_CVM", GatewayId: hop },
          ],
        }),
    ),
    "LimitExceeded",
  ],
  [
    "haVipsPerVpc",
    1,
    now(({ cloud, vpcId, subnetId }) =>
      cloud.vpc.CreateHaVip({ VpcId: vpcId, SubnetId: subnetId, HaVipName: "v" }),
    ),
    "LimitExceeded",
  ],
  [
    "instancesPerHaVip",
    1,
    prepared(
      async (ground) => {
        const { HaVip } = await ground.cloud.vpc.CreateHaVip({
          VpcId: ground.vpcId,
          SubnetId: ground.subnetId,
          HaVipName: "v",
        });
        const ids = [0, 1].map(() => makeInstance(ground.cloud, ground));
        return { haVip: HaVip?.HaVipId as string, ids: await Promise.all(ids) };
      },
      ({ cloud }, n, { haVip, ids }) =>
        cloud.vpc.AssociateHaVipInstance({
          HaVipAssociationSet: [{ HaVipId: haVip, InstanceId: ids[n] as string }],
        }),
    ),
    "LimitExceeded",
  ],
  [
    "natGatewaysPerVpc",
    1,
    now(({ cloud, vpcId }) => cloud.vpc.CreateNatGateway({ VpcId: vpcId, NatGatewayName: "n" })),
    "LimitExceeded.NatGatewayPerVpcLimitExceeded",
  ],
  [
    "addressesPerNatGateway",
    1,
    prepared(
      async (ground) => {
        const { NatGatewaySet } = await ground.cloud.vpc.CreateNatGateway({
          VpcId: ground.vpcId,
          NatGatewayName: "n",
        });
        return {
          nat: NatGatewaySet?.[0]?.NatGatewayId as string,
          eips: [await makeEip(ground), await makeEip(ground)],
        };
      },
      ({ cloud }, n, { nat, eips }) =>
        cloud.vpc.AssociateNatGatewayAddress({
          NatGatewayId: nat,
          PublicIpAddresses: [eips[n] as string],
        }),
    ),
    "LimitExceeded.PublicIpAddressPerNatGatewayLimitExceeded",
  ],
  [
    "addresses",
    2,
    now(({ cloud }) => cloud.vpc.AllocateAddresses({})),
    "AddressQuotaLimitExceeded",
  ],
  ["securityGroups", 2, now((ground) => makeGroup(ground)), "LimitExceeded"],
  [
    "rulesPerDirection",
    2,
    prepared(makeGroup, ({ cloud }, n, group) =>
      cloud.vpc.CreateSecurityGroupPolicies({
        SecurityGroupId: group,
        SecurityGroupPolicySet: { Ingress: [rule({ Port: String(22 + n) })] },
      }),
    ),
    "LimitExceeded",
  ],
  [
    "referencedGroups",
    1,
    prepared(
      async (ground) => [
        await makeGroup(ground),
        await makeGroup(ground, "a"),
        await makeGroup(ground, "b"),
      ],
      ({ cloud }, n, [group, ...others]) =>
        cloud.vpc.CreateSecurityGroupPolicies({
          SecurityGroupId: group as string,
          SecurityGroupPolicySet: {
            Ingress: [
              {
                Protocol: "TCP",
                Port: "22",
                SecurityGroupId: others[n],
                Action: "ACCEPT",
              },
              // The group itself and one named twice do not count again.
              {
                Protocol: "TCP",
                Port: "23",
                SecurityGroupId: others[n],
                Action: "ACCEPT",
              },
              { Protocol: "TCP", Port: "24", SecurityGroupId: group, Action: "ACCEPT" },
            ],
          },
        }),
    ),
    "LimitExceeded",
  ],
  [
    "instancesPerSecurityGroup",
    2,
    prepared(makeGroup, (ground, _, group) => run(ground, { SecurityGroupIds: [group] })),
    "LimitExceeded.CvmsVifsPerSecGroupLimitExceeded",
  ],
  [
    "securityGroupsPerInstance",
    1,
    prepared(
      async (ground) => [await makeGroup(ground, "a"), await makeGroup(ground, "b")],
      (ground, n, groups) => run(ground, { SecurityGroupIds: groups.slice(0, n + 1) }),
    ),
    "LimitExceeded.SingleUSGQuota",
  ],
  ["instancesPerZone", 2, now((ground) => run(ground)), "LimitExceeded.InstanceQuota"],
  [
    "keyPairs",
    1,
    now(({ cloud }, n) =>
      cloud.cvm.ImportKeyPair({
        KeyName: `key_${n}`,
        ProjectId: 0,
        PublicKey: keys[n] as string,
      }),
    ),
    "InvalidKeyPair.LimitExceeded",
  ],
  [
    "placementGroups",
    2,
    now((ground) => placementGroup(ground, "HOST")),
    "LimitExceeded.DisasterRecoverGroup",
  ],
  ...(
    [
      ["membersOfHostGroup", "HOST"],
      ["membersOfSwitchGroup", "SW"],
      ["membersOfRackGroup", "RACK"],
    ] as const
  ).map(([quota, type]): Row => [
    quota,
    2,
    prepared(
      (ground) => placementGroup(ground, type),
      (ground, _, group) => run(ground, { DisasterRecoverGroupIds: [group] }),
    ),
    "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
  ]),
  [
    "disksPerInstance",
    1,
    prepared(
      async ({ cloud, vpcId, subnetId }) => {
        const { DiskIdSet } = await cloud.cbs.CreateDisks({
          Placement: { Zone: zone },
          DiskChargeType: "POSTPAID_BY_HOUR",
          DiskType: "CLOUD_HSSD",
          DiskSize: 20,
          DiskCount: 2,
        });
        const disks = DiskIdSet as string[];
        await until(
          () => cloud.cbs.DescribeDisks({ DiskIds: disks }),
          (seen) => (seen.DiskSet ?? []).every((each) => each.DiskState === "UNATTACHED"),
        );
        return { disks, instance: await makeInstance(cloud, { vpcId, subnetId }) };
      },
      ({ cloud }, n, { disks, instance }) =>
        cloud.cbs.AttachDisks({ InstanceId: instance, DiskIds: [disks[n] as string] }),
    ),
    "LimitExceeded.InstanceAttachedDisk",
  ],
];

test.each(rows)("%s: %i fit, one more is refused and changes nothing", (quota, limit, use, code) =>
  withGround({ [quota]: limit }, async (ground) => {
    for (let n = 0; n < limit; n++) {
      await (
        await use(ground, n)
      )();
    }
    const beyond = await use(ground, limit);
    const before = await ground.cloud.admin("GET", "/resources");
    await expect(beyond()).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`at most ${limit}`) as string,
    });
    expect(await ground.cloud.admin("GET", "/resources")).toEqual(before);
  }),
);

test("an instance is not ordered with more data disks than it may have, nor given a full group", () =>
  withGround({ disksPerInstance: 1, instancesPerSecurityGroup: 0 }, async (ground) => {
    const disk = { DiskType: "CLOUD_HSSD", DiskSize: 20 };
    expect(await outcome(run(ground, { DataDisks: [disk, disk] }))).toBe(
      "InvalidParameterValue.LimitExceeded",
    );
    const group = await makeGroup(ground);
    expect(await outcome(run(ground, { SecurityGroupIds: [group] }))).toBe(
      "LimitExceeded.CvmsVifsPerSecGroupLimitExceeded",
    );
  }));

test("a caller reads every quota, and what is used of it, before it orders", () =>
  withGround({ vpcs: 7, addresses: 3, instancesPerZone: 5, placementGroups: 4 }, async (ground) => {
    const { cloud } = ground;
    const { VpcLimitSet } = await cloud.vpc.DescribeVpcLimits({
      LimitTypes: ["appid-max-vpcs", "vpc-max-subnets", "vpc-max-havips"],
    });
    expect(VpcLimitSet).toEqual([
      { LimitType: "appid-max-vpcs", LimitValue: 7 },
      { LimitType: "vpc-max-subnets", LimitValue: 100 },
      { LimitType: "vpc-max-havips", LimitValue: 10 },
    ]);
    expect(await outcome(cloud.vpc.DescribeVpcLimits({ LimitTypes: ["colour"] }))).toBe(
      "InvalidParameterValue",
    );

    await makeEip(ground);
    const { QuotaSet } = await cloud.vpc.DescribeAddressQuota();
    expect(QuotaSet).toEqual([
      {
        QuotaId: "TOTAL_EIP_QUOTA",
        QuotaCurrent: 1,
        QuotaLimit: 3,
        QuotaGroup: "ap-guangzhou",
      },
    ]);
    const { SecurityGroupLimitSet } = await cloud.vpc.DescribeSecurityGroupLimits();
    expect(SecurityGroupLimitSet).toMatchObject({
      SecurityGroupLimit: 50,
      SecurityGroupPolicyLimit: 100,
      InstanceSecurityGroupLimit: 5,
    });

    await placementGroup(ground, "HOST");
    await run(ground);
    const { AppId, AccountQuotaOverview } = await cloud.cvm.DescribeAccountQuota({
      Filters: [
        { Name: "zone", Values: [zone] },
        { Name: "quota-type", Values: ["PostPaidQuotaSet", "DisasterRecoverGroupQuotaSet"] },
      ],
    });
    expect({ AppId, AccountQuotaOverview }).toEqual({
      AppId: 1300000001,
      AccountQuotaOverview: {
        Region: "ap-guangzhou",
        AccountQuota: {
          PostPaidQuotaSet: [{ UsedQuota: 1, RemainingQuota: 4, TotalQuota: 5, Zone: zone }],
          PrePaidQuotaSet: [],
          SpotPaidQuotaSet: [],
          ImageQuotaSet: [],
          DisasterRecoverGroupQuotaSet: [
            {
              GroupQuota: 4,
              CurrentNum: 1,
              CvmInHostGroupQuota: 50,
              CvmInSwitchGroupQuota: 20,
              CvmInRackGroupQuota: 30,
            },
          ],
        },
      },
    });
    const all = await cloud.cvm.DescribeAccountQuota({});
    expect(all.AccountQuotaOverview?.AccountQuota?.PostPaidQuotaSet).toHaveLength(3);
    expect(await cloud.cvm.DescribeDisasterRecoverGroupQuota()).toMatchObject({
      GroupQuota: 4,
      CurrentNum: 1,
      CvmInHostGroupQuota: 50,
      CvmInSwGroupQuota: 20,
    });
  }));
