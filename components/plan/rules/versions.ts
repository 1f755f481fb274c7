import semver from "semver";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { isBegun } from "../rotation";

/** Oldest release the rendered files are right for: nftables in kube-proxy, kubeadm v1beta4, local-mode kubelets. */
export const oldestKubernetes = "1.33.0";

/** Oldest release of etcd that starts with the flags kubeadm gives it: before, they had other names. */
export const oldestEtcd = "3.6.0";

/** Oldest release of Kubernetes whose kube-proxy reads the authority of the API again when it changes. */
const oldestWithReload = "1.36.0";

/** Versions the rendered files fit. */
export function versionProblems(read: ReadSections): Problem[] {
  const problems: Problem[] = [];
  const { versions, pki } = read;
  if (versions !== undefined && semver.lt(versions.kubernetes, oldestKubernetes)) {
    problems.push({
      path: "versions.kubernetes",
      message: `got ${versions.kubernetes}, but this needs v${oldestKubernetes} or later`,
      fix: `Use v${oldestKubernetes} or later`,
    });
  }
  if (
    versions !== undefined &&
    (semver.lt(versions.etcd, oldestEtcd) || semver.major(versions.etcd) !== 3)
  ) {
    problems.push({
      path: "versions.etcd",
      message: `got ${versions.etcd}, but this needs v${oldestEtcd} or later, of etcd 3`,
      fix: `Use v${oldestEtcd} or later`,
    });
  }
  if (versions !== undefined && semver.major(versions.containerd) !== 2) {
    problems.push({
      path: "versions.containerd",
      message: `got ${versions.containerd}, but the configuration is written for containerd 2`,
      fix: "Use a release of containerd 2",
    });
  }
  if (
    versions !== undefined &&
    pki !== undefined &&
    isBegun(pki.rotation.kubernetesCa) &&
    semver.lt(versions.kubernetes, oldestWithReload)
  ) {
    problems.push({
      path: "pki.rotation.kubernetesCa",
      message: `got generation ${pki.rotation.kubernetesCa.generation}, but programs of Kubernetes ${versions.kubernetes} read the authority once, when they begin`,
      fix: `Go to Kubernetes v${oldestWithReload} or later first`,
    });
  }
  return problems;
}
