import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import type { Call } from "../../action";
import { ApiError } from "../../errors";
import { instanceHour, spotHour } from "../../prices";
import { checkQuota } from "../../quotas";
import { instanceTypes, type InstanceType } from "./instanceTypes";
import { presentInstances } from "./presentInstances";
import { chargeTypes, type ChargeType, spotFamilies } from "./sold";

/** Months that are sold. */
const periods = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 24, 36, 48, 60];
const renewFlags = [
  "NOTIFY_AND_AUTO_RENEW",
  "NOTIFY_AND_MANUAL_RENEW",
  "DISABLE_NOTIFY_AND_MANUAL_RENEW",
];

type Request = Pick<
  Models.RunInstancesRequest,
  "InstanceChargeType" | "InstanceChargePrepaid" | "InstanceMarketOptions"
>;

/** How an order is paid for. */
export interface OrderedCharge {
  chargeType: ChargeType;
  renewFlag: string;
  /** Months that are paid for beforehand. */
  months: number;
}

/** @throws ApiError unless it is one of those the API names. */
export function checkRenewFlag(flag: string): string {
  if (renewFlags.includes(flag)) return flag;
  throw new ApiError(
    "InvalidParameterValue",
    `RenewFlag '${flag}' is not one of ${renewFlags.join(", ")}.`,
  );
}

/**
 * How an order of a type is to be paid for.
 * @throws ApiError when the type is not sold so, for that price, or for that time.
 */
export function orderedCharge(request: Request, type: InstanceType): OrderedCharge {
  const wanted = request.InstanceChargeType ?? "POSTPAID_BY_HOUR";
  const chargeType = chargeTypes.find((each) => each === wanted);
  if (chargeType === undefined) {
    throw new ApiError("UnsupportedOperation", `The lab sells nothing by ${wanted}.`);
  }
  const { Period: months = 0, RenewFlag: flag } = request.InstanceChargePrepaid ?? {};
  if (chargeType === "PREPAID" && !periods.includes(months)) {
    throw new ApiError(
      "InvalidParameterValue",
      `InstanceChargePrepaid.Period is one of ${periods.join(", ")}, not ${months}.`,
    );
  }
  if (chargeType === "SPOTPAID") checkSpot(request, type);
  return {
    chargeType,
    months,
    renewFlag: checkRenewFlag(flag ?? "NOTIFY_AND_MANUAL_RENEW"),
  };
}

function checkSpot({ InstanceMarketOptions: market }: Request, type: InstanceType): void {
  if (!spotFamilies.includes(type.family)) {
    throw new ApiError(
      "UnsupportedOperation.NoInstanceTypeSupportSpot",
      `${type.name} is not sold as spot.`,
    );
  }
  const { MaxPrice: offered, SpotInstanceType: kind = "one-time" } = market?.SpotOptions ?? {};
  if (kind !== "one-time" || (market?.MarketType ?? "spot") !== "spot") {
    throw new ApiError("InvalidParameterValue", "Of spot instances there is the type one-time.");
  }
  const price = spotHour(instanceHour(type));
  if (offered !== undefined && Number(offered) < price) {
    throw new ApiError(
      "InvalidParameterValue.InsufficientPrice",
      `${offered} is less than the price of ${price}.`,
    );
  }
}

/** Quotas of instances in a zone, by how they are paid for. @throws ApiError when so many more are too many. */
export function checkInstanceQuota(
  call: Call,
  zone: string,
  { chargeType }: OrderedCharge,
  { cpus }: InstanceType,
  count: number,
): void {
  const used = usedQuota(call, zone, chargeType);
  switch (chargeType) {
    case "SPOTPAID":
      checkQuota(call, "spotCoresPerZone", used + cpus * count, zone);
      break;
    case "PREPAID":
      checkQuota(call, "prepaidPerZone", used + count, zone);
      break;
    default:
      checkQuota(call, "instancesPerZone", used + count, zone);
  }
}

/** What of a quota is used: of spot instances, cores. */
export function usedQuota({ store }: Call, zone: string, chargeType: ChargeType): number {
  const present = presentInstances(store).filter(
    (each) => each.zone === zone && each.chargeType === chargeType,
  );
  if (chargeType !== "SPOTPAID") return present.length;
  const cores = present.map(
    ({ instanceType }) => instanceTypes.find(({ name }) => name === instanceType)?.cpus ?? 0,
  );
  return cores.reduce((sum, each) => sum + each, 0);
}
