import { type ClusterConfig } from "./schema";
import { sharedName, sharedTags } from "./names";
import { ports } from "./ports";
import { type Role, roles } from "./roles";

/** One rule, from a range or from the members of a role's group. `ALL` protocol includes VRRP. */
export interface SecurityRule {
  action: "ACCEPT" | "DROP";
  protocol: "TCP" | "UDP" | "ICMP" | "ALL";
  /** `22`, `2379-2380` or `ALL`. */
  port: string;
  /** Who the other side is: exactly one of `role` and `cidr`. */
  role?: Role;
  cidr?: string;
  /** What the rule is for; shown in the console. */
  description: string;
}

/** Security group of a role. Groups are stateful, and what no rule allows is denied. */
export interface SecurityGroupPlan {
  role: Role;
  name: string;
  ingress: SecurityRule[];
  egress: SecurityRule[];
  tags: Record<string, string>;
}

type Source = { role: Role } | { cidr: string };

const anywhere = "0.0.0.0/0";

/** Outbound is open: hosts fetch packages, images and time, and pods reach what their owners want. */
const egress: SecurityRule[] = [
  {
    action: "ACCEPT",
    protocol: "ALL",
    port: "ALL",
    cidr: anywhere,
    description: "outbound: packages, images, time, what pods call",
  },
];

/** The group of every role, with exactly the flows the cluster has. A test dials all hosts and compares with this. */
export function securityGroups(
  config: Pick<ClusterConfig, "name" | "bastion" | "network" | "tags">,
): SecurityGroupPlan[] {
  const ingress = ingressRules(config);
  return roles.map((role) => ({
    role,
    name: sharedName(config.name, role),
    ingress: ingress[role],
    egress,
    tags: sharedTags(config.name, role, config.tags),
  }));
}

function ingressRules(
  config: Pick<ClusterConfig, "bastion" | "network">,
): Record<Role, SecurityRule[]> {
  const ssh = tcp(ports.ssh, "log in through the bastion", { role: "bastion" });
  // Ping of every host from every other: path MTU discovery and a first look in trouble.
  const ping = rule("ICMP", "ALL", "path MTU discovery and ping inside the VPC", {
    cidr: config.network.vpcCidr,
  });
  const node = [
    ...tcp(ports.kubelet, "kubelet: logs, exec, metrics", { role: "master" }),
    ...udp(ports.vxlan, "pod network", { role: "master" }, { role: "worker" }),
    ...nodePorts(config.network.nodePortCidrs),
  ];
  return {
    bastion: [
      ...tcp(ports.ssh, "log in", ...config.bastion.allowedCidrs.map((cidr) => ({ cidr }))),
      ping,
    ],
    etcd: [
      ...ssh,
      ...tcp(ports.etcdClient, "etcd clients", { role: "master" }, { role: "etcd" }),
      ...tcp(ports.etcdPeer, "etcd peers", { role: "etcd" }),
      ping,
    ],
    master: [
      ...ssh,
      // Workers are here because the `kubernetes` Service sends pods straight to the masters.
      ...tcp(ports.api, "API", { role: "balancer" }, { role: "master" }, { role: "worker" }),
      ...node,
      ping,
    ],
    worker: [...ssh, ...node, ping],
    balancer: [
      ...ssh,
      ...tcp(ports.api, "API entry", { role: "worker" }, { role: "master" }, { role: "bastion" }),
      // Groups know no protocol 112, so VRRP between the balancers takes ALL.
      rule("ALL", "ALL", "VRRP between balancers", { role: "balancer" }),
      ping,
    ],
  };
}

function nodePorts(cidrs: readonly string[]): SecurityRule[] {
  const sources: Source[] = [
    { role: "master" },
    { role: "worker" },
    ...cidrs.map((cidr) => ({ cidr })),
  ];
  const range = `${ports.nodePorts.first}-${ports.nodePorts.last}`;
  return [
    ...tcp(range, "NodePort Services", ...sources),
    ...udp(range, "NodePort Services", ...sources),
  ];
}

function tcp(port: number | string, description: string, ...sources: Source[]): SecurityRule[] {
  return sources.map((source) => rule("TCP", port, description, source));
}

function udp(port: number | string, description: string, ...sources: Source[]): SecurityRule[] {
  return sources.map((source) => rule("UDP", port, description, source));
}

function rule(
  protocol: SecurityRule["protocol"],
  port: number | string,
  description: string,
  source: Source,
): SecurityRule {
  return { action: "ACCEPT", protocol, port: String(port), ...source, description };
}
