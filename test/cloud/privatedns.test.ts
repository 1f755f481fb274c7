import {
  makeNetwork,
  outcome,
  startTestCloud,
  type Clients,
  type TestCloud,
} from "./support/cloud";

type VpcInfo = { UniqVpcId: string; Region: string };

let cloud: TestCloud;
let dns: Clients["privatedns"];
beforeEach(async () => {
  cloud = await startTestCloud();
  dns = cloud.privatedns;
});
afterEach(() => cloud.close());

const region = "ap-guangzhou";

async function makeZone(fields: object = {}): Promise<string> {
  return (await dns.CreatePrivateZone({ Domain: "k8s.internal", ...fields })).ZoneId as string;
}

const record = { SubDomain: "api", RecordType: "A", RecordValue: "10.1.1.10" };

test("a zone lives its life: made, read, listed, changed, bound, deleted with its records", async () => {
  const { vpcId } = await makeNetwork(cloud);
  const bound = { UniqVpcId: vpcId, Region: region };
  const ZoneId = await makeZone({ VpcSet: [bound], TagSet: [{ TagKey: "k", TagValue: "v" }] });
  const read = async () => (await dns.DescribePrivateZone({ ZoneId })).PrivateZone;
  expect(await read()).toMatchObject({
    Domain: "k8s.internal",
    Status: "ENABLED",
    DnsForwardStatus: "ENABLED",
    CnameSpeedupStatus: "ENABLED",
    VpcSet: [bound],
    Tags: [{ TagKey: "k", TagValue: "v" }],
    RecordCount: 0,
  });

  await dns.ModifyPrivateZone({ ZoneId, Remark: "ours", DnsForwardStatus: "DISABLED" });
  await dns.ModifyPrivateZoneVpc({ ZoneId, VpcSet: [] });
  expect(await read()).toMatchObject({
    Remark: "ours",
    DnsForwardStatus: "DISABLED",
    CnameSpeedupStatus: "ENABLED",
    Status: "SUSPEND",
    VpcSet: [],
  });

  await makeZone({ Domain: "other.internal" });
  const found = await dns.DescribePrivateZoneList({
    Filters: [{ Name: "Domain", Values: ["k8s.internal"] }],
  });
  expect(found).toMatchObject({ TotalCount: 1, PrivateZoneSet: [{ ZoneId }] });

  await dns.CreatePrivateZoneRecord({ ZoneId, ...record });
  await dns.DeletePrivateZone({ ZoneId });
  expect(await outcome(read())).toBe("InvalidParameter.ZoneNotExists");
  expect(await cloud.admin("GET", "/resources")).toMatchObject({
    privateZones: [expect.any(String)],
    privateRecords: [],
    tags: [],
  });
});

test("a VPC that is gone is told apart from those bound", async () => {
  const { vpcId, subnetId } = await makeNetwork(cloud);
  const ZoneId = await makeZone({ VpcSet: [{ UniqVpcId: vpcId, Region: region }] });
  await cloud.vpc.DeleteSubnet({ SubnetId: subnetId });
  await cloud.vpc.DeleteVpc({ VpcId: vpcId });
  expect((await dns.DescribePrivateZone({ ZoneId })).PrivateZone).toMatchObject({
    Status: "SUSPEND",
    VpcSet: [],
    DeletedVpcSet: [{ UniqVpcId: vpcId, Region: region }],
  });
});

test("one VPC is answered one domain by one zone", async () => {
  const { vpcId } = await makeNetwork(cloud);
  const VpcSet = [{ UniqVpcId: vpcId, Region: region }];
  await makeZone({ VpcSet });
  expect(await outcome(makeZone({ VpcSet }))).toBe("InvalidParameter.VpcBinded");
  const ZoneId = await makeZone();
  expect(await outcome(dns.ModifyPrivateZoneVpc({ ZoneId, VpcSet }))).toBe(
    "InvalidParameter.VpcBinded",
  );
});

test.each<[string, object, string]>([
  ["a domain of one label", { Domain: "internal" }, "InvalidParameter.IllegalDomain"],
  ["a domain that is none", { Domain: "a b.internal" }, "InvalidParameter.IllegalDomain"],
  [
    "a VPC that is not there",
    { VpcSet: [{ UniqVpcId: "vpc-00000000", Region: region }] },
    "InvalidParameter.IllegalVpcInfo",
  ],
  ["a status that is none", { DnsForwardStatus: "on" }, "InvalidParameterValue"],
  [
    "a VPC of somebody else",
    { AccountVpcSet: [{ UniqVpcId: "vpc-00000000", Region: region, Uin: "1" }] },
    "UnsupportedOperation.AccountNotBound",
  ],
])("%s is refused and nothing is made", async (_, fields, code) => {
  expect(await outcome(makeZone(fields))).toBe(code);
  expect((await dns.DescribePrivateZoneList({})).TotalCount).toBe(0);
});

test("a record lives its life", async () => {
  const ZoneId = await makeZone();
  const { RecordId } = await dns.CreatePrivateZoneRecord({ ZoneId, ...record });
  const id = RecordId as string;
  const read = async () => (await dns.DescribeRecord({ ZoneId, RecordId: id })).RecordInfo;
  expect(await read()).toMatchObject({ RecordId: id, ...record, TTL: 600, MX: 0, Enabled: 1 });

  const moved = { ...record, RecordValue: "10.1.1.11", TTL: 60 };
  await dns.ModifyPrivateZoneRecord({ ZoneId, RecordId: id, ...moved });
  await dns.ModifyRecordsStatus({ ZoneId, RecordIds: [Number(id)], Status: "disabled" });
  expect(await read()).toMatchObject({ ...moved, Enabled: 0 });

  for (let n = 20; n < 25; n++) {
    await dns.CreatePrivateZoneRecord({ ZoneId, ...record, RecordValue: `10.1.1.${n}` });
  }
  const page = await dns.DescribePrivateZoneRecordList({ ZoneId, Offset: 4, Limit: 20 });
  expect(page.TotalCount).toBe(6);
  expect(page.RecordSet?.map((each) => each.RecordValue)).toEqual(["10.1.1.23", "10.1.1.24"]);

  await dns.DeletePrivateZoneRecord({ ZoneId, RecordId: id });
  expect(await outcome(read())).toBe("InvalidParameter.RecordNotExist");
});

/** What providers do to a zone that VPCs are bound to, when the stack is destroyed: the record goes first, then its zone. */
test.each<[string, (ZoneId: string, RecordId: string, bound: VpcInfo[]) => Promise<unknown>]>([
  [
    "1.81.120 and later",
    async (ZoneId, RecordId) => {
      await dns.DeletePrivateZoneRecord({ ZoneId, RecordId });
      await dns.DeletePrivateZone({ ZoneId });
    },
  ],
  [
    "before, which unbind the VPCs round it",
    async (ZoneId, RecordId, bound) => {
      await dns.ModifyPrivateZoneVpc({ ZoneId, VpcSet: [] });
      await dns.DeletePrivateZoneRecord({ ZoneId, RecordId });
      await dns.ModifyPrivateZoneVpc({ ZoneId, VpcSet: bound });
      await dns.ModifyPrivateZoneVpc({ ZoneId, VpcSet: [] });
      await dns.DeletePrivateZone({ ZoneId });
    },
  ],
])(
  "the only record of a bound zone, then the zone, are deleted by providers %s",
  async (_, destroy) => {
    const { vpcId, subnetId } = await makeNetwork(cloud);
    const VpcSet = [{ UniqVpcId: vpcId, Region: region }];
    const ZoneId = await makeZone({ VpcSet });
    const { RecordId } = await dns.CreatePrivateZoneRecord({ ZoneId, ...record });
    await destroy(ZoneId, RecordId as string, VpcSet);
    await cloud.vpc.DeleteSubnet({ SubnetId: subnetId });
    await cloud.vpc.DeleteVpc({ VpcId: vpcId });
    const left = (await cloud.admin("GET", "/resources")) as Record<string, string[]>;
    expect(Object.values(left).flat()).toEqual([]);
  },
);

test("a zone that has lost its last record is there, still bound, and takes another", async () => {
  const { vpcId } = await makeNetwork(cloud);
  const VpcSet = [{ UniqVpcId: vpcId, Region: region }];
  const ZoneId = await makeZone({ VpcSet });
  const { RecordId } = await dns.CreatePrivateZoneRecord({ ZoneId, ...record });
  await dns.DeletePrivateZoneRecord({ ZoneId, RecordId });
  expect((await dns.DescribePrivateZone({ ZoneId })).PrivateZone).toMatchObject({
    RecordCount: 0,
    Status: "ENABLED",
    VpcSet,
  });
  expect(await outcome(dns.CreatePrivateZoneRecord({ ZoneId, ...record }))).toBe("ok");
});

test.each<[string, object, string]>([
  ["no address", { RecordValue: "10.1.1" }, "InvalidParameter.IllegalRecordValue"],
  [
    "IPv4 for AAAA",
    { RecordType: "AAAA", RecordValue: "10.1.1.1" },
    "InvalidParameter.IllegalRecordValue",
  ],
  [
    "no name for CNAME",
    { RecordType: "CNAME", RecordValue: "a b" },
    "InvalidParameter.IllegalRecordValue",
  ],
  ["an unknown type", { RecordType: "SPF" }, "InvalidParameter.IllegalRecord"],
  ["a name that is none", { SubDomain: "a b" }, "InvalidParameter.IllegalRecord"],
  ["TTL 0", { TTL: 0 }, "InvalidParameterValue.IllegalTTLValue"],
  ["TTL of more than a day", { TTL: 86_401 }, "InvalidParameterValue.IllegalTTLValue"],
  ["MX for an address", { MX: 5 }, "InvalidParameter.MXNotSupported"],
  [
    "a preference outside the list",
    { RecordType: "MX", RecordValue: "mail.k8s.internal", MX: 7 },
    "InvalidParameter.InvalidMX",
  ],
  [
    "a weight for text",
    { RecordType: "TXT", RecordValue: "t", Weight: 5 },
    "InvalidParameter.RecordUnsupportWeight",
  ],
  ["a record twice", { SubDomain: "taken" }, "InvalidParameter.RecordExist"],
  [
    "a CNAME beside an address",
    { SubDomain: "taken", RecordType: "CNAME", RecordValue: "x.internal" },
    "InvalidParameter.RecordConflict",
  ],
])("%s is refused", async (_, fields, code) => {
  const ZoneId = await makeZone();
  await dns.CreatePrivateZoneRecord({ ZoneId, ...record, SubDomain: "taken" });
  const call = dns.CreatePrivateZoneRecord({ ZoneId, ...record, ...fields });
  expect(await outcome(call)).toBe(code);
  expect((await dns.DescribePrivateZoneRecordList({ ZoneId })).TotalCount).toBe(1);
});

test("a record belongs to its zone; the tag service knows zones", async () => {
  const ZoneId = await makeZone();
  const other = await makeZone({ Domain: "other.internal" });
  const { RecordId } = await dns.CreatePrivateZoneRecord({ ZoneId, ...record });
  const wrong = dns.DescribeRecord({ ZoneId: other, RecordId: RecordId as string });
  expect(await outcome(wrong)).toBe("InvalidParameter.RecordNotExist");
  await cloud.tag.ModifyResourceTags({
    Resource: `qcs::privatedns:${region}:uin/:zone/${ZoneId}`,
    ReplaceTags: [{ TagKey: "cluster", TagValue: "prod" }],
  });
  expect((await dns.DescribePrivateZone({ ZoneId })).PrivateZone?.Tags).toEqual([
    { TagKey: "cluster", TagValue: "prod" },
  ]);
});
