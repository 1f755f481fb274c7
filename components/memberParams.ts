import { type ClusterPlan, type HostPlan } from "./plan/cluster";
import { etcdDataDir } from "./plan/hosts";
import { nodeDuties, share } from "./plan/roles";
import { rotationTexts } from "./plan/rotation";
import { etcdPeerUrl, paths } from "./render";

/** Parameters of the step `etcd` on the host of a member: those that `up` runs it with, and who restores a snapshot. */
export function memberParams(cluster: ClusterPlan, host: HostPlan) {
  return {
    DATA_DIR: host.dataDisk?.mountPoint ?? etcdDataDir,
    MEMBER_NAME: host.name,
    MEMBER_ADDRESS: host.address,
    MEMBERS: cluster.etcd.map(({ name, address }) => `${name}=${etcdPeerUrl(address)}`),
    KUBEADM_CONFIG: paths.etcdKubeadmConfig,
    NODE_CONFIG: share(host.duties, nodeDuties) ? paths.kubeadmConfig : "",
    API_PORT: cluster.apiserverPort,
    ROTATIONS: rotationTexts(cluster.config.pki.rotation, ["etcdCa"]),
  };
}
