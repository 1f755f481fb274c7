import { addressAt, parseCidr } from "./cidr";
import { type Role } from "./roles";

/**
 * How every subnet is laid out. An address depends on the role, the key and the subnet alone, so adding or removing a
 * member, a pool or a zone never moves anybody. The first ten addresses (network, gateway, what the platform takes)
 * and the last one (broadcast) are left alone. The smallest subnet, a /24, holds four blocks of workers (127).
 */
export const layout = {
  /** The API's virtual addresses, one a kind of entry that has one, so that two kinds may be side by side while one takes the other's place. */
  vip: 10,
  loadBalancer: 11,
  lvsVip: 12,
  bastion: { first: 20, count: 2 },
  /** No more can take a HAVIP. */
  director: { first: 22, count: 10 },
  balancer: { first: 32, count: 26 },
  /** They keep nothing, so one that is made anew has its old key. */
  registry: { first: 58, count: 6 },
  master: { first: 64, count: 32 },
  etcd: { first: 96, count: 32 },
  worker: { first: 128, blockSize: 32 },
} as const;

/** Longest and shortest prefix a subnet may have to hold that layout. */
export const subnetPrefix = { min: 16, max: 24 } as const;

/** Place of a key in the range of its role, from 1: "1" and "a" are 1, "2" and "b" are 2. */
export function keyPlace(key: string): number {
  return /^\d+$/.test(key) ? Number(key) : key.charCodeAt(0) - "a".charCodeAt(0) + 1;
}

/** Where in its subnet a member lives: the offset from the network address. May lie outside a subnet that is too small. */
export function memberOffset(role: Role, key: string, addressBlock = 0): number {
  const place = keyPlace(key) - 1;
  return role === "worker"
    ? layout.worker.first + addressBlock * layout.worker.blockSize + place
    : layout[role].first + place;
}

/** How many members of a role a subnet of `size` addresses has room for. */
export function memberRoom(role: Role, size: number, addressBlock = 0): number {
  return role === "worker"
    ? Math.max(0, size - 1 - layout.worker.first - addressBlock * layout.worker.blockSize)
    : layout[role].count;
}

/** Private address of a member. @throws when the key is outside the subnet. */
export function memberAddress(
  subnetCidr: string,
  role: Role,
  key: string,
  addressBlock = 0,
): string {
  const subnet = parseCidr(subnetCidr);
  if (keyPlace(key) > memberRoom(role, subnet.size, addressBlock)) {
    throw new Error(`${subnetCidr} has no address for ${role} "${key}"`);
  }
  return addressAt(subnet, memberOffset(role, key, addressBlock));
}

/** Address of the API's entry, a kind of its own for each, unless one is configured. */
export function defaultVip(subnetCidr: string, of: "vip" | "lvsVip" | "loadBalancer"): string {
  return addressAt(parseCidr(subnetCidr), layout[of]);
}

/** Address of the API's Service inside the cluster: the first of the range. */
export function kubernetesServiceAddress(serviceCidr: string): string {
  return addressAt(parseCidr(serviceCidr), 1);
}

/** Address of the cluster's DNS server: the tenth of the range, as kubeadm has it. */
export function dnsServiceAddress(serviceCidr: string): string {
  return addressAt(parseCidr(serviceCidr), 10);
}
