import type { ClusterPlan, HostPlan } from "./plan/cluster";
import type { ClusterPki } from "./pki/clusterPki";
import { isBegun } from "./plan/rotation";
import type { PlacedFile } from "./remote/remoteStep";
import { paths, renderInitConfiguration, renderKubeletPatch } from "./render";

/** What kubeadm makes a master's node from, whichever step starts its kubelet. */
export function masterNodeFiles(plan: ClusterPlan, master: HostPlan): PlacedFile[] {
  return [
    { path: paths.kubeadmConfig, content: renderInitConfiguration(plan, master) },
    { path: paths.kubeletPatch, content: renderKubeletPatch(plan, master) },
  ];
}

/**
 * The cluster's CA, by which a master issues its own certificates and those of kubelets; the others that are accepted stand behind it. Who signs what kubelets ask for
 * takes a file with one certificate only: it has its own once there has ever been another.
 */
export function masterCaFiles(
  { config }: ClusterPlan,
  { authorityCertificates, kubernetesAuthorities }: ClusterPki,
): PlacedFile[] {
  const { key } = kubernetesAuthorities[0];
  const open = (path: string, content: PlacedFile["content"]) => ({ path, content, mode: "0644" });
  return [
    open(paths.ca, authorityCertificates),
    ...(isBegun(config.pki.rotation.kubernetesCa) ? [open(paths.signingCa, key.crt)] : []),
    { path: `${paths.pki}/ca.key`, content: key.key },
  ];
}
