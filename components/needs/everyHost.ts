import type { ClusterPlan } from "../plan/cluster";
import type { HostNeeds, NeededFile } from "../plan/needs";
import {
  bootUnit,
  renderBootUnit,
  renderChrony,
  renderLimits,
  renderModules,
  renderNeedrestart,
  renderSilentAddresses,
  renderSysctls,
  renderUnattendedUpgrades,
  silentAddressesUnit,
} from "../render";

/** Where sources for apt are written, when there are any. */
export const aptSourcesFile = "/etc/apt/sources.list.d/kubernetes-ha.list";

const chronyConfig = "/etc/chrony/chrony.conf";

/** What every host needs, the bastion included. */
export function everyHost({ config }: Pick<ClusterPlan, "config">): HostNeeds {
  const sources = config.packages.aptSources;
  return {
    // Not every image brings those that it trusts: curl does without.
    packages: ["ca-certificates", "chrony", "curl"],
    files: [
      ...(sources === undefined
        ? []
        : [{ path: aptSourcesFile, content: `${sources.join("\n")}\n` }]),
      { path: chronyConfig, content: renderChrony(config.ntpServers) },
      { path: "/etc/security/limits.d/90-kubernetes-ha.conf", content: renderLimits() },
      { path: `/etc/systemd/system/${bootUnit}`, content: renderBootUnit() },
      { path: "/etc/apt/apt.conf.d/99kubernetes-ha", content: renderUnattendedUpgrades() },
      { path: "/etc/needrestart/conf.d/90-kubernetes-ha.conf", content: renderNeedrestart() },
    ],
    services: [{ unit: "chrony", restartedFor: [chronyConfig] }],
  };
}

/** Files that set the kernel up for what is needed. */
export function kernelFiles({ sysctls, modules }: Required<HostNeeds>): NeededFile[] {
  return [
    ...(sysctls.length === 0
      ? []
      : // After 99-sysctl.conf, which images have for /etc/sysctl.conf: the last file wins.
        [{ path: "/etc/sysctl.d/zz-kubernetes-ha.conf", content: renderSysctls(sysctls) }]),
    ...(modules.length === 0
      ? []
      : [{ path: "/etc/modules-load.d/kubernetes-ha.conf", content: renderModules(modules) }]),
  ];
}

/** Kernel settings that are configured. They come after what duties and kinds ask for, none of which they may be. */
export function configuredSysctls({ config }: Pick<ClusterPlan, "config">): HostNeeds {
  const settings = config.host.sysctls;
  if (Object.keys(settings).length === 0) return {};
  return { sysctls: [{ why: "As configured: host.sysctls.", settings }] };
}

const silent = {
  why: "Silent addresses: ARP is answered and asked with those of the interface alone.",
  settings: { "net.ipv4.conf.all.arp_ignore": "1", "net.ipv4.conf.all.arp_announce": "2" },
};

/** What holds a host's silent addresses. Nothing for a host that has none. */
export function silentAddressNeeds({ silentAddresses }: Required<HostNeeds>): HostNeeds {
  if (silentAddresses.length === 0) return {};
  const path = `/etc/systemd/system/${silentAddressesUnit}`;
  return {
    sysctls: [silent],
    files: [{ path, content: renderSilentAddresses(silentAddresses) }],
    services: [{ unit: silentAddressesUnit, restartedFor: [path] }],
  };
}
