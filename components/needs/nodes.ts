import type { ClusterPlan, HostPlan } from "../plan/cluster";
import type { HostNeeds } from "../plan/needs";
import { nodeDuties, share } from "../plan/roles";
import {
  paths,
  podFirewallUnit,
  renderDiscovery,
  renderJoinConfiguration,
  renderKubeletArguments,
  renderKubeletPatch,
  renderPodCniTemplate,
  renderPodFirewall,
  renderPodFirewallUnit,
} from "../render";

const firewallUnit = `/etc/systemd/system/${podFirewallUnit}`;

/** What a node needs beside containerd and a kubelet. Nothing for a host that is none. */
export function nodeNeeds({ config, podNetwork }: ClusterPlan, { duties }: HostPlan): HostNeeds {
  if (!share(duties, nodeDuties)) return {};
  const template = renderPodCniTemplate(podNetwork);
  return {
    packages: ["iptables"],
    images: ["kube-proxy"],
    files: [
      // Before the kubelet first learns the range of its pods: containerd writes the pod network from it then.
      ...(template === undefined ? [] : [{ path: paths.cniTemplate, content: template }]),
      { path: paths.podFirewall, content: renderPodFirewall(config.network.podLinkLocalCidrs) },
      { path: firewallUnit, content: renderPodFirewallUnit() },
    ],
    services: [{ unit: podFirewallUnit, restartedFor: [firewallUnit, paths.podFirewall] }],
  };
}

/** What a worker joins with, but for its certificate. */
export function workerNeeds(plan: ClusterPlan, host: HostPlan): HostNeeds {
  return {
    packages: ["openssl"],
    caFiles: [paths.ca],
    files: [
      { path: paths.kubeadmConfig, content: renderJoinConfiguration(host) },
      { path: paths.kubeletDefaults, content: renderKubeletArguments(host) },
      { path: paths.kubeletPatch, content: renderKubeletPatch(plan, host) },
      { path: paths.discovery, content: renderDiscovery(plan) },
    ],
  };
}

/** What a master needs beside what makes it a node. */
export function controlPlaneNeeds({ config }: ClusterPlan): HostNeeds {
  const version = config.versions.kubernetes;
  return {
    packages: ["openssl"],
    artifacts: [{ name: "kubernetes", version, binary: "kubectl" }],
    images: ["kube-apiserver", "kube-controller-manager", "kube-scheduler"],
  };
}

/** The masters are the first nodes, so DNS starts on them. */
export const dnsNeeds: HostNeeds = { images: ["coredns"] };
