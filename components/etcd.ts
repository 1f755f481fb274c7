import * as pulumi from "@pulumi/pulumi";
import { departureAccess } from "./departureAccess";
import type { Host } from "./host";
import { masterCaFiles, masterNodeFiles } from "./masterNode";
import { memberParams } from "./memberParams";
import { joined } from "./pki/generations";
import type { ClusterPki } from "./pki/clusterPki";
import type { ClusterPlan, EtcdPlan } from "./plan/cluster";
import { nodeDuties, share } from "./plan/roles";
import { componentTokens } from "./plan/tokens";
import { paths, renderEtcdConfiguration, renewalFiles } from "./render";
import { RemoteStep } from "./remote/remoteStep";

/** Arguments of {@link EtcdCluster}. */
export interface EtcdClusterArgs {
  plan: EtcdPlan;
  /** The cluster whose data it keeps. */
  cluster: ClusterPlan;
  /** Hosts of the members, each with its data disk. */
  hosts: Host[];
  pki: ClusterPki;
}

/** Seconds one member may take: it waits for its disk, for what its peers say, and for health. */
const seconds = 900;

/**
 * etcd: one member a host, a static pod that kubeadm writes, its data on a disk of its own, TLS everywhere. Members agree among
 * themselves whether they begin a cluster, so all of them are made side by side and none is the first. Their hosts are etcd's
 * own, or the masters: there the member is run by the kubelet of the node, which is started before it has an API to talk to.
 */
export class EtcdCluster extends pulumi.ComponentResource {
  /** One step a member; each ends when its member is healthy, which takes a quorum. */
  readonly members: RemoteStep[];
  /** Client addresses, `https://<address>:2379`. */
  readonly endpoints: readonly string[];

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, hosts } = args;
    super(
      componentTokens.etcdCluster,
      name,
      { members: hosts.map((host) => host.plan.name), version: plan.version },
      opts,
    );
    this.endpoints = plan.endpoints;
    this.members = hosts.map((host) => this.createMember(host, args));
    this.registerOutputs({ endpoints: this.endpoints });
  }

  private createMember(host: Host, { cluster, pki }: EtcdClusterArgs): RemoteStep {
    const { dataDisk, name } = host.plan;
    if (dataDisk === undefined) {
      throw new pulumi.ResourceError(`etcd member ${name} has no data disk`, this, true);
    }
    const { etcdAuthorities } = pki;
    const isNode = share(host.plan.duties, nodeDuties);
    return new RemoteStep(
      `${name}-etcd`,
      {
        host,
        step: "etcd",
        seconds,
        params: memberParams(cluster, host.plan),
        files: [
          { path: paths.etcdKubeadmConfig, content: renderEtcdConfiguration(cluster, host.plan) },
          ...renewalFiles(cluster, host.plan, "etcd"),
          ...departureAccess(cluster, pki),
          ...(isNode ? masterNodeFiles(cluster, host.plan) : []),
        ],
        secretFiles: [
          {
            path: paths.etcdCa,
            content: joined(etcdAuthorities, ({ crt }) => crt),
            mode: "0644",
          },
          { path: `${paths.pki}/etcd/ca.key`, content: etcdAuthorities[0].key.key },
          ...(isNode ? masterCaFiles(cluster, pki) : []),
        ],
      },
      { parent: this, dependsOn: host.prepare() },
    );
  }
}
