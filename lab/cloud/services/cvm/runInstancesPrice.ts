import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import { ApiError } from "../../errors";
import { discount, discounted, diskHour, hundredths, instanceHour } from "../../prices";
import * as s from "../../schema";
import {
  checkDiskSize,
  checkSystemDisk,
  defaultDiskType,
  defaultSystemGiB,
} from "../cbs/createDisk";
import { checkCount, checkDataDisks, checkOffer } from "./runInstancesChecks";
import { dataDiskSchema, imageId, placementSchema, systemDiskSchema } from "./runInstancesModel";

type Request = Models.InquiryPriceRunInstancesRequest;

/** Hours' price of the disks that are ordered with one instance. @throws ApiError when one of them is not sold. */
function disksHour({ SystemDisk, DataDisks }: Request): number {
  const systemType = SystemDisk?.DiskType ?? defaultDiskType;
  const systemGiB = SystemDisk?.DiskSize ?? defaultSystemGiB;
  checkSystemDisk(systemType, systemGiB);
  const data = (DataDisks ?? []).map(({ DiskType = defaultDiskType, DiskSize }) => {
    checkDiskSize(DiskType, DiskSize);
    return diskHour(DiskType, DiskSize);
  });
  return [diskHour(systemType, systemGiB), ...data].reduce((sum, each) => sum + each, 0);
}

/** A price of the lab, which is the same however long an instance runs. */
function itemPrice(hour: number): s.Full<Models.ItemPrice> {
  const list = hundredths(hour);
  const paid = hundredths(discounted(hour));
  return {
    UnitPrice: list,
    UnitPriceSecondStep: list,
    UnitPriceThirdStep: list,
    UnitPriceDiscount: paid,
    UnitPriceDiscountSecondStep: paid,
    UnitPriceDiscountThirdStep: paid,
    ChargeUnit: "HOUR",
    Discount: discount,
    OriginalPrice: 0,
    DiscountPrice: 0,
    OriginalPriceOneYear: 0,
    DiscountPriceOneYear: 0,
    DiscountOneYear: 0,
    OriginalPriceThreeYear: 0,
    DiscountPriceThreeYear: 0,
    DiscountThreeYear: 0,
    OriginalPriceFiveYear: 0,
    DiscountPriceFiveYear: 0,
    DiscountFiveYear: 0,
  };
}

const inquiryPriceRunInstances = action<Request, Models.InquiryPriceRunInstancesResponse>(
  "InquiryPriceRunInstances",
  s.model<Request>({
    Placement: placementSchema,
    ImageId: imageId,
    InstanceChargeType: s.optionalText,
    InstanceChargePrepaid: s.ignored,
    InstanceType: s.optionalText,
    SystemDisk: systemDiskSchema.optional(),
    DataDisks: dataDiskSchema.array().max(20).optional(),
    VirtualPrivateCloud: s.ignored,
    InternetAccessible: s.refused,
    InstanceCount: s.optionalInteger,
    InstanceName: s.ignored,
    LoginSettings: s.ignored,
    SecurityGroupIds: s.ignored,
    EnhancedService: s.ignored,
    ClientToken: s.ignored,
    HostName: s.ignored,
    TagSpecification: s.ignored,
    InstanceMarketOptions: s.ignored,
    Metadata: s.ignored,
    HpcClusterId: s.refused,
    CpuTopology: s.refused,
    LaunchTemplate: s.refused,
    NetworkInterfaces: s.refused,
  }),
  ({ settings }, request) => {
    const { type } = checkOffer(settings, request);
    const charge = request.InstanceChargeType ?? "POSTPAID_BY_HOUR";
    if (charge !== "POSTPAID_BY_HOUR") {
      throw new ApiError("UnsupportedOperation", `The lab has no price by ${charge}.`);
    }
    const count = checkCount(request.InstanceCount);
    checkDataDisks(settings, request.DataDisks);
    const hour = count * (instanceHour(type) + disksHour(request));
    return { Price: { InstancePrice: itemPrice(hour), BandwidthPrice: null } };
  },
  "Prices are the lab's own. They are for all instances of the order and their disks, by the hour alone, without tiers; one that is sold out has a price.",
);

export const runInstancesPriceActions = [inquiryPriceRunInstances];
