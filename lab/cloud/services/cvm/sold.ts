/** Ways instances are paid for in the lab; the real API has some more, for hosts of an account's own. */
export const chargeTypes = ["POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID"] as const;
export type ChargeType = (typeof chargeTypes)[number];

/** Families that are sold as spot instances in the lab. */
export const spotFamilies: readonly string[] = ["S5", "S6"];
