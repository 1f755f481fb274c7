import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action } from "../../action";
import { ApiError } from "../../errors";
import { discounted, trafficGB } from "../../prices";
import * as s from "../../schema";

type Request = Models.InquiryPriceAllocateAddressesRequest;

const chargeTypes = [
  "TRAFFIC_POSTPAID_BY_HOUR",
  "BANDWIDTH_POSTPAID_BY_HOUR",
  "BANDWIDTH_PREPAID_BY_MONTH",
];
/** In Mbit/s. */
const largestBandwidth = 100;

const inquiryPriceAllocateAddresses = action<Request, Models.InquiryPriceAllocateAddressesResponse>(
  "InquiryPriceAllocateAddresses",
  s.model<Request>({
    InternetChargeType: s.text,
    InternetMaxBandwidthOut: s.optionalInteger,
    AddressChargePrepaid: s.ignored,
    AddressType: s.optionalText,
    IPChargeType: s.refused,
  }),
  (_, { InternetChargeType: charge, InternetMaxBandwidthOut: mbps = 1, AddressType: type }) => {
    if (!chargeTypes.includes(charge)) {
      throw new ApiError(
        "InvalidParameterValue",
        `InternetChargeType '${charge}' is not one of ${chargeTypes.join(", ")}.`,
      );
    }
    if (charge !== "TRAFFIC_POSTPAID_BY_HOUR" || (type ?? "EIP") !== "EIP") {
      throw new ApiError("UnsupportedOperation", "The lab has a price of an EIP's traffic alone.");
    }
    if (mbps < 1 || mbps > largestBandwidth) {
      throw new ApiError(
        "InvalidParameterValue.Range",
        `InternetMaxBandwidthOut is 1 to ${largestBandwidth}, not ${mbps}.`,
      );
    }
    return {
      Price: {
        AddressPrice: {
          // The price of a GB. The API's own examples call its unit so, since traffic is settled by the hour.
          ChargeUnit: "HOUR",
          UnitPrice: trafficGB,
          DiscountPrice: discounted(trafficGB),
          OriginalPrice: 0,
        },
        IPPrice: null,
        OriginalPrice: 0,
        DiscountPrice: 0,
      },
    };
  },
  "The price is the lab's own, of traffic alone.",
);

export const addressPriceActions = [inquiryPriceAllocateAddresses];
