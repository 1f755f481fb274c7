import { type ClusterPlan } from "../plan/cluster";

/** kube-proxy's configuration; kubeadm keeps it in the cluster. */
export function kubeProxyConfiguration(plan: ClusterPlan): object {
  const { mode, conntrackMaxPerCore } = plan.config.kubeProxy;
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode,
    clusterCIDR: plan.network.podCidr,
    ...(conntrackMaxPerCore === undefined
      ? {}
      : { conntrack: { maxPerCore: conntrackMaxPerCore } }),
  };
}
