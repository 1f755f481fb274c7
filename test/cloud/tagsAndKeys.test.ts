import {
  makeNetwork,
  makeInstance,
  outcome,
  startTestCloud,
  type TestCloud,
} from "./support/cloud";

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await startTestCloud();
});
afterEach(() => cloud.close());

const publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@here";

test("tags written in a create call and by the tag service are the same tags", async () => {
  const { Vpc } = await cloud.vpc.CreateVpc({
    VpcName: "v",
    CidrBlock: "10.0.0.0/16",
    Tags: [{ Key: "made", Value: "1" }],
  });
  const id = Vpc?.VpcId as string;
  await cloud.tag.ModifyResourceTags({
    Resource: `qcs::vpc:ap-guangzhou:uin/:vpc/${id}`,
    ReplaceTags: [{ TagKey: "later", TagValue: "2" }],
    DeleteTags: [{ TagKey: "made" }],
  });
  const { Tags } = await cloud.tag.DescribeResourceTagsByResourceIds({
    ServiceType: "vpc",
    ResourcePrefix: "vpc",
    ResourceIds: [id],
    ResourceRegion: "ap-guangzhou",
  });
  expect(Tags).toMatchObject([{ TagKey: "later", TagValue: "2", ResourceId: id }]);
  const found = await cloud.vpc.DescribeVpcs({
    Filters: [{ Name: "tag:later", Values: ["2"] }],
  });
  expect(found.VpcSet).toMatchObject([{ VpcId: id, TagSet: [{ Key: "later", Value: "2" }] }]);
  await cloud.vpc.DeleteVpc({ VpcId: id });
  expect(await cloud.admin("GET", "/resources")).toMatchObject({ tags: [] });
});

test.each<[string, string]>([
  ["a resource that is not there", "qcs::vpc:ap-guangzhou:uin/:vpc/vpc-00000000"],
  ["a type that is none", "qcs::vpc:ap-guangzhou:uin/:cloud/vpc-00000000"],
  ["no resource at all", "vpc-00000000"],
])("%s cannot be tagged", async (_, Resource) => {
  const ReplaceTags = [{ TagKey: "a", TagValue: "b" }];
  expect(await outcome(cloud.tag.ModifyResourceTags({ Resource, ReplaceTags }))).toBe(
    "InvalidParameterValue.ResourceDescriptionError",
  );
});

test("a key pair is imported, reaches the hosts, and goes when nobody has it", async () => {
  const { KeyId } = await cloud.cvm.ImportKeyPair({
    KeyName: "key_1",
    ProjectId: 0,
    PublicKey: publicKey,
  });
  const id = KeyId as string;
  const instance = await makeInstance(cloud, await makeNetwork(cloud), {
    LoginSettings: { KeyIds: [id] },
  });
  expect(cloud.world.desired.hosts[0]?.publicKeys).toEqual([publicKey]);
  expect(await outcome(cloud.cvm.DeleteKeyPairs({ KeyIds: [id] }))).toBe(
    "InvalidParameterValue.KeyPairNotSupported",
  );
  await cloud.cvm.DisassociateInstancesKeyPairs({ InstanceIds: [instance], KeyIds: [id] });
  await cloud.cvm.DeleteKeyPairs({ KeyIds: [id] });
  expect((await cloud.cvm.DescribeKeyPairs({ KeyIds: [id] })).KeyPairSet).toEqual([]);
});

test.each<[string, string, string]>([
  ["a hyphen in the name", "key-1", "InvalidKeyPairNameIncludeIllegalChar"],
  ["a name too long", "k".repeat(26), "InvalidKeyPairNameTooLong"],
  ["no name", "", "InvalidKeyPairNameEmpty"],
])("%s is refused", async (_, KeyName, code) => {
  const call = cloud.cvm.ImportKeyPair({ KeyName, ProjectId: 0, PublicKey: publicKey });
  expect(await outcome(call)).toBe(code);
});

test("what is no public key is refused; a key made here tells its private half once", async () => {
  const junk = cloud.cvm.ImportKeyPair({ KeyName: "k", ProjectId: 0, PublicKey: "junk" });
  expect(await outcome(junk)).toBe("InvalidPublicKey.Malformed");
  const { KeyPair } = await cloud.cvm.CreateKeyPair({ KeyName: "made", ProjectId: 0 });
  expect(KeyPair?.PrivateKey).toContain("BEGIN RSA PRIVATE KEY");
  const again = await cloud.cvm.DescribeKeyPairs({ KeyIds: [KeyPair?.KeyId as string] });
  expect(again.KeyPairSet?.[0]?.PrivateKey).toBe("");
});

test("who calls is known", async () => {
  expect(await cloud.sts.GetCallerIdentity()).toMatchObject({ AccountId: "100000000001" });
});

test.each<[string, string, string, string]>([
  ["a key of the platform's own", "project", "x", "InvalidParameter.ReservedTagKey"],
  ["a key with the platform's prefix", "qcs:x", "x", "InvalidParameter.ReservedTagKey"],
  ["signs in a key", "a|b", "x", "InvalidParameterValue.TagKeyCharacterIllegal"],
  ["signs in a value", "a", "v*?", "InvalidParameterValue.TagValueCharacterIllegal"],
  ["a value that ends with a space", "a", "x ", "InvalidParameterValue.TagValueCharacterIllegal"],
  ["no value", "a", "", "InvalidParameterValue.TagValueEmpty"],
  ["a key too long", "k".repeat(128), "x", "InvalidParameterValue.TagKeyLengthExceeded"],
  ["a value too long", "a", "v".repeat(256), "InvalidParameterValue.TagValueLengthExceeded"],
])("%s is refused", async (_, TagKey, TagValue, code) => {
  const { vpcId } = await makeNetwork(cloud);
  const call = cloud.tag.ModifyResourceTags({
    Resource: `qcs::vpc:ap-guangzhou:uin/:vpc/${vpcId}`,
    ReplaceTags: [{ TagKey, TagValue }],
  });
  expect(await outcome(call)).toBe(code);
});

test("a resource has 50 tags at most, and a name as long as its kind allows", async () => {
  const Tags = Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: "x" }));
  const vpc = { VpcName: "v", CidrBlock: "10.0.0.0/16" };
  expect(await outcome(cloud.vpc.CreateVpc({ ...vpc, Tags }))).toBe(
    "LimitExceeded.ResourceAttachedTags",
  );
  expect(await outcome(cloud.vpc.CreateVpc({ ...vpc, VpcName: "v".repeat(61) }))).toBe(
    "InvalidParameterValue.TooLong",
  );
});
