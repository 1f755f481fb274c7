import { internalError } from "./errors";

/**
 * What things cost in the lab, by the hour and before the discount. The figures are the lab's own: made up, in no currency, and different enough that a
 * sum tells what is in it. The vendor's are told by the vendor alone.
 */
const hourly = {
  vCpu: 0.11,
  memoryGiB: 0.03,
  loadBalancer: 0.02,
  diskGiB: {
    CLOUD_BASIC: 0.0002,
    CLOUD_PREMIUM: 0.0003,
    CLOUD_BSSD: 0.0004,
    CLOUD_SSD: 0.0006,
    CLOUD_HSSD: 0.0007,
    CLOUD_TSSD: 0.0011,
  } as Readonly<Record<string, number>>,
};

/** A GB that a public address sends, in the lab. */
export const trafficGB = 0.7;

/** What the lab's account pays of each price, in per cent. */
export const discount = 90;

/** An hour of an instance, without its disks. */
export function instanceHour({ cpus, memoryGiB }: { cpus: number; memoryGiB: number }): number {
  return cpus * hourly.vCpu + memoryGiB * hourly.memoryGiB;
}

/** An hour of a disk of a type that is sold. */
export function diskHour(type: string, sizeGiB: number): number {
  const price = hourly.diskGiB[type];
  if (price === undefined) throw internalError(`the lab has no price for ${type}`);
  return exact(price * sizeGiB);
}

/** An hour of a load balancer. */
export const loadBalancerHour = hourly.loadBalancer;

/** An hour of a spot instance that costs so much by the hour: what the market asks in the lab, always. */
export function spotHour(hour: number): number {
  return exact(hour * 0.2);
}

/** So many months that are paid for beforehand, of what costs so much by the hour. */
export function prepaidPrice(hour: number, months: number): number {
  const shorter = 0.5;
  return exact(hour * 730 * shorter * months);
}

/** A price as the API tells it, in hundredths. */
export function hundredths(price: number): number {
  return Math.round(price * 100) / 100;
}

/** What the account pays of a price. */
export function discounted(price: number): number {
  return exact((price * discount) / 100);
}

/** A price without the noise that sums of binary fractions have. */
export function exact(price: number): number {
  return Number(price.toFixed(6));
}
