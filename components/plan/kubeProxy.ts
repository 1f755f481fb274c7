import { entryKindOf } from "./entry";
import { type ClusterConfig } from "./schema";
import { type KubeProxyMode } from "./schema/nodes";

/** kube-proxy as the cluster has it. */
export interface KubeProxyPlan {
  mode: KubeProxyMode;
  /** Ranges whose IPVS rules are not its own to remove. */
  excludeCidrs: readonly string[];
  /** Connection-tracking entries a core; absent is kube-proxy's own. */
  conntrackMaxPerCore?: number;
}

/** How kube-proxy programs Services: as configured, and so that it leaves the entry's rules alone. */
export function planKubeProxy({
  kubeProxy,
  entry,
}: Pick<ClusterConfig, "kubeProxy" | "entry">): KubeProxyPlan {
  const { mode, conntrackMaxPerCore } = kubeProxy;
  const terms = entryKindOf(entry).kubeProxy?.(entry);
  return {
    mode: terms?.mode ?? mode ?? "nftables",
    excludeCidrs: terms?.excludeCidrs ?? [],
    ...(conntrackMaxPerCore === undefined ? {} : { conntrackMaxPerCore }),
  };
}
