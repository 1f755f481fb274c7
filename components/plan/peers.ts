import type { ClusterPlan, HostPlan } from "./cluster";
import type { Role } from "./roles";

/** A host that another one talks to. */
export interface Peer {
  name: string;
  address: string;
  /** TCP ports of it that must be open to the other one, as its security group declares. */
  ports: number[];
}

/**
 * Roles a host of a role must reach before it takes up its own. Not the workers, and masters for no worker: these come and go, and
 * adding one must touch nobody else.
 */
const reaches: Record<Role, readonly Role[]> = {
  bastion: [],
  etcd: ["etcd"],
  master: ["etcd", "master"],
  balancer: ["balancer", "master"],
  worker: ["balancer"],
};

/** Who a host talks to, and the ports its peers' security groups have open for it. */
export function peersOf(plan: ClusterPlan, host: HostPlan): Peer[] {
  return plan.hosts
    .filter((peer) => peer.name !== host.name && reaches[host.role].includes(peer.role))
    .map(({ name, address, role }) => ({ name, address, ports: openPorts(plan, role, host.role) }));
}

/** Single TCP ports of one role that another may reach. Ranges hold whatever pods bring. */
function openPorts(plan: ClusterPlan, of: Role, from: Role): number[] {
  const group = plan.securityGroups.find(({ role }) => role === of);
  return (group?.ingress ?? [])
    .filter(({ role, protocol, port }) => role === from && protocol === "TCP" && /^\d+$/.test(port))
    .map(({ port }) => Number(port));
}
