import { isDeepStrictEqual } from "node:util";
import type { ClusterPlan, HostPlan } from "./plan/cluster";
import { hostAliases } from "./plan/cluster";
import { peersOf } from "./plan/peers";
import type { Role } from "./plan/roles";
import {
  paths,
  renderBalancerSysctls,
  renderChrony,
  renderCniTemplate,
  renderContainerd,
  renderContainerdUnit,
  renderDiscovery,
  renderHostsBlock,
  renderJoinConfiguration,
  renderKubeletArguments,
  renderKubeletPatch,
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

/** What a host is prepared with. Plain data: the whole of the `prepare-host` step, and all but the secrets of `worker`. */
export interface Preparation {
  params: Record<string, ParamValue>;
  files: (PlacedFile & { path: string; content: string })[];
}

/** Roles that run containers. The bastion and the balancers do not. */
const containerRoles: readonly Role[] = ["etcd", "master", "worker"];

const aptSourcesFile = "/etc/apt/sources.list.d/kubernetes-ha.list";
const systemd = "/etc/systemd/system";
const kubeadmConfig = "/etc/kubernetes/kubeadm.yaml";
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

/**
 * The part of a host's preparation that every host of its pool has. That is what stays the same for a host of another name and address, so that it
 * does not depend on how many there are.
 */
export function sharedPreparation(plan: ClusterPlan, host: HostPlan): Preparation {
  const own = prepareHost(plan, host);
  const other = prepareHost(plan, { ...host, name: `not-${host.name}`, address: "192.0.2.1" });
  const others = new Set(other.files.map((file) => JSON.stringify(file)));
  return {
    params: Object.fromEntries(
      Object.entries(own.params).filter(([name, value]) =>
        isDeepStrictEqual(value, other.params[name]),
      ),
    ),
    files: own.files.filter((file) => others.has(JSON.stringify(file))),
  };
}

/** The rest of a host's preparation: what {@link sharedPreparation} leaves out. */
export function ownPreparation(plan: ClusterPlan, host: HostPlan): Preparation {
  const all = prepareHost(plan, host);
  const shared = sharedPreparation(plan, host);
  const paths = shared.files.map(({ path }) => path);
  return {
    params: Object.fromEntries(
      Object.entries(all.params).filter(([name]) => !(name in shared.params)),
    ),
    files: all.files.filter(({ path }) => !paths.includes(path)),
  };
}

/** Everything a host needs before it takes up its role. A pure function of the plan. */
export function prepareHost(plan: ClusterPlan, host: HostPlan): Preparation {
  const { config } = plan;
  const containers = containerRoles.includes(host.role);
  const sources = config.packages.aptSources;
  const { clockSkewMs, fdatasyncMs } = config.preflight;
  return {
    params: {
      NODE_NAME: host.name,
      HOSTS_BLOCK: renderHostsBlock(hostAliases(plan, host)).trimEnd(),
      APT_SOURCES: sources === undefined ? "" : aptSourcesFile,
      PACKAGES: packagesOf[host.role],
      ARTIFACT_BASE_URL: config.artifacts.baseUrl,
      ARTIFACTS: artifacts(plan, host.role),
      SERVICES: ["chrony /etc/chrony/chrony.conf", ...(containers ? [containerdService] : [])],
      IMAGES: images(plan, host.role),
      PEERS: peersOf(plan, host).map(({ name, address, ports }) =>
        [name, address, ...ports].join(" "),
      ),
      SKEW_MS: clockSkewMs,
      FDATASYNC_MS: fdatasyncMs,
      DATA_DIR: host.dataDisk?.mountPoint ?? "",
      // Known once the disk is made.
      DISK_ID: "",
      ...(host.role === "worker" ? joinParams(plan) : {}),
    },
    files: [
      ...(sources === undefined ? [] : [file(aptSourcesFile, `${sources.join("\n")}\n`)]),
      file("/etc/chrony/chrony.conf", renderChrony(config.ntpServers)),
      file("/etc/security/limits.d/90-kubernetes-ha.conf", renderLimits()),
      ...(containers ? containerFiles(plan, host) : []),
      ...(host.role === "worker" ? joinFiles(plan, host) : []),
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

/** What a worker joins with besides its secrets. */
function joinParams(plan: ClusterPlan): Preparation["params"] {
  return {
    API_URL: `https://${plan.entry.endpoint}`,
    KUBEADM_CONFIG: kubeadmConfig,
    DISCOVERY_FILE: paths.discovery,
    BOOTSTRAP_CLIENT: paths.bootstrapClient,
  };
}

function joinFiles(plan: ClusterPlan, host: HostPlan): Preparation["files"] {
  return [
    file(kubeadmConfig, renderJoinConfiguration(host)),
    file(paths.kubeletDefaults, renderKubeletArguments(host)),
    file(paths.kubeletPatch, renderKubeletPatch(plan, host)),
    { ...file(paths.discovery, renderDiscovery(plan)), mode: "0600" },
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
      entry("containerd", config.containerdVersion, binary),
    ),
    ...(kubernetesBinaries[role] ?? []).map((binary) =>
      entry("kubernetes", config.kubernetesVersion, binary),
    ),
    ...(role === "etcd" ? [entry("etcd", config.etcdVersion, "etcdctl")] : []),
  ];
}

/** Images a role starts with, pulled while other hosts are still being prepared. */
function images(plan: ClusterPlan, role: Role): string[] {
  const { config } = plan;
  const image = (name: string, tag: string) => `${config.images.repository}/${name}:${tag}`;
  const pause = image("pause", config.pauseVersion);
  const everyNode = [
    image("kube-proxy", config.kubernetesVersion),
    image("flannel", config.flannelVersion),
  ];
  switch (role) {
    case "etcd":
      return [pause, image("etcd", config.etcdVersion)];
    case "master":
      return [
        pause,
        ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) =>
          image(name, config.kubernetesVersion),
        ),
        ...everyNode,
        // The masters are the first nodes, so DNS starts on them.
        image("coredns", config.corednsVersion),
      ];
    case "worker":
      return [pause, ...everyNode];
    case "bastion":
    case "balancer":
      return [];
  }
}
