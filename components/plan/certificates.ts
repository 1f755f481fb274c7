import { type HostPlan } from "./model";
import { secondsOf } from "./schema/pki";

const hour = 3600;
const year = 8760 * hour;

/** When a member of a role may renew its certificates: in its slots, of which each member has every so-manieth. No two are of the same time. */
export interface RenewalTurns {
  /** Which of the slots is the member's, from 0. */
  place: number;
  /** How many members take turns. */
  places: number;
  /** Seconds a slot lasts. */
  slotSeconds: number;
}

/**
 * Turns by the clock, which members need not talk about. All have had theirs within a fifth of the validity, so that a certificate which is renewed
 * from half of it on has three tenths left, and a member that misses a turn has another.
 *
 * @param validity Of the certificates, such as `8760h`.
 */
export function renewalTurns(
  members: readonly HostPlan[],
  member: HostPlan,
  validity: string,
): RenewalTurns {
  const places = members.length;
  return {
    place: members.findIndex(({ name }) => name === member.name),
    places,
    slotSeconds: Math.min(hour, Math.floor(secondsOf(validity) / 5 / places)),
  };
}

/**
 * Seconds for which the masters sign what kubelets ask for. A kubelet asks again when 70 to 90 % of that is over, at random: three times as long as others'
 * certificates, it has as much left as they have at the last; but never more than a year.
 */
export function kubeletValiditySeconds(validity: string): number {
  return Math.min(year, 3 * secondsOf(validity));
}
