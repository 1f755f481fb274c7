import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action } from "../../action";
import { ApiError } from "../../errors";
import { discount, discounted, loadBalancerHour } from "../../prices";
import * as s from "../../schema";
import { zoneNames } from "../cvm/zones";
import { oneOf, within } from "./common";

type Request = Models.InquiryPriceCreateLoadBalancerRequest;

const inquiryPriceCreateLoadBalancer = action<
  Request,
  Models.InquiryPriceCreateLoadBalancerResponse
>(
  "InquiryPriceCreateLoadBalancer",
  s.model<Request>({
    LoadBalancerType: oneOf("OPEN", "INTERNAL"),
    LoadBalancerChargeType: oneOf("POSTPAID", "PREPAID"),
    LoadBalancerChargePrepaid: s.ignored,
    InternetAccessible: s.refused,
    GoodsNum: within(1, 20).optional(),
    ZoneId: s.optionalText,
    SlaType: s.refused,
    AddressIPVersion: s.ignored,
    VipIsp: s.ignored,
  }),
  ({ settings }, { LoadBalancerChargeType: charge, GoodsNum = 1, ZoneId: zone }) => {
    if (charge !== "POSTPAID") {
      throw new ApiError("UnsupportedOperation", `The lab has no price by ${charge}.`);
    }
    if (zone !== undefined && !zoneNames(settings).includes(zone)) {
      throw new ApiError("InvalidParameterValue", `There is no zone '${zone}'.`);
    }
    const hour = GoodsNum * loadBalancerHour;
    return {
      Price: {
        InstancePrice: {
          UnitPrice: hour,
          UnitPriceDiscount: discounted(hour),
          ChargeUnit: "HOUR",
          Discount: discount,
          OriginalPrice: 0,
          DiscountPrice: 0,
        },
        BandwidthPrice: null,
        LcuPrice: null,
      },
    };
  },
  "Prices are the lab's own, for all load balancers of the order, by the hour alone.",
);

export const loadBalancerPriceActions = [inquiryPriceCreateLoadBalancer];
