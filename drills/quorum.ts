import { etcdDataDir } from "../components/plan/hosts";
import type { LabCluster } from "../lab/cluster";

/** Members of etcd lose their data at once: when they are a majority, the quorum is lost for good. */
export async function loseData(cluster: LabCluster, hosts: readonly string[]): Promise<void> {
  await Promise.all(
    hosts.map((host) =>
      cluster.onHost(
        host,
        `systemctl stop kubelet; pkill -9 -x etcd; rm -rf ${etcdDataDir}/member; systemctl start kubelet`,
      ),
    ),
  );
}
