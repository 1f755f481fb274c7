import { type ClusterPlan, type HostPlan } from "../plan/cluster";
import { etcdDataDir } from "../plan/hosts";
import { ports } from "../plan/ports";
import { argumentList, kubeadmApi } from "./kubeadm";
import { paths } from "./paths";
import { toYaml } from "./yaml";

/** How a member starts when its data directory is empty; one that has data ignores it. */
export interface EtcdStart {
  /** `new` while the cluster is made, `existing` for a member that a living cluster has been told of. @default new */
  state?: "new" | "existing";
  /** Members it starts with, itself included. @default all of the plan */
  members?: readonly HostPlan[];
}

/** Largest size of the database: what etcd's own guidance gives as the most that works well. */
const quotaBytes = 8 * 1024 ** 3;

/**
 * Configuration for `kubeadm init phase certs etcd-*` and `kubeadm init phase etcd local` on one etcd host, as kubeadm's
 * guide for external etcd has it: every host is told of itself alone, and of its peers by flags.
 */
export function renderEtcdConfiguration(
  plan: ClusterPlan,
  member: HostPlan,
  start: EtcdStart = {},
): string {
  const { config } = plan;
  const names = [member.name, member.address];
  return toYaml(
    {
      apiVersion: kubeadmApi,
      kind: "InitConfiguration",
      nodeRegistration: { name: member.name, criSocket: paths.criSocket },
      // kubeadm has etcd listen on the address that an apiserver would advertise.
      localAPIEndpoint: { advertiseAddress: member.address, bindPort: plan.apiserverPort },
    },
    {
      apiVersion: kubeadmApi,
      kind: "ClusterConfiguration",
      clusterName: plan.name,
      kubernetesVersion: config.versions.kubernetes,
      certificatesDir: paths.pki,
      encryptionAlgorithm: "ECDSA-P256",
      imageRepository: config.images.repository,
      etcd: {
        local: {
          imageTag: config.versions.etcd,
          dataDir: etcdDataDir,
          serverCertSANs: names,
          peerCertSANs: names,
          extraArgs: argumentList({
            "initial-cluster": initialCluster(start.members ?? plan.etcd),
            "initial-cluster-state": start.state ?? "new",
            // Two clusters that reach each other by mistake do not mix.
            "initial-cluster-token": plan.name,
            "quota-backend-bytes": String(quotaBytes),
          }),
        },
      },
    },
  );
}

/** `name=https://address:2380` of every member. */
export function initialCluster(members: readonly HostPlan[]): string {
  return members.map(({ name, address }) => `${name}=${etcdPeerUrl(address)}`).join(",");
}

/** Where a member's peers reach it. */
export function etcdPeerUrl(address: string): string {
  return `https://${address}:${ports.etcdPeer}`;
}
