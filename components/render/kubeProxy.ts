import { type ClusterPlan } from "../plan/cluster";

/** kube-proxy's configuration; kubeadm keeps it in the cluster. */
export function kubeProxyConfiguration({ kubeProxy, network }: ClusterPlan): object {
  const { mode, excludeCidrs, conntrackMaxPerCore } = kubeProxy;
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode,
    clusterCIDR: network.podCidr,
    ...(excludeCidrs.length === 0 ? {} : { ipvs: { excludeCIDRs: [...excludeCidrs] } }),
    ...(conntrackMaxPerCore === undefined
      ? {}
      : { conntrack: { maxPerCore: conntrackMaxPerCore } }),
  };
}
