import { type Charge } from "./schema/workers";

/** Charge types of instances as the API names them. */
export const chargeTypes = {
  hourly: "POSTPAID_BY_HOUR",
  spot: "SPOTPAID",
  prepaid: "PREPAID",
} as const satisfies Record<Charge["kind"], string>;

/** What happens when a prepaid time is over, as the API names it: paid for by the month from then on, or ended. */
export const renewals = {
  automatic: "NOTIFY_AND_AUTO_RENEW",
  manual: "NOTIFY_AND_MANUAL_RENEW",
} as const;

/** What happens when the time of a prepaid machine is over. */
export function renewalOf({ autoRenew }: Extract<Charge, { kind: "prepaid" }>): string {
  return autoRenew ? renewals.automatic : renewals.manual;
}
