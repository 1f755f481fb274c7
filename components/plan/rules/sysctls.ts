import { type ReadSections } from "../parse";
import { type Problem } from "../problems";

/** Kernel settings that the cluster, or a kind of it, sets; a test compares them with what hosts are prepared with. */
const own: readonly RegExp[] = [
  /^net\.ipv4\.ip_forward$/,
  /^net\.bridge\.bridge-nf-call-iptables$/,
  /^fs\.inotify\.max_user_(instances|watches)$/,
  /^vm\.(overcommit_memory|panic_on_oom)$/,
  /^kernel\.(panic|panic_on_oops)$/,
  /^kernel\.keys\.root_max(keys|bytes)$/,
  /^net\.core\.somaxconn$/,
  /^net\.ipv4\.conf\.[^.]+\.(arp_ignore|arp_announce|send_redirects)$/,
  /^net\.ipv4\.ip_local_port_range$/,
  /^net\.ipv4\.tcp_keepalive_(time|intvl|probes)$/,
  /^net\.ipv4\.vs\.(conntrack|expire_nodest_conn)$/,
  // kube-proxy's defaults.
  /^net\.netfilter\.nf_conntrack_tcp_timeout_(established|close_wait)$/,
];

const conntrack = "net.netfilter.nf_conntrack_max";

/** Kernel settings that are not people's to set: of two that set one, the last to write wins. */
export function sysctlProblems({ host, kubeProxy }: ReadSections): Problem[] {
  return Object.keys(host?.sysctls ?? {}).flatMap((name) => {
    const path = `host.sysctls.${name}`;
    const message = "the cluster sets it itself";
    if (name === conntrack && kubeProxy !== undefined && kubeProxy.conntrackMaxPerCore !== 0) {
      const fix = "Take it out; kubeProxy.conntrackMaxPerCore decides on it, and leaves it with 0";
      return [{ path, message, fix }];
    }
    return own.some((pattern) => pattern.test(name)) ? [{ path, message, fix: "Take it out" }] : [];
  });
}
