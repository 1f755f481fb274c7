import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_models";

import { action } from "../../action";
import { ApiError } from "../../errors";
import { discounted, diskHour, exact, hundredths } from "../../prices";
import * as s from "../../schema";
import { checkDiskSize } from "./createDisk";

type Request = Models.InquiryPriceCreateDisksRequest;

const inquiryPriceCreateDisks = action<Request, Models.InquiryPriceCreateDisksResponse>(
  "InquiryPriceCreateDisks",
  s.model<Request>({
    DiskChargeType: s.text,
    DiskType: s.text,
    DiskSize: s.integer,
    ProjectId: s.ignored,
    DiskCount: s.optionalInteger,
    ThroughputPerformance: s.refused,
    DiskChargePrepaid: s.ignored,
    DiskBackupQuota: s.refused,
  }),
  (_, { DiskChargeType, DiskType, DiskSize, DiskCount = 1 }) => {
    if (DiskChargeType !== "POSTPAID_BY_HOUR") {
      throw new ApiError("UnsupportedOperation", `The lab has no price by ${DiskChargeType}.`);
    }
    if (DiskCount < 1) {
      throw new ApiError("InvalidParameterValue", `DiskCount is ${DiskCount}, at least 1.`);
    }
    checkDiskSize(DiskType, DiskSize);
    const hour = DiskCount * diskHour(DiskType, DiskSize);
    return {
      DiskPrice: {
        ChargeUnit: "HOUR",
        UnitPrice: hundredths(hour),
        UnitPriceHigh: String(exact(hour)),
        UnitPriceDiscount: hundredths(discounted(hour)),
        UnitPriceDiscountHigh: String(discounted(hour)),
        OriginalPrice: 0,
        OriginalPriceHigh: "",
        DiscountPrice: 0,
        DiscountPriceHigh: "",
      },
    };
  },
  "Prices are the lab's own, for all disks of the order, by the hour alone.",
);

export const diskPriceActions = [inquiryPriceCreateDisks];
