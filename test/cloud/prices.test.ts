import { diskTypes } from "../../lab/cloud/services/cbs/createDisk";
import { debian, outcome, startTestCloud, zone, type TestCloud } from "./support/cloud";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

describe("instances", () => {
  const inquire = (fields: object = {}) =>
    cloud.cvm.InquiryPriceRunInstances({
      Placement: { Zone: zone },
      ImageId: debian,
      InstanceType: "S5.LARGE8",
      SystemDisk: { DiskType: "CLOUD_PREMIUM", DiskSize: 100 },
      ...fields,
    });

  test("an hour is of vCPUs, memory and system disk, less the discount, the same however long it runs", async () => {
    const { Price } = await inquire();
    // 4 × 0.11 + 8 × 0.03 + 100 × 0.0003.
    expect(Price).toMatchObject({
      InstancePrice: {
        ChargeUnit: "HOUR",
        Discount: 90,
        ...{ UnitPrice: 0.71, UnitPriceSecondStep: 0.71, UnitPriceThirdStep: 0.71 },
        ...{ UnitPriceDiscount: 0.64, UnitPriceDiscountThirdStep: 0.64 },
      },
      BandwidthPrice: null,
    });
  });

  test.each<[string, object, number]>([
    ["data disks", { DataDisks: [{ DiskType: "CLOUD_HSSD", DiskSize: 500 }] }, 1.06],
    ["all instances of the order", { InstanceCount: 3 }, 2.13],
    ["default disks", { SystemDisk: undefined }, 0.7],
    ["what only makes a difference when it is ordered", { InstanceName: "x", HostName: "x" }, 0.71],
    ["a type that is sold out in its zone", { Placement: { Zone: "ap-guangzhou-4" } }, 0.71],
  ])("in it: %s", async (_, fields, hour) => {
    const { Price } = await inquire(fields);
    expect(Price?.InstancePrice?.UnitPrice).toBe(hour);
  });

  const spot = (price: string, more: object = {}) => ({
    InstanceChargeType: "SPOTPAID",
    InstanceMarketOptions: { SpotOptions: { MaxPrice: price }, MarketType: "spot" },
    ...more,
  });
  const prepaid = (months: number) => ({
    InstanceChargeType: "PREPAID",
    InstanceChargePrepaid: { Period: months, RenewFlag: "NOTIFY_AND_AUTO_RENEW" },
  });

  test("a spot instance costs a fifth, its disk what it costs always", async () => {
    const { Price } = await inquire(spot("0.5"));
    // (4 × 0.11 + 8 × 0.03) × 0.2 + 100 × 0.0003, and less the discount.
    expect(Price?.InstancePrice).toMatchObject({ UnitPrice: 0.17, UnitPriceDiscount: 0.15 });
  });

  test("months are paid as a whole, and cost no hours", async () => {
    const { Price } = await inquire(prepaid(12));
    // 0.71 × 730 × 12 / 2, and less the discount.
    expect(Price?.InstancePrice).toMatchObject({
      ...{ OriginalPrice: 3109.8, DiscountPrice: 2798.82, UnitPrice: 0, UnitPriceDiscount: 0 },
    });
  });

  test.each<[string, object, string]>([
    ["zone", { Placement: { Zone: "ap-guangzhou-9" } }, "InvalidZone.MismatchRegion"],
    ["image", { ImageId: "img-gone0000" }, "InvalidImageId.NotFound"],
    ["image id", { ImageId: "debian" }, "InvalidImageId.Malformed"],
    ["type", { InstanceType: "S9.LARGE8" }, "InvalidParameterValue.InstanceTypeNotFound"],
    ["system disk", { SystemDisk: { DiskSize: 10 } }, "InvalidParameterValue"],
    ["data disk", { DataDisks: [{ DiskSize: 55 }] }, "InvalidParameterValue"],
    ["count", { InstanceCount: 101 }, "InvalidParameterValue.Range"],
    ["charge type", { InstanceChargeType: "CDHPAID" }, "UnsupportedOperation"],
    ["time without months", { InstanceChargeType: "PREPAID" }, "InvalidParameterValue"],
    ["time", prepaid(13), "InvalidParameterValue"],
    [
      "type as spot",
      spot("9", { InstanceType: "SA2.LARGE8" }),
      "UnsupportedOperation.NoInstanceTypeSupportSpot",
    ],
    ["bid", spot("0.01"), "InvalidParameterValue.InsufficientPrice"],
    [
      "public bandwidth",
      { InternetAccessible: { PublicIpAssigned: true } },
      "UnsupportedOperation",
    ],
    ["field of RunInstances alone", { DryRun: true }, "UnknownParameter"],
  ])("a %s that cannot be is refused as an order is", async (_, fields, code) => {
    expect(await outcome(inquire(fields))).toBe(code);
  });

  test("nothing is made", async () => {
    expect((await cloud.cvm.DescribeInstances({})).TotalCount).toBe(0);
    expect((await cloud.cbs.DescribeDisks({})).TotalCount).toBe(0);
  });
});

describe("disks", () => {
  const inquire = (fields: object = {}) =>
    cloud.cbs.InquiryPriceCreateDisks({
      DiskChargeType: "POSTPAID_BY_HOUR",
      DiskType: "CLOUD_HSSD",
      DiskSize: 50,
      ...fields,
    });

  test("an hour is told in hundredths, and exactly", async () => {
    const { DiskPrice } = await inquire({ DiskCount: 2 });
    expect(DiskPrice).toMatchObject({
      ChargeUnit: "HOUR",
      ...{ UnitPrice: 0.07, UnitPriceHigh: "0.07" },
      ...{ UnitPriceDiscount: 0.06, UnitPriceDiscountHigh: "0.063" },
    });
  });

  test.each([...diskTypes.keys()])("%s has a price", async (DiskType) => {
    const { DiskPrice } = await inquire({ DiskType });
    expect(Number(DiskPrice?.UnitPriceHigh)).toBeGreaterThan(0);
  });

  test.each<[string, object, string]>([
    ["type", { DiskType: "CLOUD_GOLD" }, "InvalidParameterValue"],
    ["size", { DiskSize: 10 }, "InvalidParameterValue"],
    ["count", { DiskCount: 0 }, "InvalidParameterValue"],
    ["charge type", { DiskChargeType: "PREPAID" }, "UnsupportedOperation"],
    ["performance", { ThroughputPerformance: 100 }, "UnsupportedOperation"],
    ["zone", { Placement: { Zone: zone } }, "UnknownParameter"],
  ])("a %s that is not sold is refused", async (_, fields, code) => {
    expect(await outcome(inquire(fields))).toBe(code);
  });
});

describe("load balancers", () => {
  const inquire = (fields: object = {}) =>
    cloud.clb.InquiryPriceCreateLoadBalancer({
      LoadBalancerType: "INTERNAL",
      LoadBalancerChargeType: "POSTPAID",
      ...fields,
    });

  test("an hour is of all that are ordered", async () => {
    const { Price } = await inquire({ GoodsNum: 2, ZoneId: zone });
    expect(Price).toEqual({
      InstancePrice: expect.objectContaining({
        ...{ ChargeUnit: "HOUR", UnitPrice: 0.04, UnitPriceDiscount: 0.036 },
      }) as unknown,
      BandwidthPrice: null,
      LcuPrice: null,
    });
  });

  test.each<[string, object, string]>([
    ["type", { LoadBalancerType: "BOTH" }, "InvalidParameterValue"],
    ["charge type", { LoadBalancerChargeType: "PREPAID" }, "UnsupportedOperation"],
    [
      "charge type of an order",
      { LoadBalancerChargeType: "POSTPAID_BY_HOUR" },
      "InvalidParameterValue",
    ],
    ["number", { GoodsNum: 0 }, "InvalidParameterValue"],
    ["zone", { ZoneId: "ap-guangzhou-9" }, "InvalidParameterValue"],
    ["capacity type", { SlaType: "SLA" }, "UnsupportedOperation"],
  ])("a %s that is not sold is refused", async (_, fields, code) => {
    expect(await outcome(inquire(fields))).toBe(code);
  });
});

describe("public addresses", () => {
  const inquire = (fields: object = {}) =>
    cloud.vpc.InquiryPriceAllocateAddresses({
      InternetChargeType: "TRAFFIC_POSTPAID_BY_HOUR",
      ...fields,
    });

  test("a GB of traffic", async () => {
    const { Price } = await inquire();
    expect(Price?.AddressPrice).toMatchObject({ UnitPrice: 0.7, DiscountPrice: 0.63 });
  });

  test.each<[string, object, string]>([
    ["charge type", { InternetChargeType: "FREE" }, "InvalidParameterValue"],
    ["bandwidth", { InternetChargeType: "BANDWIDTH_POSTPAID_BY_HOUR" }, "UnsupportedOperation"],
    ["address type", { AddressType: "AnycastEIP" }, "UnsupportedOperation"],
    ["rate", { InternetMaxBandwidthOut: 101 }, "InvalidParameterValue.Range"],
  ])("a %s that is not sold is refused", async (_, fields, code) => {
    expect(await outcome(inquire(fields))).toBe(code);
  });
});
