import { clientsFrom } from "../../components/preflight/clients";
import { cloudDemand } from "../../components/preflight/demand";
import type { Finding } from "../../components/preflight/finding";
import { preflight, type PreflightResult } from "../../components/preflight/preflight";
import { deriveSshKey } from "../../components/pki/sshKey";
import { type CloudSettingsInput } from "../../lab/cloud/settings";
import { credential, domain, startTestCloud, type TestCloud } from "./support/cloud";
import { planOf, type TestConfig } from "../unit/plan/fixture";

let cloud: TestCloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

/** What the provider would be started with. */
function environment(port: number, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    TENCENTCLOUD_SECRET_ID: credential.secretId,
    TENCENTCLOUD_SECRET_KEY: credential.secretKey,
    TENCENTCLOUD_REGION: "ap-guangzhou",
    TENCENTCLOUD_PROTOCOL: "HTTP",
    TENCENTCLOUD_DOMAIN: domain,
    HTTP_PROXY: `http://127.0.0.1:${port}`,
    ...extra,
  };
}

interface Row {
  /** Settings of the cloud. */
  cloud?: Partial<CloudSettingsInput>;
  /** Change of a configuration that is right. */
  config?: (config: TestConfig) => void;
  env?: NodeJS.ProcessEnv;
  /** What has happened in the account before. */
  before?: (cloud: TestCloud) => Promise<unknown>;
  /** Whether the stack has made nothing yet. */
  isNew?: boolean;
}

async function run(row: Row = {}): Promise<PreflightResult> {
  cloud = await startTestCloud(row.cloud);
  await row.before?.(cloud);
  const plan = planOf((config) => {
    config.workers[0].instanceType = "S5.4XLARGE64";
    row.config?.(config);
  });
  const demand = { ...cloudDemand(plan), isNew: row.isNew ?? false };
  return preflight(demand, environment(cloud.cloud.apiPort, row.env));
}

const lines = (findings: Finding[], result: Finding["result"]) =>
  findings
    .filter((finding) => finding.result === result)
    .map(({ check, found, fix }) => `${check}: ${found}. ${fix}.`);

test("an account that has everything passes, and nothing is made", async () => {
  const { findings, passed, report } = await run();
  expect(lines(findings, "failed")).toEqual([]);
  expect(lines(findings, "warning")).toEqual([]);
  expect(passed).toBe(true);
  expect(findings.map(({ check }) => check)).toEqual([
    "credentials",
    "zone ap-guangzhou-3",
    "instance type S5.SMALL2 in ap-guangzhou-3",
    "instance type S5.MEDIUM4 in ap-guangzhou-3",
    "instance type S5.LARGE8 in ap-guangzhou-3",
    "instance type S5.MEDIUM2 in ap-guangzhou-3",
    "instance type S5.4XLARGE64 in ap-guangzhou-3",
    "system disk CLOUD_PREMIUM of 50 GiB in ap-guangzhou-3",
    "data disk CLOUD_HSSD of 50 GiB in ap-guangzhou-3",
    "image img-7ag0z2jt",
    "VPC prod-vpc 10.0.0.0/16",
    "quota of VPCs",
    "quota of subnets a VPC",
    "quota of HAVIPs a VPC",
    "quota of security groups",
    "quota of rules a security group",
    "quota of placement groups",
    "quota of members a placement group",
    "quota of public addresses",
    "quota of instances in ap-guangzhou-3",
    "order 1 x S5.SMALL2 in ap-guangzhou-3",
    "order 3 x S5.MEDIUM4 in ap-guangzhou-3",
    "order 3 x S5.LARGE8 in ap-guangzhou-3",
    "order 2 x S5.MEDIUM2 in ap-guangzhou-3",
    "order 2 x S5.4XLARGE64 in ap-guangzhou-3",
  ]);
  expect(report).toMatch(/25 ok, 0 warnings, 0 failed\n$/);
  const resources = (await cloud?.admin("GET", "/resources")) as Record<string, string[]>;
  expect(Object.values(resources).flat()).toEqual([]);
});

const smallHosts: Partial<CloudSettingsInput> = {
  inventory: {
    zones: [
      {
        name: "ap-guangzhou-3",
        switches: [
          {
            name: "s",
            racks: [{ name: "r", hosts: [{ name: "h", cpus: 16, memoryGiB: 16 }] }],
          },
        ],
      },
    ],
  },
};
const fault =
  (action: string, code: string, times = 1) =>
  (running: TestCloud) =>
    running.admin("POST", "/faults", { action, code, times });
const quota = (name: string, limit: number): Partial<CloudSettingsInput> => ({
  quotas: { [name]: limit },
});

test.each<[string, Row, string[]]>([
  [
    "wrong secret key",
    { env: { TENCENTCLOUD_SECRET_KEY: "wrong" } },
    [
      "credentials: sts:GetCallerIdentity answered AuthFailure.SignatureFailure: the secret key does not belong to the secret id: *. Check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.",
    ],
  ],
  [
    "unknown secret id",
    { env: { TENCENTCLOUD_SECRET_ID: "AKIDnobody" } },
    [
      "credentials: sts:GetCallerIdentity answered AuthFailure.SecretIdNotFound: there is no such secret id: *. Check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY.",
    ],
  ],
  [
    "no credentials",
    {
      env: { TENCENTCLOUD_SECRET_ID: undefined, TENCENTCLOUD_SHARED_CREDENTIALS_DIR: "/nowhere" },
    },
    [
      "credentials: there are no credentials: TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set, and /nowhere/default.credential cannot be read. Set both, or log in with `tccli configure`.",
    ],
  ],
  [
    "API out of reach",
    { env: { HTTP_PROXY: "http://127.0.0.1:1" } },
    [
      "credentials: sts:GetCallerIdentity answered nothing: the API cannot be reached: *ECONNREFUSED*. Check the network and HTTP_PROXY, then run the same command again.",
    ],
  ],
  [
    "no permission to look",
    { before: fault("DescribeSecurityGroups", "UnauthorizedOperation") },
    [
      "permission vpc:DescribeSecurityGroups: vpc:DescribeSecurityGroups answered UnauthorizedOperation: the credentials lack the permission: *. Grant vpc:DescribeSecurityGroups in CAM.",
    ],
  ],
  [
    "no permission to order",
    { before: fault("RunInstances", "UnauthorizedOperation.PermissionDenied") },
    [
      "order * x S5.* in ap-guangzhou-3: cvm:RunInstances answered UnauthorizedOperation.PermissionDenied: the credentials lack the permission: *. Grant cvm:RunInstances in CAM.",
    ],
  ],
  [
    "a zone that does not exist",
    { config: (config) => (config.network.zones[0].zone = "ap-guangzhou-9") },
    [
      "zone ap-guangzhou-9: is not in the region. Use one of ap-guangzhou-3, ap-guangzhou-4, ap-guangzhou-6 in network.zones, or set TENCENTCLOUD_REGION to its region.",
    ],
  ],
  [
    "an instance type that does not exist",
    { config: (config) => (config.masters.instanceType = "S9.LARGE8") },
    [
      "instance type S9.LARGE8 in ap-guangzhou-3: does not exist there. Choose another instance type or zone in the configuration.",
    ],
  ],
  [
    "an instance type that no host can carry",
    { cloud: smallHosts },
    [
      "instance type S5.4XLARGE64 in ap-guangzhou-3: is sold out: no host of the lab can carry it. Choose another instance type or zone in the configuration.",
    ],
  ],
  [
    "a zone that is sold out",
    { config: (config) => (config.network.zones[0].zone = "ap-guangzhou-4") },
    [
      "instance type S5.SMALL2 in ap-guangzhou-4: is sold out: *. Choose another instance type or zone in the configuration.",
    ],
  ],
  [
    "sold out while we look",
    { before: fault("RunInstances", "ResourcesSoldOut.SpecifiedInstanceType") },
    [
      "order * in ap-guangzhou-3: cvm:RunInstances answered ResourcesSoldOut.SpecifiedInstanceType: what was ordered is sold out: *. Choose another instance type or zone in the configuration, or try again later; nothing that was made is lost.",
    ],
  ],
  [
    "too few physical hosts for a group that is there",
    {
      config: (config) => (config.etcd.members = 5),
      before: (running) =>
        running.cvm.CreateDisasterRecoverGroup({ Name: "prod-etcd", Type: "HOST" }),
    },
    [
      "order 5 x S5.MEDIUM4 in ap-guangzhou-3: cvm:RunInstances answered ResourceInsufficient.DisasterRecoverGroupCvmQuota: the zone has no physical machine left that keeps the placement group spread, or the group is full: *. Use fewer members, *",
    ],
  ],
  [
    "a system disk of a size that is not sold",
    { config: (config) => (config.masters.systemDisk = { sizeGiB: 2000 }) },
    [
      "system disk CLOUD_PREMIUM of 2000 GiB in ap-guangzhou-3: comes with 20 to 1024 GiB. Choose a size in that range in the configuration.",
    ],
  ],
  [
    "an image that is gone",
    { config: (config) => (config.imageId = "img-gone0000") },
    [
      "image img-gone0000: there is no such image in the region. Set imageId to a Debian 12 image of the region.",
    ],
  ],
  [
    "an image of another architecture",
    { config: (config) => (config.architecture = "arm64") },
    ["image img-7ag0z2jt: is for x86_64, the hosts are arm64. *"],
  ],
  [
    "quota of VPCs",
    { cloud: quota("vpcs", 0) },
    [
      "quota of VPCs: 1 wanted, 0 of 0 used. Remove 1 that are no longer needed, or ask for a higher quota in the console.",
    ],
  ],
  [
    "quota of security groups, some of them used",
    {
      cloud: quota("securityGroups", 6),
      before: (running) =>
        running.vpc.CreateSecurityGroup({ GroupName: "other", GroupDescription: "another's" }),
    },
    ["quota of security groups: 6 wanted, 1 of 6 used. Remove 1 *"],
  ],
  [
    "quota of subnets",
    { cloud: quota("subnetsPerVpc", 0) },
    ["quota of subnets a VPC: 1 wanted, 0 of 0 used. *"],
  ],
  [
    "quota of HAVIPs",
    { cloud: quota("haVipsPerVpc", 0) },
    ["quota of HAVIPs a VPC: 1 wanted, 0 of 0 used. *"],
  ],
  [
    "quota of rules",
    { cloud: quota("rulesPerDirection", 5) },
    ["quota of rules a security group: 15 wanted, 0 of 5 used. *"],
  ],
  [
    "quota of placement groups",
    { cloud: quota("placementGroups", 2) },
    ["quota of placement groups: 3 wanted, 0 of 2 used. Remove 1 *"],
  ],
  [
    "quota of members of a group",
    { cloud: quota("membersOfHostGroup", 2) },
    ["quota of members a placement group: 3 wanted, 0 of 2 used. *"],
  ],
  [
    "quota of public addresses",
    { cloud: quota("addresses", 0) },
    ["quota of public addresses: 1 wanted, 0 of 0 used. *"],
  ],
  [
    "quota of public addresses, with that of the way out",
    { cloud: quota("addresses", 1), config: ({ network }) => (network.nat = true) },
    ["quota of public addresses: 2 wanted, 0 of 1 used. Remove 1 *"],
  ],
  [
    "quota of instances",
    { cloud: quota("instancesPerZone", 10) },
    ["quota of instances in ap-guangzhou-3: 11 wanted, 0 of 10 used. Remove 1 *"],
  ],
])("%s is told", async (_, row, expected) => {
  const { findings, passed } = await run(row);
  expect(passed).toBe(false);
  const told = lines(findings, "failed");
  for (const text of expected) expect(told.filter((line) => matches(line, text))).toHaveLength(1);
});

describe("pools that are paid for otherwise", () => {
  const pools = (config: TestConfig) => {
    const pool = { members: 2, instanceType: "S5.LARGE8" };
    config.workers = [
      { ...pool, pool: "spot", charge: { kind: "spot", maxPrice: "0.5" } },
      { ...pool, pool: "paid", addressBlock: 1, charge: { kind: "prepaid", months: 1 } },
    ];
  };

  test("are asked for as they are ordered, and counted by their own quotas", async () => {
    const { findings, passed } = await run({ config: pools });
    expect(passed).toBe(true);
    const found = new Map(findings.map((finding) => [finding.check, finding.found]));
    expect([...found]).toEqual(
      expect.arrayContaining([
        ["instance type S5.LARGE8 in ap-guangzhou-3 as spot", "for sale"],
        ["instance type S5.LARGE8 in ap-guangzhou-3 prepaid", "for sale"],
        ["quota of instances in ap-guangzhou-3", "9 wanted, 0 of 1250 used"],
        ["quota of vCPUs of spot instances in ap-guangzhou-3", "8 wanted, 0 of 500 used"],
        ["quota of prepaid instances in ap-guangzhou-3", "2 wanted, 0 of 100 used"],
        [
          "order 2 x S5.LARGE8 in ap-guangzhou-3, spot up to 0.5 an hour",
          "can be had (prod-spot-1, prod-spot-2)",
        ],
        [
          "order 2 x S5.LARGE8 in ap-guangzhou-3, prepaid for 1 month",
          "can be had (prod-paid-1, prod-paid-2)",
        ],
      ]),
    );
  });

  test.each<
    [string, (pool: TestConfig["workers"][0]) => void, Partial<CloudSettingsInput>, string]
  >([
    [
      "a type that is not sold as spot",
      (pool) => (pool.instanceType = "SA2.LARGE8"),
      {},
      "instance type SA2.LARGE8 in ap-guangzhou-3 as spot: does not exist there. Choose another instance type or zone, or another kind of charge, in the configuration.",
    ],
    [
      "a bid below the market",
      (pool) => (pool.charge = { kind: "spot", maxPrice: "0.01" }),
      {},
      "order 2 x S5.LARGE8 in ap-guangzhou-3, spot up to 0.01 an hour: cvm:RunInstances answered InvalidParameterValue.InsufficientPrice: the market asks more for a spot instance than charge.maxPrice: 0.01 is less than the price of 0.136. Wait, or make another pool with a higher charge.maxPrice; `npm run cost` tells today's price.",
    ],
    [
      "a quota of cores",
      () => undefined,
      quota("spotCoresPerZone", 7),
      "quota of vCPUs of spot instances in ap-guangzhou-3: 8 wanted, 0 of 7 used. Remove 1 that are no longer needed, or ask for a higher quota in the console.",
    ],
  ])("%s is told beforehand", async (_, change, settings, said) => {
    const { findings } = await run({
      cloud: settings,
      config: (config) => {
        pools(config);
        change(config.workers[0]);
      },
    });
    expect(lines(findings, "failed")).toContain(said);
  });
});

test("a pool's image is looked at for itself", async () => {
  const { findings } = await run({
    config: (config) =>
      Object.assign(config.workers[0], { architecture: "arm64", imageId: "img-487zeit5" }),
  });
  expect(lines(findings, "failed")).toEqual([
    "image img-487zeit5: is for x86_64, the hosts are arm64. Set imageId to a Debian 12 image of the region.",
  ]);
  expect(findings).toContainEqual(
    expect.objectContaining({ check: "image img-7ag0z2jt", result: "ok" }),
  );
});

test("all that is wrong is told at once", async () => {
  const { findings } = await run({
    cloud: { quotas: { vpcs: 0, addresses: 0 } },
    config: (config) => {
      config.imageId = "img-gone0000";
      config.masters.instanceType = "S9.LARGE8";
    },
  });
  expect(lines(findings, "failed").map((line) => line.slice(0, line.indexOf(":")))).toEqual([
    "instance type S9.LARGE8 in ap-guangzhou-3",
    "image img-gone0000",
    "quota of VPCs",
    "quota of public addresses",
  ]);
});

test("what cannot be asked is a warning where only the preflight asks it", async () => {
  const { findings, passed } = await run({
    before: fault("DescribeAccountQuota", "UnauthorizedOperation"),
  });
  expect(passed).toBe(true);
  expect(lines(findings, "warning")).toEqual([
    expect.stringMatching(
      /^quota of instances: cvm:DescribeAccountQuota answered UnauthorizedOperation: .* Grant cvm:DescribeAccountQuota in CAM\.$/,
    ),
  ]);
});

test("another VPC with the name or the range is a warning", async () => {
  const { findings, passed } = await run({
    before: (running) => running.vpc.CreateVpc({ VpcName: "prod-vpc", CidrBlock: "10.0.0.0/12" }),
  });
  expect(passed).toBe(true);
  expect(lines(findings, "warning")).toEqual([
    expect.stringMatching(
      /^VPC prod-vpc 10\.0\.0\.0\/16: vpc-\w{8} \(10\.0\.0\.0\/12\) has the same/,
    ),
    expect.stringMatching(/shares addresses with vpc-\w{8} \(10\.0\.0\.0\/12\): the two can never/),
  ]);
});

describe("the name of a cluster", () => {
  const before = (running: TestCloud) =>
    running.cvm.ImportKeyPair({
      ...{ KeyName: "prod_operator", ProjectId: 0 },
      PublicKey: deriveSshKey("somebody's", "operator").publicKey,
    });

  test("that is new and free is right", async () => {
    const { findings, passed } = await run({ isNew: true });
    expect(passed).toBe(true);
    expect(findings).toContainEqual(
      expect.objectContaining({ check: "name prod", found: "no other cluster has it" }),
    );
  });

  test("that is new and another's is refused; of a cluster that is there nobody asks", async () => {
    const { findings, passed } = await run({ isNew: true, before });
    expect(passed).toBe(false);
    expect(lines(findings, "failed")).toEqual([
      "name prod: key pair prod_operator is there, and this stack has made nothing: another stack has a cluster of this name, or this stack's state is lost or another backend's. Give each cluster of an account a name of its own, or go on with the state that knows this one: docs/guides/environments.md.",
    ]);
    await cloud?.close();
    expect((await run({ before })).passed).toBe(true);
  });
});

describe("in an existing VPC", () => {
  /** A VPC with a subnet of somebody else's in it, which the cluster is to live in beside. */
  async function runIn(vpcCidr: string, subnetCidr: string) {
    let vpcId = "";
    const { findings } = await run({
      before: async (running) => {
        const { Vpc } = await running.vpc.CreateVpc({ VpcName: "office", CidrBlock: vpcCidr });
        vpcId = Vpc?.VpcId ?? "";
        const subnet = { VpcId: vpcId, SubnetName: "deploy", CidrBlock: subnetCidr };
        await running.vpc.CreateSubnet({ ...subnet, Zone: "ap-guangzhou-3" });
      },
      config: ({ network }) => {
        network.existing = { vpcId };
        network.zones[0].subnetCidr = "10.0.1.0/24";
      },
    });
    return findings.map(({ result, check, found, fix }) =>
      [result, check.replace(vpcId, "vpc-it"), found.replace(vpcId, "vpc-it"), fix].join(": "),
    );
  }

  test("that has room nothing is wrong, and no VPC is counted", async () => {
    const told = await runIn("10.0.0.0/16", "10.0.250.0/24");
    expect(told).toContain(
      "ok: existing VPC vpc-it: office 10.0.0.0/16 has room for the cluster's subnets: ",
    );
    expect(told).toContainEqual(expect.stringMatching(/^ok: quota of VPCs: 0 wanted, 1 of /));
    expect(told).toContainEqual(expect.stringMatching(/^ok: quota of subnets a VPC: 1 wanted, 1 /));
    expect(told.filter((each) => !each.startsWith("ok"))).toEqual([]);
  });

  test("of another range it is told", async () => {
    expect(await runIn("10.0.0.0/12", "10.5.0.0/24")).toContain(
      "failed: existing VPC vpc-it: has the range 10.0.0.0/12, not 10.0.0.0/16: Set network.vpcCidr to 10.0.0.0/12, and the subnets' ranges to parts of it",
    );
  });

  test("where another subnet has the addresses it is told", async () => {
    expect(await runIn("10.0.0.0/16", "10.0.1.128/25")).toContainEqual(
      expect.stringMatching(
        /^failed: subnet prod-ap-guangzhou-3 10\.0\.1\.0\/24: shares addresses with subnet-\w{8} \(10\.0\.1\.128\/25\): Give network\.zones ranges/,
      ),
    );
  });

  test("that is not in the region it is told", async () => {
    const { findings } = await run({
      config: ({ network }) => (network.existing = { vpcId: "vpc-00000000" }),
    });
    expect(lines(findings, "failed")).toEqual([
      "existing VPC vpc-00000000: is not in the region: it has none. Set network.existing.vpcId to one of the region, or TENCENTCLOUD_REGION to its.",
    ]);
  });
});

describe("in a subnet of an existing VPC", () => {
  /** A VPC with two subnets, in the first of which somebody has an address. @param chosen Which of the two the cluster is to live in. */
  async function runIn(
    chosen: "ours" | "theirs" | "unknown",
    taken: string | undefined,
    subnetCidr = "10.0.1.0/24",
  ) {
    const ids: Record<string, string> = { unknown: "subnet-00000000" };
    let vpcId = "";
    const { findings } = await run({
      before: async ({ vpc, cvm }) => {
        const { Vpc } = await vpc.CreateVpc({ VpcName: "office", CidrBlock: "10.0.0.0/16" });
        vpcId = Vpc?.VpcId ?? "";
        const create = async (name: string, CidrBlock: string, Zone: string) => {
          const asked = { VpcId: vpcId, SubnetName: name, CidrBlock, Zone };
          ids[name] = (await vpc.CreateSubnet(asked)).Subnet?.SubnetId ?? "";
        };
        await create("ours", "10.0.1.0/24", "ap-guangzhou-3");
        await create("theirs", "10.0.2.0/24", "ap-guangzhou-4");
        if (taken === undefined) return;
        await cvm.RunInstances({
          ...{ ImageId: "img-7ag0z2jt", InstanceType: "S5.SMALL2", InstanceName: "printer" },
          Placement: { Zone: "ap-guangzhou-3" },
          VirtualPrivateCloud: {
            ...{ VpcId: vpcId, SubnetId: ids["ours"] ?? "", PrivateIpAddresses: [taken] },
          },
        });
      },
      config: ({ network }) => {
        network.existing = { vpcId, subnetIds: { "ap-guangzhou-3": ids[chosen] ?? "" } };
        network.zones[0].subnetCidr = subnetCidr;
      },
    });
    const named = Object.entries(ids).filter(([name]) => name !== "unknown");
    const plain = (text: string) =>
      named
        .reduce((told, [name, id]) => told.replaceAll(id, name), text)
        .replaceAll(vpcId, "vpc-it");
    return findings.map(({ result, check, found, fix }) =>
      plain([result, check, found, fix].join(": ")),
    );
  }

  test("that has the addresses free nothing is wrong, and no subnet is counted", async () => {
    const told = await runIn("ours", "10.0.1.250");
    expect(told).toContain("ok: existing subnet ours: ours 10.0.1.0/24 in ap-guangzhou-3: ");
    expect(told).toContainEqual(
      expect.stringMatching(/^ok: addresses in existing subnets: \d+ are free: $/),
    );
    expect(told).toContainEqual(expect.stringMatching(/^ok: quota of subnets a VPC: 0 wanted, 2 /));
    expect(told.filter((each) => !each.startsWith("ok"))).toEqual([]);
  });

  test("where somebody has an address of a host it is told, with what has it", async () => {
    const told = await runIn("ours", "10.0.1.20");
    expect(told.filter((each) => !each.startsWith("ok"))).toEqual([
      expect.stringMatching(
        /^failed: address 10\.0\.1\.20 of prod-\w+-1: is taken by CVM ins-\w{8}: Move or remove what has it, or choose another address/,
      ),
    ]);
  });

  test.each([
    [
      "in another zone",
      () => runIn("theirs", undefined),
      "failed: existing subnet theirs: is in ap-guangzhou-4, not in ap-guangzhou-3, where vpc-it has ours (10.0.1.0/24): Set network.existing.subnetIds.ap-guangzhou-3 to one of these, or leave it out",
    ],
    [
      "that is not there",
      () => runIn("unknown", undefined),
      "failed: existing subnet subnet-00000000: is not in vpc-it, which has ours (10.0.1.0/24) in ap-guangzhou-3: Set network.existing.subnetIds.ap-guangzhou-3 to one of these, or leave it out",
    ],
    [
      "of another range",
      () => runIn("ours", undefined, "10.0.8.0/24"),
      "failed: existing subnet ours: has the range 10.0.1.0/24, not 10.0.8.0/24: Set the subnetCidr of ap-guangzhou-3 in network.zones to 10.0.1.0/24",
    ],
  ])("%s it is told, with what to choose", async (_, told, expected) => {
    expect((await told()).filter((each) => !each.startsWith("ok"))).toEqual([expected]);
  });
});

test("what is there already is neither counted nor ordered again", async () => {
  const tags = [{ Key: "kubernetes-ha/cluster", Value: "prod" }];
  const { findings } = await run({
    cloud: quota("vpcs", 1),
    before: async (running) => {
      const { Vpc } = await running.vpc.CreateVpc({
        VpcName: "prod-vpc",
        CidrBlock: "10.0.0.0/16",
        Tags: tags,
      });
      const { Subnet } = await running.vpc.CreateSubnet({
        VpcId: Vpc?.VpcId ?? "",
        SubnetName: "prod-ap-guangzhou-3",
        CidrBlock: "10.0.0.0/20",
        Zone: "ap-guangzhou-3",
      });
      await running.cvm.RunInstances({
        Placement: { Zone: "ap-guangzhou-3" },
        ImageId: "img-7ag0z2jt",
        InstanceType: "S5.SMALL2",
        InstanceName: "prod-bastion-1",
        VirtualPrivateCloud: { VpcId: Vpc?.VpcId ?? "", SubnetId: Subnet?.SubnetId ?? "" },
        TagSpecification: [{ ResourceType: "instance", Tags: tags }],
      });
    },
  });
  expect(lines(findings, "failed")).toEqual([]);
  const checks = findings.map(({ check }) => check);
  expect(checks).not.toContain("order 1 x S5.SMALL2 in ap-guangzhou-3");
  expect(checks).not.toContain("instance type S5.SMALL2 in ap-guangzhou-3");
  expect(checks).toContain("order 3 x S5.LARGE8 in ap-guangzhou-3");
});

test("without a proxy and with HTTPS the vendor's own endpoints are called", () => {
  const clients = clientsFrom({ TENCENTCLOUD_SECRET_ID: "id", TENCENTCLOUD_SECRET_KEY: "key" });
  expect(clients.cvm).toMatchObject({
    endpoint: "cvm.tencentcloudapi.com",
    region: "ap-guangzhou",
    profile: { httpProfile: { protocol: "https://" } },
  });
});

/** Whether a line is a text in which `*` stands for anything. */
function matches(line: string, text: string): boolean {
  const pattern = text
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`, "s").test(line);
}
