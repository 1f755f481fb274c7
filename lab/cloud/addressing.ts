import ipaddr from "ipaddr.js";

import { ApiError } from "./errors";
import type { Store } from "./store";

/** An IPv4 range as two numbers. */
export interface Range {
  first: number;
  last: number;
  prefix: number;
}

function toNumber(address: ipaddr.IPv4): number {
  return address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** Parses dotted IPv4. @returns undefined when it is none. */
export function parseAddress(text: string): number | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? toNumber(ipaddr.IPv4.parse(text)) : undefined;
}

/**
 * Parses an IPv4 CIDR whose host bits are zero.
 * @throws ApiError `InvalidParameterValue.Malformed`
 */
export function parseRange(cidr: string): Range {
  const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(cidr);
  const first = match ? parseAddress(match[1] as string) : undefined;
  const prefix = Number(match?.[2]);
  if (first === undefined || prefix > 32) {
    throw new ApiError("InvalidParameterValue.Malformed", `'${cidr}' is not an IPv4 CIDR block.`);
  }
  const size = 2 ** (32 - prefix);
  if (first % size !== 0) {
    throw new ApiError(
      "InvalidParameterValue.Malformed",
      `'${cidr}' has host bits set; the block is ${toAddress(first - (first % size))}/${prefix}.`,
    );
  }
  return { first, last: first + size - 1, prefix };
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

export function contains(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

/** Who uses an address of a subnet. */
export interface UsedAddress {
  ip: string;
  vpcId: string;
  subnetId: string;
  resourceType: "CVM" | "HAVIP" | "CLB";
  resourceId: string;
}

/** Private addresses of a VPC that are in use: another one may have the same. A terminated instance gives its address back at once. */
export function usedAddresses(store: Store, inVpc: string): UsedAddress[] {
  const instances = store.tables.instances
    .list()
    .filter((each) => each.state !== "TERMINATING" && each.state !== "LAUNCH_FAILED")
    .map((each): UsedAddress => {
      const { privateIp: ip, vpcId, subnetId, id } = each;
      return { ip, vpcId, subnetId, resourceType: "CVM", resourceId: id };
    });
  const haVips = store.tables.haVips.list().map((each): UsedAddress => {
    const { vip: ip, vpcId, subnetId, id } = each;
    return { ip, vpcId, subnetId, resourceType: "HAVIP", resourceId: id };
  });
  const loadBalancers = store.tables.loadBalancers
    .list()
    .filter((each) => each.type === "INTERNAL")
    .map((each): UsedAddress => {
      const { vip: ip, vpcId, subnetId, id } = each;
      return { ip, vpcId, subnetId, resourceType: "CLB", resourceId: id };
    });
  return [...instances, ...haVips, ...loadBalancers].filter(({ vpcId }) => vpcId === inVpc);
}

/** Addresses a subnet can give out: all but the network, the gateway and the broadcast address. */
export function usableCount(range: Range): number {
  return Math.max(0, range.last - range.first + 1 - 3);
}

/** True for an address a resource of the subnet may have. */
export function isUsable(range: Range, address: number): boolean {
  return address > range.first + 1 && address < range.last;
}

/** The lowest free usable address of a range, or undefined when it is used up. */
export function firstFree(range: Range, used: ReadonlySet<string>): string | undefined {
  for (let candidate = range.first + 2; candidate < range.last; candidate++) {
    const address = toAddress(candidate);
    if (!used.has(address)) {
      return address;
    }
  }
  return undefined;
}

/**
 * A public address nobody has, from the lab's public range.
 * @throws ApiError `ResourceInsufficient` when the range is used up.
 */
export function allocatePublic(store: Store, publicRange: string): string {
  const used = new Set([
    ...store.tables.addresses.list().map((each) => each.ip),
    ...store.tables.instances.list().flatMap((each) => each.publicIp ?? []),
    ...store.tables.loadBalancers.list().flatMap((each) => (each.type === "OPEN" ? each.vip : [])),
  ]);
  const free = firstFree(parseRange(publicRange), used);
  if (free === undefined) {
    throw new ApiError("ResourceInsufficient", `No public address is left in ${publicRange}.`);
  }
  return free;
}
