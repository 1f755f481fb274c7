import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import {
  kubeReservedCgroup,
  nodeReservation,
  type Reservation,
  systemReservedCgroup,
} from "../plan/reservation";
import { cipherSuites } from "./cipherSuites";
import { paths } from "./paths";
import { toYaml } from "./yaml";

const kubeletApi = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };

/**
 * What all nodes share; kubeadm keeps it in the cluster and hands it to those that join.
 *
 * `serverTLSBootstrap` stays off: with it a kubelet's serving certificate waits for somebody to approve its request, and
 * nothing in a plain cluster does, so logs and exec would fail. The apiserver does not verify that certificate either way
 * until it gets a `kubelet-certificate-authority`.
 */
export function kubeletConfiguration(plan: ClusterPlan): object {
  const { kubelet } = plan.config;
  return {
    ...kubeletApi,
    cgroupDriver: kubelet.cgroupDriver,
    cgroupsPerQOS: true,
    clusterDNS: [plan.network.dnsServiceAddress],
    clusterDomain: plan.network.clusterDomain,
    containerLogMaxFiles: 5,
    containerLogMaxSize: "10Mi",
    eventRecordQPS: 50,
    makeIPTablesUtilChains: true,
    readOnlyPort: 0,
    rotateCertificates: true,
    // Containers that say nothing of system calls get the runtime's own list of them.
    seccompDefault: true,
    // A machine that is shut down in order ends its pods in order, those of the node itself last.
    shutdownGracePeriod: "60s",
    shutdownGracePeriodCriticalPods: "20s",
    // One slow image must not keep the control plane's waiting.
    maxParallelImagePulls: 3,
    serializeImagePulls: false,
    streamingConnectionIdleTimeout: "4h0m0s",
    tlsCipherSuites: cipherSuites,
    tlsMinVersion: "VersionTLS12",
  };
}

/**
 * What depends on one machine's size, or may be changed on a living cluster, as a patch that kubeadm lays over the shared configuration
 * (`paths.kubeletPatch`): so a worker takes it up without the masters' copy, whichever changes first.
 */
export function renderKubeletPatch(plan: ClusterPlan, host: HostPlan): string {
  const { failCgroupV1, failSwapOn, maxPods, podPidsLimit, protectKernelDefaults } =
    plan.config.kubelet;
  return toYaml({
    ...plan.config.kubelet.extraConfig,
    ...kubeletApi,
    ...(failCgroupV1 === undefined ? {} : { failCgroupV1 }),
    failSwapOn,
    maxPods,
    podPidsLimit,
    protectKernelDefaults,
    ...reservationSettings(nodeReservation(host, plan.config.kubelet)),
  });
}

/**
 * Whole configuration of the kubelet of a host that runs static pods and belongs to no cluster, one of etcd or of a Harbor: it serves nobody but the host
 * itself, so that no port of it is open.
 */
export function renderStandaloneKubelet(plan: ClusterPlan, { duties }: HostPlan): string {
  const { cgroupDriver, failCgroupV1, failSwapOn } = plan.config.kubelet;
  return toYaml({
    ...kubeletApi,
    address: "127.0.0.1",
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    cgroupDriver,
    containerRuntimeEndpoint: paths.criSocket,
    // Without a certificate of the host's it serves nothing at all, but its health.
    ...(duties.includes("etcd") ? {} : { enableServer: false }),
    // Nothing but that runs here; it must not be evicted for want of disk or memory.
    evictionHard: { "memory.available": "0%", "nodefs.available": "0%", "imagefs.available": "0%" },
    ...(failCgroupV1 === undefined ? {} : { failCgroupV1 }),
    failSwapOn,
    readOnlyPort: 0,
    staticPodPath: paths.manifests,
    // Left alone, it would make itself one for a year, which nobody renews.
    ...(duties.includes("etcd") && {
      tlsCertFile: paths.etcdServerCertificate,
      tlsPrivateKeyFile: paths.etcdServerKey,
    }),
  });
}

function reservationSettings(kept: Reservation): object {
  const enforces = (what: Reservation["enforceNodeAllocatable"][number]) =>
    kept.enforceNodeAllocatable.includes(what);
  return {
    enforceNodeAllocatable: kept.enforceNodeAllocatable,
    // Whoever names some thresholds loses the kubelet's own for the others, so those are said too.
    evictionHard: { ...kept.evictionHard, "nodefs.inodesFree": "5%", "imagefs.available": "15%" },
    kubeReserved: quantities(kept.kubeReserved),
    // Only named where it is enforced: the kubelet refuses to start when a named cgroup is not there.
    ...(enforces("kube-reserved") ? { kubeReservedCgroup } : {}),
    systemReserved: quantities(kept.systemReserved),
    ...(enforces("system-reserved") ? { systemReservedCgroup } : {}),
  };
}

function quantities(reserved: Reservation["kubeReserved"]): object {
  const { cpu, memory, ephemeralStorage } = reserved;
  return { cpu, memory, "ephemeral-storage": ephemeralStorage };
}
