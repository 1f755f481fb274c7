import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import {
  kubeReservedCgroup,
  type Reservation,
  reservation,
  systemReservedCgroup,
} from "../plan/reservation";
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
    ...(kubelet.failCgroupV1 === undefined ? {} : { failCgroupV1: kubelet.failCgroupV1 }),
    failSwapOn: kubelet.failSwapOn,
    maxPods: kubelet.maxPods,
    rotateCertificates: true,
    // One slow image must not keep the control plane's waiting.
    maxParallelImagePulls: 3,
    serializeImagePulls: false,
    streamingConnectionIdleTimeout: "4h0m0s",
  };
}

/** What depends on one machine's size, as a patch that kubeadm lays over the shared configuration (`paths.kubeletPatch`). */
export function renderKubeletPatch(plan: ClusterPlan, host: HostPlan): string {
  return toYaml({ ...kubeletApi, ...reservationSettings(nodeReservation(plan, host)) });
}

/** Reservation of a host: by its size, or as configured. */
export function nodeReservation(plan: ClusterPlan, host: HostPlan): Reservation {
  const { kubeReserved, systemReserved, enforceNodeAllocatable } = plan.config.kubelet;
  return reservation(
    {
      cpus: host.size.cpus,
      memoryGiB: host.size.memoryGiB,
      diskGiB: host.systemDisk.sizeGiB,
    },
    { kubeReserved, systemReserved, enforceNodeAllocatable },
  );
}

/**
 * Whole configuration of the kubelet of an etcd host, which runs static pods and belongs to no cluster: it serves nobody
 * but the host itself, so that no port of it is open.
 */
export function renderStandaloneKubelet(plan: ClusterPlan): string {
  const { cgroupDriver, failCgroupV1, failSwapOn } = plan.config.kubelet;
  return toYaml({
    ...kubeletApi,
    address: "127.0.0.1",
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    cgroupDriver,
    containerRuntimeEndpoint: paths.criSocket,
    // Nothing but etcd runs here; it must not be evicted for want of disk or memory.
    evictionHard: { "memory.available": "0%", "nodefs.available": "0%", "imagefs.available": "0%" },
    ...(failCgroupV1 === undefined ? {} : { failCgroupV1 }),
    failSwapOn,
    readOnlyPort: 0,
    staticPodPath: paths.manifests,
    // Left alone, it would make itself one for a year, which nobody renews.
    tlsCertFile: paths.etcdServerCertificate,
    tlsPrivateKeyFile: paths.etcdServerKey,
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
