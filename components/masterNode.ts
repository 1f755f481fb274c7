import type { ClusterPlan, HostPlan } from "./plan/cluster";
import type { ClusterPki } from "./pki/clusterPki";
import type { PlacedFile } from "./remote/remoteStep";
import { paths, renderInitConfiguration, renderKubeletPatch } from "./render";

/** What kubeadm makes a master's node from, whichever step starts its kubelet. */
export function masterNodeFiles(plan: ClusterPlan, master: HostPlan): PlacedFile[] {
  return [
    { path: paths.kubeadmConfig, content: renderInitConfiguration(plan, master) },
    { path: paths.kubeletPatch, content: renderKubeletPatch(plan, master) },
  ];
}

/** The cluster's CA, by which a master issues its own certificates. */
export function masterCaFiles({ authorities }: Pick<ClusterPki, "authorities">): PlacedFile[] {
  return [
    { path: paths.ca, content: authorities.kubernetes.crt, mode: "0644" },
    { path: `${paths.pki}/ca.key`, content: authorities.kubernetes.key },
  ];
}
