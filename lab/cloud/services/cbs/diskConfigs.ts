import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_models";

import { action } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import { instanceFamilies } from "../cvm/instanceTypes";
import { zoneNames } from "../cvm/zones";
import { diskTypes, largestGiB, largestSystemGiB, smallestSystemGiB } from "./createDisk";

const chargeTypes = ["PREPAID", "POSTPAID_BY_HOUR"];
const usages = ["SYSTEM_DISK", "DATA_DISK"] as const;
const inquiries = ["INQUIRY_CBS_CONFIG", "INQUIRY_CVM_CONFIG"];
/** Sold no more; what there is of it lives on. */
const retired = "CLOUD_BASIC";

/** Keeps what is asked for; no list asks for all. */
const chosen = <T extends string>(all: readonly T[], wanted: string[] | undefined): T[] =>
  all.filter((each) => !wanted?.length || wanted.includes(each));

/** What disks can be had where. What they cost is told by InquiryPriceCreateDisks alone. */
const describeDiskConfigQuota = action<
  Models.DescribeDiskConfigQuotaRequest,
  Models.DescribeDiskConfigQuotaResponse
>(
  "DescribeDiskConfigQuota",
  s.model<Models.DescribeDiskConfigQuotaRequest>({
    InquiryType: s.text,
    DiskChargeType: s.optionalText,
    InstanceFamilies: s.optionalTexts,
    DiskTypes: s.optionalTexts,
    Zones: s.optionalTexts,
    Memory: s.optionalInteger,
    DiskUsage: s.optionalText,
    CPU: s.optionalInteger,
    DedicatedClusterId: s.optionalText,
  }),
  ({ settings }, request) => {
    if (!inquiries.includes(request.InquiryType)) {
      throw new ApiError(
        "InvalidParameterValue",
        `InquiryType '${request.InquiryType}' is not one of ${inquiries.join(", ")}.`,
      );
    }
    const families =
      request.InquiryType === "INQUIRY_CVM_CONFIG"
        ? chosen(instanceFamilies, request.InstanceFamilies)
        : [""];
    const one = (value: string | undefined) => (value === undefined ? [] : [value]);
    const configs = chosen(zoneNames(settings), request.Zones).flatMap((zone) =>
      chosen([...diskTypes.keys()], request.DiskTypes).flatMap((type) =>
        chosen(usages, one(request.DiskUsage)).flatMap((usage) =>
          chosen(chargeTypes, one(request.DiskChargeType)).flatMap((charge) =>
            families.map((family) => ({ zone, type, usage, charge, family })),
          ),
        ),
      ),
    );
    return {
      DiskConfigSet: configs.map(({ zone, type, usage, charge, family }) => {
        const system = usage === "SYSTEM_DISK";
        return {
          Available: type !== retired,
          DiskChargeType: charge,
          Zone: zone,
          InstanceFamily: family,
          DiskType: type,
          StepSize: 10,
          ExtraPerformanceRange: [],
          DeviceClass: "",
          DiskUsage: usage,
          MinDiskSize: system ? smallestSystemGiB : (diskTypes.get(type)?.minimum ?? 0),
          MaxDiskSize: system ? largestSystemGiB : largestGiB,
          Price: unpriced,
        };
      }),
    };
  },
);

const unpriced: s.Full<Models.Price> = {
  ChargeUnit: "HOUR",
  DiscountPrice: 0,
  DiscountPriceHigh: "",
  OriginalPrice: 0,
  OriginalPriceHigh: "",
  UnitPrice: 0,
  UnitPriceDiscount: 0,
  UnitPriceDiscountHigh: "",
  UnitPriceHigh: "",
};

export const diskConfigActions = [describeDiskConfigQuota];
