import ipaddr from "ipaddr.js";

/** An IPv4 range. `first` is the network address as an unsigned number, `size` the count of addresses. */
export interface Cidr {
  text: string;
  first: number;
  prefix: number;
  size: number;
}

/**
 * Reads an IPv4 range in CIDR form.
 * @returns undefined unless the text is one, with no host bits set (`10.0.0.1/16` is a mistake, not a range).
 */
export function readCidr(text: string): Cidr | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return undefined;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(text);
  const first = toNumber(address.octets);
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { text, first, prefix, size } : undefined;
}

/** Reads a range that has been validated before. @throws when it has not. */
export function parseCidr(text: string): Cidr {
  const cidr = readCidr(text);
  if (cidr === undefined) throw new Error(`"${text}" is no IPv4 range such as 10.0.0.0/16`);
  return cidr;
}

/** Reads a dotted IPv4 address; undefined when it is none. */
export function readAddress(text: string): number | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text)
    ? toNumber(ipaddr.IPv4.parse(text).octets)
    : undefined;
}

/** Whether two ranges share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** Whether `inner` lies wholly in `outer`. */
export function contains(outer: Cidr, inner: Cidr): boolean {
  return inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;
}

/** The address `offset` places after the first one of a range. @throws when that is outside it. */
export function addressAt(cidr: Cidr, offset: number): string {
  if (!Number.isInteger(offset) || offset < 0 || offset >= cidr.size) {
    throw new Error(`address ${offset} is outside ${cidr.text}, which has ${cidr.size} addresses`);
  }
  return formatAddress(cidr.first + offset);
}

/** Dotted form of an address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

function toNumber(octets: number[]): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
