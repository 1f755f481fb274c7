import type { ClusterPlan, HostPlan } from "../plan/cluster";
import { etcdDataDir } from "../plan/hosts";
import { asksRegistry } from "../plan/registryEndpoints";
import type { HostNeeds, Sysctls } from "../plan/needs";
import { proxyEnvironment } from "../plan/proxy";
import { nodeDuties, share } from "../plan/roles";
import { containerdDir } from "../plan/schema/workers";
import {
  paths,
  renderContainerd,
  renderContainerdUnit,
  renderKubeletUnit,
  renderRegistryHosts,
  renderRuntimeSlice,
  renderStandaloneKubelet,
  renderStandaloneKubeletUnit,
} from "../render";

const systemd = "/etc/systemd/system";
const containerdUnit = `${systemd}/containerd.service`;
const kubeletUnit = `${systemd}/kubelet.service`;

const sysctls: Sysctls[] = [
  {
    why: "Pods are reached through the node, and through the bridge's filter, where Services are translated back.",
    settings: { "net.ipv4.ip_forward": "1", "-net.bridge.bridge-nf-call-iptables": "1" },
  },
  {
    why: "Every kubelet, container runtime and log reader watches files.",
    settings: {
      "fs.inotify.max_user_instances": "8192",
      "fs.inotify.max_user_watches": "524288",
    },
  },
  {
    why: "What the kubelet wants to find, or it refuses to start (protectKernelDefaults).",
    settings: {
      "vm.overcommit_memory": "1",
      "vm.panic_on_oom": "0",
      "kernel.panic": "10",
      "kernel.panic_on_oops": "1",
      "kernel.keys.root_maxkeys": "1000000",
      "kernel.keys.root_maxbytes": "25000000",
      "net.core.somaxconn": "32768",
    },
  },
];

/** What a host needs to run containers: containerd. */
export function containerNeeds(plan: ClusterPlan, host: HostPlan): HostNeeds {
  const { dataDisk } = host;
  const { versions } = plan.config;
  const onDisk = dataDisk?.mountPoint === containerdDir ? containerdDir : undefined;
  return {
    packages: ["runc"],
    artifacts: ["containerd", "ctr", "containerd-shim-runc-v2"].map((binary) => ({
      name: "containerd" as const,
      version: versions.containerd,
      binary,
    })),
    images: ["pause"],
    modules: ["overlay", "br_netfilter", "nf_conntrack"],
    sysctls,
    files: [
      { path: `${systemd}/runtime.slice`, content: renderRuntimeSlice() },
      { path: containerdUnit, content: renderContainerdUnit(proxyEnvironment(plan), onDisk) },
      { path: paths.containerdConfig, content: renderContainerd(plan) },
      ...renderRegistryHosts(plan, host),
    ],
    caFiles: asksRegistry(plan, host) ? [paths.registryCa] : [],
    services: [
      {
        unit: "containerd",
        // fetch-artifacts.sh notes in the last one what the binary came from.
        restartedFor: [
          containerdUnit,
          paths.containerdConfig,
          "/var/lib/kubernetes-ha/applied/artifact.containerd",
        ],
      },
    ],
  };
}

/** The kubelet of a host that runs containers: a node's, or one that belongs to no cluster. */
export function kubeletNeeds(plan: ClusterPlan, host: HostPlan): HostNeeds {
  const node = share(host.duties, nodeDuties);
  const etcd = host.duties.includes("etcd");
  // kubeadm writes what runs on nodes, and members of etcd; what a Harbor runs is rendered.
  const artifacts = [...(node || etcd ? ["kubeadm"] : []), "kubelet"].map((binary) => ({
    name: "kubernetes" as const,
    version: plan.config.versions.kubernetes,
    binary,
  }));
  if (node) {
    const content = renderKubeletUnit(host.dataDisk?.mountPoint);
    return { artifacts, files: [{ path: kubeletUnit, content, mode: "0600" }] };
  }
  const mountPoint = host.dataDisk?.mountPoint ?? (etcd ? etcdDataDir : undefined);
  return {
    artifacts,
    files: [
      { path: kubeletUnit, content: renderStandaloneKubeletUnit(host.name, mountPoint) },
      { path: paths.kubeletConfig, content: renderStandaloneKubelet(plan, host) },
    ],
  };
}
