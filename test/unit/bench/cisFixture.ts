import { parse } from "yaml";
import type { ClusterPlan } from "../../../components/plan";
import type { Argument } from "../../../components/render/kubeadm";
import { clusterConfiguration } from "../../../components/render/kubeadm";
import { kubeletConfiguration, renderKubeletPatch } from "../../../components/render/kubelet";
import { first, planOf } from "../plan/fixture";

export { planOf };

const flags = (given: Readonly<Record<string, string>>) =>
  Object.entries(given).map(([name, value]) => `--${name}=${value}`);

/** Flags that kubeadm gives by itself, as far as the benchmark asks for them. */
const byKubeadm = {
  apiserver: {
    ...{ "authorization-mode": "Node,RBAC", "client-ca-file": "x", "etcd-cafile": "x" },
    ...{ "enable-admission-plugins": "NodeRestriction", "etcd-certfile": "x", "etcd-keyfile": "x" },
    ...{ "kubelet-client-certificate": "x", "kubelet-client-key": "x" },
    ...{ "service-account-key-file": "x", "tls-cert-file": "x", "tls-private-key-file": "x" },
  },
  manager: {
    ...{ "bind-address": "127.0.0.1", "root-ca-file": "x" },
    ...{ "service-account-private-key-file": "x", "use-service-account-credentials": "true" },
  },
  scheduler: { "bind-address": "127.0.0.1" },
  etcd: {
    ...{ "cert-file": "x", "client-cert-auth": "true", "key-file": "x", "peer-cert-file": "x" },
    ...{ "peer-client-cert-auth": "true", "peer-key-file": "x" },
    "trusted-ca-file": "/etc/kubernetes/pki/etcd/ca.crt",
  },
};

/** What the programs of a master that holds a member of etcd are started with. */
export function argumentsOf(plan: ClusterPlan): Record<string, string[]> {
  const { apiServer, controllerManager, scheduler } = clusterConfiguration(plan) as Record<
    "apiServer" | "controllerManager" | "scheduler",
    { extraArgs: Argument[] }
  >;
  const own = ({ extraArgs }: { extraArgs: Argument[] }) =>
    extraArgs.map(({ name, value }) => `--${name}=${value}`);
  return {
    "kube-apiserver": [...flags(byKubeadm.apiserver), ...own(apiServer)],
    "kube-controller-manager": [...flags(byKubeadm.manager), ...own(controllerManager)],
    "kube-scheduler": [...flags(byKubeadm.scheduler), ...own(scheduler)],
    etcd: flags(byKubeadm.etcd),
    kubelet: ["--config=/var/lib/kubelet/config.yaml"],
  };
}

/** The kubelet's configuration as kubeadm makes it of ours. */
export function kubeletOf(plan: ClusterPlan): Record<string, unknown> {
  return {
    authentication: {
      anonymous: { enabled: false },
      x509: { clientCAFile: "/etc/kubernetes/pki/ca.crt" },
    },
    authorization: { mode: "Webhook" },
    ...kubeletConfiguration(plan),
    ...(parse(renderKubeletPatch(plan, first(plan.masters))) as object),
  };
}
