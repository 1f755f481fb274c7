import { type HostAlias } from "../plan/cluster";

const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";

/** Kernel modules a node needs, for /etc/modules-load.d. Where the kernel has them built in, loading them changes nothing. */
export function renderModules(): string {
  return `${heading}\noverlay\nbr_netfilter\nnf_conntrack\nvxlan\n`;
}

/** Kernel settings of a host that runs containers, for /etc/sysctl.d. */
export function renderSysctls(): string {
  return `${heading}
# Pods are reached through the node, and through the bridge's filter, where Services are translated back.
net.ipv4.ip_forward = 1
-net.bridge.bridge-nf-call-iptables = 1
# Every kubelet, container runtime and log reader watches files.
fs.inotify.max_user_instances = 8192
fs.inotify.max_user_watches = 524288
# What the kubelet wants to find.
vm.overcommit_memory = 1
vm.panic_on_oom = 0
kernel.panic = 10
kernel.panic_on_oops = 1
net.core.somaxconn = 32768
`;
}

/** Kernel settings of a balancer, for /etc/sysctl.d. */
export function renderBalancerSysctls(): string {
  return `${heading}
# Enough local ports for connections to the masters, and dead peers found in a minute, not in two hours.
net.ipv4.ip_local_port_range = 10240 65000
net.ipv4.tcp_keepalive_time = 60
net.core.somaxconn = 32768
`;
}

/** Limits of login sessions, for /etc/security/limits.d; services have theirs in their units. */
export function renderLimits(): string {
  return `${heading}\n* soft nofile 65536\n* hard nofile 1048576\nroot soft nofile 65536\nroot hard nofile 1048576\n`;
}

/** chrony's configuration. etcd and certificates both need clocks that agree. */
export function renderChrony(servers: readonly string[]): string {
  return `${heading}
${servers.map((server) => `server ${server} iburst`).join("\n")}
driftfile /var/lib/chrony/chrony.drift
# Jumps only in the first three updates after a start, and only by more than a second; later it slews.
makestep 1 3
rtcsync
leapsectz right/UTC
`;
}

/** First and last line of our part of /etc/hosts; what lies between is replaced as a whole. */
export const hostsMarkers = {
  begin: "# begin tencentcloud-kubernetes-ha",
  end: "# end tencentcloud-kubernetes-ha",
} as const;

/** Our part of /etc/hosts, markers included. */
export function renderHostsBlock(aliases: readonly HostAlias[]): string {
  const lines = aliases.map(({ address, names }) => `${address} ${names.join(" ")}`);
  return `${[hostsMarkers.begin, ...lines, hostsMarkers.end].join("\n")}\n`;
}

/** crictl's configuration, for whoever looks at containers on a host. */
export function renderCrictl(): string {
  return `runtime-endpoint: unix:///run/containerd/containerd.sock\ntimeout: 10\n`;
}
