import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import {
  discount,
  discounted,
  diskHour,
  hundredths,
  instanceHour,
  prepaidPrice,
  spotHour,
} from "../../prices";
import * as s from "../../schema";
import {
  checkDiskSize,
  checkSystemDisk,
  defaultDiskType,
  defaultSystemGiB,
} from "../cbs/createDisk";
import { orderedCharge } from "./charges";
import { checkCount, checkDataDisks, checkOffer } from "./runInstancesChecks";
import {
  dataDiskSchema,
  imageId,
  marketSchema,
  placementSchema,
  prepaidSchema,
  systemDiskSchema,
} from "./runInstancesModel";

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

/** A price of the lab by the hour, which is the same however long an instance runs, or for a time that is paid for beforehand; the other one is 0. */
function itemPrice(hour: number, period = 0): s.Full<Models.ItemPrice> {
  const list = hundredths(hour);
  const paid = hundredths(discounted(hour));
  return {
    UnitPrice: list,
    UnitPriceSecondStep: list,
    UnitPriceThirdStep: list,
    UnitPriceDiscount: paid,
    UnitPriceDiscountSecondStep: paid,
    UnitPriceDiscountThirdStep: paid,
    ChargeUnit: period === 0 ? "HOUR" : "",
    Discount: discount,
    OriginalPrice: hundredths(period),
    DiscountPrice: hundredths(discounted(period)),
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
    InstanceChargePrepaid: prepaidSchema.optional(),
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
    InstanceMarketOptions: marketSchema.optional(),
    Metadata: s.ignored,
    HpcClusterId: s.refused,
    CpuTopology: s.refused,
    LaunchTemplate: s.refused,
    NetworkInterfaces: s.refused,
  }),
  ({ settings }, request) => {
    const { type } = checkOffer(settings, request);
    const { chargeType, months } = orderedCharge(request, type);
    const count = checkCount(request.InstanceCount);
    checkDataDisks(settings, request.DataDisks);
    const [machine, disks] = [instanceHour(type), disksHour(request)];
    const price =
      chargeType === "PREPAID"
        ? itemPrice(0, count * prepaidPrice(machine + disks, months))
        : itemPrice(count * ((chargeType === "SPOTPAID" ? spotHour(machine) : machine) + disks));
    return { Price: { InstancePrice: price, BandwidthPrice: null } };
  },
  "Prices are the lab's own. They are for all instances of the order and their disks, without tiers; a spot instance costs a fifth at any time, months beforehand half of their hours; one that is sold out has a price.",
);

export const runInstancesPriceActions = [inquiryPriceRunInstances];
