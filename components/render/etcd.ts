import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import { type EtcdPlan } from "../plan/etcd";
import { etcdDataDir } from "../plan/hosts";
import { imagePartsOf } from "../plan/images";
import { ports } from "../plan/ports";
import { acceptedGenerations, isBegun } from "../plan/rotation";
import { argumentList, kubeadmApi, kubernetesRepository } from "./kubeadm";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/** Largest size of the database: what etcd's own guidance gives as the most that works well. */
const quotaBytes = 8 * 1024 ** 3;

/**
 * Configuration for `kubeadm init phase certs etcd-*` and `kubeadm init phase etcd local` on one etcd host, as kubeadm's
 * guide for external etcd has it: every host is told of itself alone, and of its peers by flags.
 */
export function renderEtcdConfiguration(
  { config, etcdCluster: etcd, monitoring }: ClusterPlan,
  member: HostPlan,
): string {
  const names = [member.name, member.address];
  return toYaml(
    {
      apiVersion: kubeadmApi,
      kind: "InitConfiguration",
      nodeRegistration: { name: member.name, criSocket: paths.criSocket },
      // kubeadm has etcd listen on the address that an apiserver would advertise.
      localAPIEndpoint: { advertiseAddress: member.address, bindPort: etcd.apiserverPort },
    },
    {
      apiVersion: kubeadmApi,
      kind: "ClusterConfiguration",
      clusterName: etcd.cluster,
      kubernetesVersion: etcd.kubernetesVersion,
      certificatesDir: paths.pki,
      certificateValidityPeriod: config.pki.certificateValidity,
      encryptionAlgorithm: "ECDSA-P256",
      imageRepository: kubernetesRepository(config),
      etcd: {
        local: {
          ...memberImage(config),
          dataDir: etcdDataDir,
          serverCertSANs: names,
          peerCertSANs: names,
          extraArgs: argumentList({
            // Of a member that has its data, which reads neither. etcd.sh says otherwise of one that begins or joins; a blank directory
            // cannot be started with these.
            "initial-cluster": `${member.name}=${etcdPeerUrl(member.address)}`,
            "initial-cluster-state": "existing",
            // Two clusters that reach each other by mistake do not mix.
            "initial-cluster-token": etcd.cluster,
            "quota-backend-bytes": String(quotaBytes),
            // kubeadm's probes go by the first one.
            ...(monitoring && {
              "listen-metrics-urls": metricsUrls("127.0.0.1", member.address),
            }),
            ...etcd.extraArgs,
          }),
          ...acceptedAuthorities(config),
        },
      },
    },
  );
}

/**
 * What has a member start anew that accepts other authorities than before: it reads them once. Of a cluster whose authority has never been replaced nothing is
 * said. Nothing reads the variable.
 */
function acceptedAuthorities({ pki }: ClusterPlan["config"]): object {
  const { etcdCa } = pki.rotation;
  if (!isBegun(etcdCa)) return {};
  const accepted = [...acceptedGenerations(etcdCa)].sort((one, other) => one - other);
  return { extraEnvs: [{ name: "KUBERNETES_HA_ETCD_CA", value: accepted.join(" ") }] };
}

/** Image of a member, as kubeadm is told of it: it looks where the images of Kubernetes are by itself. */
function memberImage(config: ClusterPlan["config"]): object {
  const { repository, tag } = imagePartsOf(config, "etcd");
  const elsewhere = repository !== kubernetesRepository(config);
  return { ...(elsewhere ? { imageRepository: repository } : {}), imageTag: tag };
}

interface Topology<P extends EtcdPlan> {
  /** What kubeadm is told of etcd on a master. */
  kubeadmEtcd(etcd: P, config: ClusterPlan["config"]): object;
}

const topologies: {
  readonly [K in EtcdPlan["topology"]]: Topology<Extract<EtcdPlan, { topology: K }>>;
} = {
  // As kubeadm has it, an apiserver talks to the member beside it, and to no other. Told of all, it would spread its requests over
  // them: for the 10 s until a connection to a host that died without a word is given up, each apiserver would hang at every third.
  stacked: {
    kubeadmEtcd: ({ extraArgs }, config) => ({
      local: {
        ...memberImage(config),
        dataDir: etcdDataDir,
        extraArgs: argumentList({ "quota-backend-bytes": String(quotaBytes), ...extraArgs }),
      },
    }),
  },
  external: {
    kubeadmEtcd: ({ endpoints }) => ({
      external: {
        endpoints,
        caFile: paths.etcdCa,
        certFile: paths.etcdClientCertificate,
        keyFile: paths.etcdClientKey,
      },
    }),
  },
};

/** Section `etcd` of a master's ClusterConfiguration. */
export function kubeadmEtcd({
  config,
  etcdCluster,
}: Pick<ClusterPlan, "config" | "etcdCluster">): object {
  const topology: Topology<EtcdPlan> = topologies[etcdCluster.topology];
  return topology.kubeadmEtcd(etcdCluster, config);
}

function metricsUrls(...addresses: string[]): string {
  return addresses.map((address) => `http://${address}:${ports.etcdMetrics}`).join(",");
}

/** Where a member's peers reach it. */
export function etcdPeerUrl(address: string): string {
  return `https://${address}:${ports.etcdPeer}`;
}
