import { secondsOf } from "./schema/times";

const hour = 3600;
const year = 8760 * hour;

/**
 * Seconds of a slot in which one member of a role may renew its certificates, the next in the next one, and so on: turns by the clock, which members need
 * not talk about. All have had theirs within a fifth of the validity, so that a certificate which is renewed from half of it on has three tenths left,
 * and a member that misses a turn has another.
 *
 * @param validity Of the certificates, such as `8760h`.
 */
export function renewalSlotSeconds(members: number, validity: string): number {
  return Math.min(hour, Math.floor(secondsOf(validity) / 5 / members));
}

/**
 * Seconds for which the masters sign what kubelets ask for. A kubelet asks again when 70 to 90 % of that is over, at random: three times as long as others'
 * certificates, it has as much left as they have at the last; but never more than a year.
 */
export function kubeletValiditySeconds(validity: string): number {
  return Math.min(year, 3 * secondsOf(validity));
}
