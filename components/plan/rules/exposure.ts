import { readCidr } from "../cidr";
import { ports } from "../ports";
import { type Fault } from "../fault";

/** Ports that are never open to everybody, with what listens there. All of them TCP. */
export const guardedPorts: readonly { first: number; last: number; what: string }[] = [
  { first: ports.ssh, last: ports.ssh, what: "SSH" },
  { first: ports.api, last: ports.api, what: "the API" },
  { first: ports.etcdClient, last: ports.etcdMetrics, what: "etcd" },
  { first: ports.haproxyMetrics, last: ports.haproxyMetrics, what: "HAProxy's metrics" },
  { first: ports.hostMetrics, last: ports.hostMetrics, what: "a host's metrics" },
  { first: ports.kubelet, last: ports.kubelet, what: "the kubelet" },
];

/**
 * Widest range that still is a declared one. A wider one is the world, in one piece or in halves; no private range is
 * wider (10.0.0.0/8).
 */
export const widestPrefix = { ipv4: 8, ipv6: 16 } as const;

/** What is known of a rule that lets traffic in. */
export interface OpenRule {
  /** `TCP`, `UDP`, `ICMP`, `ALL`, in any case; absent is ALL. */
  protocol?: string;
  /** `ALL`, `22`, `80,443` or `30000-32767`; absent is ALL. */
  ports?: string;
  /** Range it lets in. */
  cidr?: string;
}

/** Whether a range is so wide that it means everybody. One that cannot be read is taken for it. */
export function isWorld(cidr: string): boolean {
  const [address = "", length] = cidr.trim().split("/");
  if (address.includes(":")) {
    return length !== undefined && !(Number(length) >= widestPrefix.ipv6);
  }
  const range = readCidr(length === undefined ? `${address}/32` : `${address}/${length}`);
  // 10.1.2.3/8 has host bits set, and means 10.0.0.0/8 to the cloud.
  const prefix = range?.prefix ?? Number(length);
  return !(prefix >= widestPrefix.ipv4);
}

/** Why a rule is refused; undefined when it opens no guarded port to everybody. */
export function exposureFault(rule: OpenRule): Fault | undefined {
  if (rule.cidr === undefined || !isWorld(rule.cidr)) return undefined;
  const protocol = (rule.protocol ?? "ALL").toUpperCase();
  if (protocol !== "ALL" && protocol !== "TCP") return undefined;
  const open = guardedPorts.filter(
    (guarded) => protocol === "ALL" || reaches(rule.ports ?? "ALL", guarded),
  );
  if (open.length === 0) return undefined;
  const what = open
    .map(({ first, last, what }) => `${what} (${first === last ? first : `${first}-${last}`})`)
    .join(", ");
  return {
    message: `${rule.cidr} may reach ${what}`,
    fix: "Let in a security group, or the ranges that need it",
  };
}

/** Whether ports written as in a rule have one in common with a span. */
export function reaches(text: string, guarded: { first: number; last: number }): boolean {
  return text.split(",").some((part) => {
    const [from = "", to = from] = part.trim().split("-");
    // ALL, and whatever cannot be read, is every port.
    const first = /^\d+$/.test(from) ? Number(from) : 0;
    const last = /^\d+$/.test(to) ? Number(to) : 65535;
    return first <= guarded.last && last >= guarded.first;
  });
}
