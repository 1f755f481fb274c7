import { ports } from "../ports";
import { type Role } from "../roles";
import { type OpenRule, reaches } from "./exposure";

/** A flow that only some roles may have. */
export interface GuardedFlow {
  name: "etcd" | "kubelet" | "vrrp" | "ssh";
  /** What it is, in messages. */
  what: string;
  /** TCP port; absent for VRRP, which is a protocol of its own that groups know only as ALL. */
  port?: number;
  /** Who is reached. */
  to: readonly Role[];
  /** Who may reach it. */
  from: readonly Role[];
}

/** Flows inside a cluster that nobody else may have. The planned security groups keep to it (a test compares them). */
export const guardedFlows: readonly GuardedFlow[] = [
  {
    name: "etcd",
    what: "etcd's clients' port",
    port: ports.etcdClient,
    to: ["etcd"],
    from: ["master", "etcd"],
  },
  { name: "etcd", what: "etcd's peers' port", port: ports.etcdPeer, to: ["etcd"], from: ["etcd"] },
  {
    name: "kubelet",
    what: "the kubelet",
    port: ports.kubelet,
    to: ["master", "worker", "etcd"],
    from: ["master"],
  },
  { name: "vrrp", what: "VRRP", to: ["balancer"], from: ["balancer"] },
  {
    name: "ssh",
    what: "SSH",
    port: ports.ssh,
    to: ["etcd", "master", "balancer", "worker"],
    from: ["bastion"],
  },
];

/**
 * Guarded flows of a role that a rule lets in. ALL to a role that speaks VRRP is VRRP and no more: peers, who alone may speak
 * it, are trusted with the other ports, as there is no narrower way to let it in.
 */
export function flowsLetIn(to: Role, rule: OpenRule): GuardedFlow[] {
  const flows = guardedFlows.filter((flow) => flow.to.includes(to));
  const protocol = (rule.protocol ?? "ALL").toUpperCase();
  if (protocol === "ALL") {
    const vrrp = flows.filter(({ port }) => port === undefined);
    return vrrp.length > 0 ? vrrp : flows;
  }
  if (protocol !== "TCP") return [];
  return flows.filter(
    ({ port }) => port !== undefined && reaches(rule.ports ?? "ALL", { first: port, last: port }),
  );
}
