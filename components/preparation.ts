import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { hostAliases } from "./plan/cluster";
import type { Role } from "./plan/roles";
import {
  paths,
  renderBalancerSysctls,
  renderChrony,
  renderCniTemplate,
  renderContainerd,
  renderContainerdUnit,
  renderHostsBlock,
  renderKubeletUnit,
  renderLimits,
  renderModules,
  renderRegistryHosts,
  renderRuntimeSlice,
  renderStandaloneKubelet,
  renderStandaloneKubeletUnit,
  renderSysctls,
} from "./render";
import type { ParamValue, PlacedFile } from "./remote/remoteStep";

/** What a host is prepared with. Plain data: the whole of the `prepare-host` step. */
export interface Preparation {
  params: Record<string, ParamValue>;
  files: (PlacedFile & { path: string; content: string })[];
}

/** Roles that run containers. The bastion and the balancers do not. */
const containerRoles: readonly Role[] = ["etcd", "master", "worker"];

const aptSourcesFile = "/etc/apt/sources.list.d/kubernetes-ha.list";
const systemd = "/etc/systemd/system";
const binaries = "/usr/local/bin";

const node = ["chrony", "containernetworking-plugins", "curl", "iptables", "runc"];
const packagesOf: Record<Role, string[]> = {
  bastion: ["chrony"],
  balancer: ["chrony", "curl", "haproxy", "keepalived"],
  etcd: ["chrony", "curl", "ioping", "runc"],
  master: node,
  worker: node,
};

/** The unit, and what it is restarted for: fetch-artifacts.sh notes there what the binary came from. */
const containerdService = [
  "containerd",
  `${systemd}/containerd.service`,
  paths.containerdConfig,
  "/var/lib/kubernetes-ha/applied/artifact.containerd",
].join(" ");

const kubernetesBinaries: Partial<Record<Role, string[]>> = {
  etcd: ["kubeadm", "kubelet"],
  master: ["kubeadm", "kubelet", "kubectl"],
  worker: ["kubeadm", "kubelet"],
};

/** Everything a host needs before it takes up its role. A pure function of the plan. */
export function prepareHost(plan: ClusterPlan, host: HostPlan): Preparation {
  const { config } = plan;
  const containers = containerRoles.includes(host.role);
  const sources = config.packages.aptSources;
  return {
    params: {
      HOSTS_BLOCK: renderHostsBlock(hostAliases(plan, host)).trimEnd(),
      APT_SOURCES: sources === undefined ? "" : aptSourcesFile,
      PACKAGES: packagesOf[host.role],
      ARTIFACT_BASE_URL: config.artifacts.baseUrl,
      ARTIFACTS: artifacts(plan, host.role),
      SERVICES: ["chrony /etc/chrony/chrony.conf", ...(containers ? [containerdService] : [])],
      IMAGES: images(plan, host.role),
    },
    files: [
      ...(sources === undefined ? [] : [file(aptSourcesFile, `${sources.join("\n")}\n`)]),
      file("/etc/chrony/chrony.conf", renderChrony(config.ntpServers)),
      file("/etc/security/limits.d/90-kubernetes-ha.conf", renderLimits()),
      ...(containers ? containerFiles(plan, host) : []),
      ...(host.role === "balancer"
        ? [file("/etc/sysctl.d/90-kubernetes-ha.conf", renderBalancerSysctls())]
        : []),
    ],
  };
}

function containerFiles(plan: ClusterPlan, host: HostPlan): Preparation["files"] {
  return [
    file("/etc/sysctl.d/90-kubernetes-ha.conf", renderSysctls()),
    file("/etc/modules-load.d/kubernetes-ha.conf", renderModules()),
    file(`${systemd}/runtime.slice`, renderRuntimeSlice()),
    file(`${systemd}/containerd.service`, renderContainerdUnit()),
    file(paths.containerdConfig, renderContainerd(plan)),
    ...renderRegistryHosts(plan),
    ...(host.role === "etcd"
      ? [
          file(
            `${systemd}/kubelet.service`,
            renderStandaloneKubeletUnit(host.name, host.dataDisk?.mountPoint ?? "/var/lib/etcd"),
          ),
          file(paths.kubeletConfig, renderStandaloneKubelet(plan)),
        ]
      : [
          file(`${systemd}/kubelet.service`, renderKubeletUnit()),
          // Before the kubelet first learns the range of its pods: containerd writes the pod network from it then.
          file(paths.cniTemplate, renderCniTemplate()),
        ]),
  ];
}

function file(path: string, content: string): Preparation["files"][number] {
  return { path, content };
}

/** "path-below-base target [sha256]" of every binary a role needs. */
function artifacts(plan: ClusterPlan, role: Role): string[] {
  const { config } = plan;
  if (!containerRoles.includes(role)) return [];
  const entry = (name: string, version: string, binary: string) => {
    const path = `${name}/${version}/${config.architecture}/${binary}`;
    const sum = config.artifacts.checksums[path];
    return [path, `${binaries}/${binary}`, ...(sum === undefined ? [] : [sum])].join(" ");
  };
  return [
    ...["containerd", "ctr", "containerd-shim-runc-v2"].map((binary) =>
      entry("containerd", config.versions.containerd, binary),
    ),
    ...(kubernetesBinaries[role] ?? []).map((binary) =>
      entry("kubernetes", config.versions.kubernetes, binary),
    ),
    ...(role === "etcd" ? [entry("etcd", config.versions.etcd, "etcdctl")] : []),
  ];
}

/** Images a role starts with, pulled while other hosts are still being prepared. */
function images(plan: ClusterPlan, role: Role): string[] {
  const { config } = plan;
  const image = (name: string, tag: string) => `${config.images.repository}/${name}:${tag}`;
  const pause = image("pause", config.versions.pause);
  const everyNode = [
    image("kube-proxy", config.versions.kubernetes),
    image("flannel", config.versions.flannel),
  ];
  switch (role) {
    case "etcd":
      return [pause, image("etcd", config.versions.etcd)];
    case "master":
      return [
        pause,
        ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) =>
          image(name, config.versions.kubernetes),
        ),
        ...everyNode,
        // The masters are the first nodes, so DNS starts on them.
        image("coredns", config.versions.coredns),
      ];
    case "worker":
      return [pause, ...everyNode];
    case "bastion":
    case "balancer":
      return [];
  }
}
