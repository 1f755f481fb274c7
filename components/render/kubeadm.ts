import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import { kubeletValiditySeconds } from "../plan/certificates";
import { imagePartsOf } from "../plan/images";
import { regionOf } from "../plan/names";
import { begunRotations, isBegun } from "../plan/rotation";
import { nodePodPrefix } from "../plan/rules/networks";
import type { ExtraVolume } from "../plan/schema/staticPods";
import { apiserverFlags, apiserverSettings } from "./apiserver";
import { kubeadmEtcd } from "./etcd";
import { cipherSuites } from "./cipherSuites";
import { kubeletConfiguration } from "./kubelet";
import { kubeProxyConfiguration } from "./kubeProxy";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/** Version of kubeadm's configuration. */
export const kubeadmApi = "kubeadm.k8s.io/v1beta4";

/** kubeadm's form of a flag. */
export interface Argument {
  name: string;
  value: string;
}

/** Flags as kubeadm wants them, in the order given. */
export function argumentList(flags: Readonly<Record<string, string>>): Argument[] {
  return Object.entries(flags).map(([name, value]) => ({ name, value }));
}

/**
 * Configuration for `kubeadm init` (whole or phase by phase) on one master. All masters have the same one but for the name
 * and the address, so none of them is the first. Holds no secret: the CAs and keys are on the host before.
 */
export function renderInitConfiguration(plan: ClusterPlan, master: HostPlan): string {
  return toYaml(
    {
      apiVersion: kubeadmApi,
      kind: "InitConfiguration",
      // Nothing joins by this token; every joining node gets one of its own. Without an entry kubeadm makes one for a day.
      bootstrapTokens: [{ ttl: "1m0s", usages: ["signing", "authentication"] }],
      nodeRegistration: masterRegistration(master),
      localAPIEndpoint: { advertiseAddress: master.address, bindPort: plan.apiserverPort },
      patches: { directory: paths.patches },
    },
    clusterConfiguration(plan),
    kubeletConfiguration(plan),
    kubeProxyConfiguration(plan),
  );
}

/**
 * Configuration for `kubeadm join` of a worker, the same for all of its pool: the name of the node is an argument of the command, its address
 * one of the kubelet ({@link renderKubeletArguments}). The address of the API and its CA are in the file at `paths.discovery`.
 */
export function renderJoinConfiguration(worker: HostPlan): string {
  const { taints } = worker;
  return toYaml({
    apiVersion: kubeadmApi,
    kind: "JoinConfiguration",
    nodeRegistration: {
      ...registration(argumentList({ "node-labels": labelList(worker) })),
      taints,
    },
    discovery: { file: { kubeConfigPath: paths.discovery } },
    patches: { directory: paths.patches },
  });
}

/** What the kubelet of a worker is started with beside what kubeadm writes, for /etc/default/kubelet. */
export function renderKubeletArguments(worker: HostPlan): string {
  return `KUBELET_EXTRA_ARGS=--node-ip=${worker.address}\n`;
}

/**
 * What a master's apiserver has of its own, as a patch that kubeadm lays over its manifest (`paths.apiserverPatch`): it listens at its host's address and
 * nowhere else. So a proxy can listen at the same port of the loopback address, and another kind of entry needs no other apiserver. Behind directors that
 * forward by MAC it listens everywhere: what arrives is for the VIP. Its annotation stands for the files that it reads when it starts: the kubelet starts it
 * anew for another manifest, and for nothing else.
 */
export function renderApiserverPatch(plan: ClusterPlan, { address }: HostPlan): string {
  const { entry } = plan;
  const silent = entry.kind === "lvs" && entry.forwarding === "dr" && entry.balancers.length === 0;
  const add = (path: string, value: string) => ({ op: "add", path, value });
  return toYaml([
    add("/spec/containers/0/command/-", `--bind-address=${silent ? "0.0.0.0" : address}`),
    add("/metadata/annotations/kubernetes-ha~1settings", apiserverSettings(plan)),
  ]);
}

/**
 * What the controller-managers of a cluster have of their own whose service account key has ever been replaced, as a patch that kubeadm lays over their manifest
 * (`paths.controllerManagerPatch`): how far that is. Each signs tokens with that key, and asks with tokens that apiservers have signed, so it is started anew.
 */
export function renderControllerManagerPatch({
  config,
}: Pick<ClusterPlan, "config">): string | undefined {
  const [begun] = begunRotations(config.pki.rotation, ["serviceAccountKey"]);
  return begun === undefined
    ? undefined
    : toYaml({ metadata: { annotations: { "kubernetes-ha/settings": begun } } });
}

/** What all masters share. kubeadm keeps a copy in the cluster, from which upgrades start. */
export function clusterConfiguration(plan: ClusterPlan): object {
  const { config, network } = plan;
  const coredns = imagePartsOf(config, "coredns");
  const { podEvictionSeconds, extraArgs, extraVolumes, extraEnvs } = config.controlPlane;
  const eviction = String(podEvictionSeconds);
  return {
    apiVersion: kubeadmApi,
    kind: "ClusterConfiguration",
    clusterName: plan.name,
    kubernetesVersion: config.versions.kubernetes,
    controlPlaneEndpoint: plan.entry.endpoint,
    imageRepository: kubernetesRepository(config),
    certificatesDir: paths.pki,
    certificateValidityPeriod: config.pki.certificateValidity,
    // Leaves are made and renewed on hosts: a P-256 key takes no time, an RSA one up to a second.
    encryptionAlgorithm: "ECDSA-P256",
    networking: {
      dnsDomain: network.clusterDomain,
      podSubnet: network.podCidr,
      serviceSubnet: network.serviceCidr,
    },
    etcd: kubeadmEtcd(plan),
    apiServer: {
      certSANs: plan.apiCertificateNames,
      extraArgs: argumentList({
        ...apiserverFlags,
        "audit-log-maxage": "30",
        "audit-log-maxbackup": "10",
        "audit-log-maxsize": "100",
        "audit-log-path": `${paths.auditLogDir}/audit.log`,
        "audit-policy-file": paths.auditPolicy,
        "default-not-ready-toleration-seconds": eviction,
        "default-unreachable-toleration-seconds": eviction,
        "encryption-provider-config": paths.encryption,
        // The default, said because the `kubernetes` Service's list of masters hangs on it.
        "endpoint-reconciler-type": "lease",
        // Long connections stay where they are; one request in a thousand asks its client to move, so that a master
        // that was away gets its share again.
        "goaway-chance": "0.001",
        profiling: "false",
        // /readyz turns bad at once on a stop and the balancers notice within 2 s; requests are served till then.
        "shutdown-delay-duration": "5s",
        "tls-cipher-suites": cipherSuites.join(","),
        "tls-min-version": "VersionTLS12",
        ...extraArgs.apiServer,
      }),
      extraVolumes: [
        volume("settings", paths.apiserverDir, true),
        volume("encryption", paths.encryptionDir, true),
        volume("audit-policy", paths.auditDir, true),
        volume("audit-log", paths.auditLogDir, false),
        ...extraVolumes.apiServer.map(mounted),
      ],
      ...environment(extraEnvs.apiServer),
    },
    controllerManager: {
      extraArgs: argumentList({
        ...leaderElection,
        ...(isBegun(config.pki.rotation.kubernetesCa) && {
          // It takes one certificate only, and kubeadm's has all that are accepted.
          "cluster-signing-cert-file": paths.signingCa,
        }),
        "cluster-signing-duration": `${kubeletValiditySeconds(config.pki.certificateValidity)}s`,
        "node-cidr-mask-size": String(nodePodPrefix),
        profiling: "false",
        ...extraArgs.controllerManager,
      }),
      ...volumes(extraVolumes.controllerManager),
      ...environment(extraEnvs.controllerManager),
    },
    scheduler: {
      extraArgs: argumentList({ ...leaderElection, profiling: "false", ...extraArgs.scheduler }),
      ...volumes(extraVolumes.scheduler),
      ...environment(extraEnvs.scheduler),
    },
    dns: { imageRepository: coredns.repository, imageTag: coredns.tag },
  };
}

/** Where the images of Kubernetes itself are, which kubeadm names by itself. */
export function kubernetesRepository(config: ClusterPlan["config"]): string {
  return imagePartsOf(config, "kube-apiserver").repository;
}

/** One active controller-manager and scheduler; the lock is a Lease, and moves at most 15 s after its holder is gone. */
const leaderElection = {
  "leader-elect": "true",
  "leader-elect-lease-duration": "15s",
  "leader-elect-renew-deadline": "10s",
  "leader-elect-retry-period": "2s",
};

function volume(name: string, path: string, readOnly: boolean): object {
  return { name, hostPath: path, mountPath: path, readOnly, pathType: "DirectoryOrCreate" };
}

function mounted({ hostPath, mountPath = hostPath, ...rest }: ExtraVolume): object {
  return { hostPath, mountPath, ...rest };
}

function volumes(extra: readonly ExtraVolume[]): object {
  return extra.length === 0 ? {} : { extraVolumes: extra.map(mounted) };
}

function environment(variables: Readonly<Record<string, string>>): object {
  const extraEnvs = argumentList(variables);
  return extraEnvs.length === 0 ? {} : { extraEnvs };
}

/** How a master registers as a node, with kubeadm's own taint. */
function masterRegistration(master: HostPlan): object {
  return {
    name: master.name,
    ...registration(argumentList({ "node-ip": master.address, "node-labels": labelList(master) })),
  };
}

function registration(kubeletExtraArgs: Argument[]): object {
  return {
    criSocket: paths.criSocket,
    imagePullPolicy: "IfNotPresent",
    imagePullSerial: false,
    kubeletExtraArgs,
  };
}

function labelList(host: HostPlan): string {
  return Object.entries(nodeLabels(host))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** Labels a node gives itself. No cloud controller exists to set the zone, so the kubelet does. */
export function nodeLabels(host: HostPlan): Record<string, string> {
  return {
    ...host.labels,
    "node.kubernetes.io/instance-type": host.instanceType,
    "topology.kubernetes.io/region": regionOf(host.zone),
    "topology.kubernetes.io/zone": host.zone,
  };
}
