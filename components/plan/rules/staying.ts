import { chargeTypes, renewals } from "../charge";
import { type Fault } from "../fault";

/** What is known of how long a machine or a disk is there. What is absent has the API's default. */
export interface ChargeFacts {
  /** Charge type. @default `POSTPAID_BY_HOUR` */
  type?: string | undefined;
  /** What happens when a prepaid time is over. @default `NOTIFY_AND_MANUAL_RENEW` */
  renewal?: string | undefined;
}

/** Charge types that nothing ends but a decision: by the hour, and on hosts that are the account's own. */
const lasting: readonly string[] = [
  chargeTypes.hourly,
  ...["CDHPAID", "CDCPAID", "DEDICATED_CLUSTER_PAID"],
];

/** Why something that is charged so is not there to stay; undefined when it is. */
export function chargeFault({ type, renewal }: ChargeFacts): Fault | undefined {
  if (type === undefined || lasting.includes(type)) return undefined;
  if (type === chargeTypes.prepaid) {
    if (renewal === renewals.automatic) return undefined;
    return {
      message: `is prepaid and ends with its time: renewal is ${renewal ?? `${renewals.manual}, the default`}`,
      fix: `Set the renewal to ${renewals.automatic}, or charge by the hour`,
    };
  }
  return {
    message:
      type === chargeTypes.spot
        ? "is a spot instance, which the cloud takes back whenever it wants"
        : `has charge type ${type}, which is none known to last`,
    fix: `Use one of ${lasting.slice(0, 3).join(", ")}, or PREPAID with ${renewals.automatic}`,
  };
}
