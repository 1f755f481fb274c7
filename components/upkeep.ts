import * as pulumi from "@pulumi/pulumi";
import type { EtcdCluster } from "./etcd";
import type { Host } from "./host";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan } from "./plan/cluster";
import { RemoteStep } from "./remote/remoteStep";
import { paths, snapshotFiles, spaceFiles } from "./render";

/** Arguments of {@link EtcdUpkeep}. */
export interface EtcdUpkeepArgs {
  plan: ClusterPlan;
  etcd: EtcdCluster;
  /** Hosts of the members, in the order of {@link EtcdCluster.members}. */
  hosts: Host[];
  pki: ClusterPki;
}

/** Seconds until a member keeps itself. */
const seconds = 120;

/**
 * What members of etcd do by themselves, on timers:
 *
 * 1. each takes snapshots, proves that they can be restored, and keeps them on its system disk, and in COS if it has a bucket (`etcd.snapshots`); `npm run restore` makes a cluster of one;
 * 2. each gives back what its database does not use any more, and ends the alarm of a database that was full.
 */
export class EtcdUpkeep extends pulumi.ComponentResource {
  constructor(name: string, args: EtcdUpkeepArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, etcd, hosts, pki } = args;
    const { enabled } = plan.config.etcd.snapshots;
    super("kubernetes-ha:index:EtcdUpkeep", name, {}, opts);
    // Derived from a secret, but public by nature.
    const recipient = pulumi.unsecret(pki.snapshotKey.apply((key) => `${key.recipient}\n`));
    hosts.forEach((host, index) => {
      new RemoteStep(
        `${host.plan.name}-upkeep`,
        {
          ...{ host, step: "etcd-upkeep", seconds },
          params: { SNAPSHOTS: enabled ? "yes" : "no" },
          files: [
            ...snapshotFiles(plan, host.plan),
            ...spaceFiles(plan, host.plan),
            { path: paths.snapshotRecipient, content: recipient },
          ],
        },
        { parent: this, dependsOn: etcd.members[index] ?? [] },
      );
    });
    this.registerOutputs({});
  }
}
