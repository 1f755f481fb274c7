import type { ClusterPlan } from "./cluster";
import type { Flow, HostPlan } from "./model";
import { share } from "./roles";

/** A host that another one talks to. */
export interface Peer {
  name: string;
  address: string;
  /** TCP ports of it that must be open to the other one, as its security group declares. */
  ports: number[];
}

/** Who a host must reach before it takes up its duties, and the ports its peers' security groups have open for it. */
export function peersOf(plan: ClusterPlan, host: HostPlan): Peer[] {
  const awaited = plan.flows.filter((flow) => share(flow.awaited ?? [], host.duties));
  return plan.hosts.flatMap((peer) => {
    if (peer.name === host.name || peer.duties.includes("worker")) return [];
    const flows = awaited.filter((flow) => share(flow.to, peer.duties));
    if (flows.length === 0) return [];
    return [{ name: peer.name, address: peer.address, ports: flows.flatMap(singlePort) }];
  });
}

/** A flow's port, if it is one that can be dialled. Ranges hold whatever pods bring. */
function singlePort({ protocol, port }: Flow): number[] {
  return protocol === "TCP" && typeof port === "number" ? [port] : [];
}
