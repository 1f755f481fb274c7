import { type Flow } from "./model";
import { ports } from "./ports";
import { duties, nodeDuties } from "./roles";

/** What the table depends on, beside the flows that the kinds bring. */
export interface FlowSettings {
  /** Ranges that may log in to the bastion. */
  allowedCidrs: readonly string[];
  vpcCidr: string;
  /** Ranges, besides the nodes themselves, that may reach NodePort Services. */
  nodePortCidrs: readonly string[];
  /** Flows of the etcd topology, of the API entry, of the registry, of the pod network, of who watches. */
  etcd: readonly Flow[];
  entry: readonly Flow[];
  registry: readonly Flow[];
  podNetwork: readonly Flow[];
  monitoring: readonly Flow[];
}

/** Log in to hosts behind the bastion. */
export const sshFlow: Flow = {
  name: "ssh",
  why: "log in through the bastion",
  protocol: "TCP",
  port: ports.ssh,
  from: ["bastion"],
  to: duties.filter((duty) => duty !== "bastion"),
  guarded: { what: "SSH" },
};

/** What apiservers ask of nodes; and metrics, which pods of any node ask for in its name. The kubelet asks everybody for a certificate or a token. */
export const kubeletFlow: Flow = {
  name: "kubelet",
  why: "kubelet: logs, exec, metrics",
  protocol: "TCP",
  port: ports.kubelet,
  from: nodeDuties,
  to: nodeDuties,
  // The kubelet of an etcd host serves nobody.
  guarded: { what: "the kubelet", also: ["etcd"] },
  awaited: ["controlPlane"],
};

/** Every flow inside a cluster, and into it. */
export function clusterFlows(settings: FlowSettings): Flow[] {
  const ranges = (cidrs: readonly string[]) => cidrs.map((cidr) => ({ cidr }));
  const nodePorts = {
    name: "node-ports",
    why: "NodePort Services",
    port: `${ports.nodePorts.first}-${ports.nodePorts.last}`,
    from: [...nodeDuties, ...ranges(settings.nodePortCidrs)],
    to: nodeDuties,
  };
  return [
    {
      name: "ssh",
      why: "log in",
      protocol: "TCP",
      port: ports.ssh,
      from: ranges(settings.allowedCidrs),
      to: ["bastion"],
    },
    sshFlow,
    ...settings.etcd,
    ...settings.entry,
    ...settings.registry,
    {
      name: "api",
      why: "API",
      protocol: "TCP",
      port: ports.api,
      // Workers are here because the `kubernetes` Service sends pods straight to the masters.
      from: nodeDuties,
      to: ["controlPlane"],
      awaited: ["controlPlane"],
    },
    kubeletFlow,
    ...settings.podNetwork,
    ...settings.monitoring,
    { ...nodePorts, protocol: "TCP" },
    { ...nodePorts, protocol: "UDP" },
    {
      name: "ping",
      // Of every host from every other.
      why: "path MTU discovery and ping inside the VPC",
      protocol: "ICMP",
      from: [{ cidr: settings.vpcCidr }],
      to: duties,
    },
  ];
}
