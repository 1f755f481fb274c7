import { type HostAlias } from "../plan/cluster";
import { type Sysctls } from "../plan/needs";

const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";

/** Kernel modules, for /etc/modules-load.d. Where the kernel has them built in, loading them changes nothing. */
export function renderModules(modules: readonly string[]): string {
  return `${[heading, ...modules].join("\n")}\n`;
}

/** Kernel settings, for /etc/sysctl.d. */
export function renderSysctls(groups: readonly Sysctls[]): string {
  const lines = groups.flatMap(({ why, settings }) => [
    `# ${why}`,
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
  ]);
  return `${[heading, ...lines].join("\n")}\n`;
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
