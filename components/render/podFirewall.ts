import { linkLocalRange } from "../plan/rules/networks";
import { paths } from "./paths";

/** Where the platform tells a host about itself: its user data, which holds its SSH key, and the credentials of its role. */
export const metadataAddress = "169.254.0.23";

/** A chain of the table mangle, which neither kube-proxy nor flannel nor a network policy uses, so none of them goes before. */
const chain = "KUBERNETES-HA-PODS";

const heading = "# Made by tencentcloud-kubernetes-ha; changes here are lost.";

/**
 * Rules of a node, for iptables-restore, that drop what pods send to link-local addresses. All that is forwarded there comes from pods: the host's own
 * does not pass the chain FORWARD.
 * @param open Ranges that they may reach; the metadata is in none of them.
 */
export function renderPodFirewall(open: readonly string[]): string {
  const rules = [
    `-A ${chain} -d ${metadataAddress}/32 -j DROP`,
    ...open.map((range) => `-A ${chain} -d ${range} -j RETURN`),
    `-A ${chain} -d ${linkLocalRange} -j DROP`,
  ];
  return `${heading}
*mangle
:${chain} - [0:0]
${rules.join("\n")}
COMMIT
`;
}

/** Unit of the pod firewall. */
export const podFirewallUnit = "kubernetes-ha-pod-firewall.service";

/** Loads the rules of {@link renderPodFirewall} at boot, before there are pods, in the place of those loaded before. */
export function renderPodFirewallUnit(): string {
  return `${heading}
[Unit]
Description=Keeps the metadata of this host from its pods
Before=containerd.service kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables-restore --noflush --wait 10 ${paths.podFirewall}
ExecStart=/bin/sh -c 'jump="FORWARD -j ${chain}"; iptables -w 10 -t mangle -C $$jump 2>/dev/null || iptables -w 10 -t mangle -I $$jump'

[Install]
WantedBy=multi-user.target
`;
}
