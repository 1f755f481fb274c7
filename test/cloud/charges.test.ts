import {
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  stateOf,
  type TestCloud,
  until,
  zone,
} from "./support/cloud";

let cloud: TestCloud;
let network: { vpcId: string; subnetId: string };

beforeEach(async () => {
  cloud = await startTestCloud();
  network = await makeNetwork(cloud);
});
afterEach(() => cloud.close());

const prepaid = (RenewFlag?: string) => ({
  InstanceChargeType: "PREPAID",
  InstanceChargePrepaid: { Period: 1, ...(RenewFlag && { RenewFlag }) },
});
const spot = {
  InstanceChargeType: "SPOTPAID",
  InstanceMarketOptions: { SpotOptions: { MaxPrice: "0.5", SpotInstanceType: "one-time" } },
};
const make = (fields: object) =>
  makeInstance(cloud, network, { InstanceType: "S5.LARGE8", ...fields });
async function described(id: string) {
  const { InstanceSet } = await cloud.cvm.DescribeInstances({ InstanceIds: [id] });
  return InstanceSet?.[0];
}

test("a spot instance says that it is one, its disk is by the hour, and it is gone at once", async () => {
  const id = await make(spot);
  expect(await described(id)).toMatchObject({ InstanceChargeType: "SPOTPAID" });
  const disks = await cloud.cbs.DescribeDisks({});
  expect(disks.DiskSet).toMatchObject([{ DiskChargeType: "POSTPAID_BY_HOUR" }]);
  await cloud.cvm.TerminateInstances({ InstanceIds: [id] });
  await until(
    () => described(id),
    (found) => found === undefined,
  );
});

test("a prepaid instance goes to the recycle bin with all it has, and from there for good", async () => {
  const id = await make({
    ...prepaid("NOTIFY_AND_AUTO_RENEW"),
    VirtualPrivateCloud: {
      VpcId: network.vpcId,
      SubnetId: network.subnetId,
      PrivateIpAddresses: ["10.1.1.9"],
    },
  });
  expect(await described(id)).toMatchObject({
    ...{ InstanceChargeType: "PREPAID", RenewFlag: "NOTIFY_AND_AUTO_RENEW" },
  });
  await cloud.cvm.TerminateInstances({ InstanceIds: [id] });
  expect(await stateOf(cloud, id)).toBe("SHUTDOWN");
  expect(await described(id)).toMatchObject({
    ...{ PrivateIpAddresses: ["10.1.1.9"], LatestOperationState: "SUCCESS" },
  });
  expect(cloud.world.desired.hosts).toMatchObject([{ instanceId: id, power: "stopped" }]);
  expect(await outcome(cloud.cvm.StartInstances({ InstanceIds: [id] }))).toBe(
    "UnsupportedOperation.InstanceStateShutdown",
  );
  await cloud.cvm.TerminateInstances({ InstanceIds: [id] });
  await until(
    () => described(id),
    (found) => found === undefined,
  );
  expect(await cloud.admin("GET", "/resources")).toMatchObject({ instances: [], disks: [] });
});

test("renewal is changed of what is prepaid, and of nothing else", async () => {
  const id = await make(prepaid());
  const renew = (of: string, RenewFlag: string) =>
    outcome(cloud.cvm.ModifyInstancesRenewFlag({ InstanceIds: [of], RenewFlag }));
  expect(await renew(id, "NOTIFY_AND_AUTO_RENEW")).toBe("ok");
  expect((await described(id))?.RenewFlag).toBe("NOTIFY_AND_AUTO_RENEW");
  expect(await renew(id, "ALWAYS")).toBe("InvalidParameterValue");
  expect(await renew(await make({}), "NOTIFY_AND_AUTO_RENEW")).toBe(
    "UnsupportedOperation.InstanceChargeType",
  );
});

test("each way to pay has a quota of its own: spot by cores", async () => {
  await make({});
  await make(prepaid());
  await make(spot);
  const { AccountQuotaOverview } = await cloud.cvm.DescribeAccountQuota({
    Filters: [{ Name: "zone", Values: [zone] }],
  });
  expect(AccountQuotaOverview?.AccountQuota).toMatchObject({
    PostPaidQuotaSet: [{ UsedQuota: 1 }],
    PrePaidQuotaSet: [{ UsedQuota: 1, RemainingQuota: 99, OnceQuota: 100 }],
    SpotPaidQuotaSet: [{ UsedQuota: 4, RemainingQuota: 496 }],
  });
});

test("a type is offered in each way that it is sold in", async () => {
  const offered = async (type: string) => {
    const { InstanceTypeQuotaSet } = await cloud.cvm.DescribeZoneInstanceConfigInfos({
      Filters: [
        { Name: "zone", Values: [zone] },
        { Name: "instance-type", Values: [type] },
      ],
    });
    return InstanceTypeQuotaSet?.map(({ InstanceChargeType }) => InstanceChargeType).sort();
  };
  expect(await offered("S5.LARGE8")).toEqual(["POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID"]);
  expect(await offered("SA2.LARGE8")).toEqual(["POSTPAID_BY_HOUR", "PREPAID"]);
});
