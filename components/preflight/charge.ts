import { chargeTypes, renewalOf } from "../plan/charge";
import type { Charge } from "../plan/schema/workers";

/** How an order, or a question for the price of one, says what is paid. */
export function chargeOrder(charge: Charge) {
  const type = { InstanceChargeType: chargeTypes[charge.kind] };
  switch (charge.kind) {
    case "hourly":
      return type;
    case "spot":
      return {
        ...type,
        InstanceMarketOptions: {
          MarketType: "spot",
          SpotOptions: { MaxPrice: charge.maxPrice, SpotInstanceType: "one-time" },
        },
      };
    case "prepaid":
      return {
        ...type,
        InstanceChargePrepaid: {
          Period: charge.months,
          RenewFlag: renewalOf(charge),
        },
      };
  }
}

/** How it is paid for, in words of a report; nothing for what is usual. */
export function chargeWords(charge: Charge): string {
  switch (charge.kind) {
    case "hourly":
      return "";
    case "spot":
      return `, spot up to ${charge.maxPrice} an hour`;
    case "prepaid":
      return `, prepaid for ${charge.months} ${charge.months === 1 ? "month" : "months"}`;
  }
}
