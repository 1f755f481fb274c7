import * as pulumi from "@pulumi/pulumi";
import { HaCluster } from "tencentcloud-kubernetes-ha";
import type { ClusterConfigInput } from "tencentcloud-kubernetes-ha/plan";
import type { ClusterArgs, Member } from "./args";

/**
 * A highly available Kubernetes cluster on CVMs, for programs in any language: etcd, masters behind a virtual address, worker pools, a
 * bastion, in a VPC of their own. Its configuration decides how many resources exist, so it is plain: no value of it comes from another resource.
 */
export class Cluster extends pulumi.ComponentResource {
  /** Administrator's kubeconfig. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Where the API is, by the one name it has inside the VPC. */
  readonly endpoint: pulumi.Output<string>;
  /** Address of the bastion. */
  readonly bastionAddress: pulumi.Output<string>;
  /** Key for the login user on all hosts. */
  readonly sshPrivateKey: pulumi.Output<string>;
  /** Private address of every host, by its name. */
  readonly addresses: pulumi.Output<Record<string, string>>;
  readonly vpcId: pulumi.Output<string>;
  /** By zone. */
  readonly subnetIds: pulumi.Output<Record<string, string>>;
  /** By role. */
  readonly securityGroupIds: pulumi.Output<Record<string, string>>;
  readonly keyPairId: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kubernetes-ha:index:Cluster", name, {}, opts);
    const { pkiRotation, clientRotation } = args;
    const config = configOf(args);
    const cluster = new HaCluster(name, { config, pkiRotation, clientRotation }, { parent: this });

    this.kubeconfig = cluster.kubeconfig;
    this.endpoint = pulumi.output(cluster.entry.endpoint);
    this.bastionAddress = cluster.bastionAddress;
    this.sshPrivateKey = cluster.sshPrivateKey;
    this.addresses = pulumi.output(
      Object.fromEntries(cluster.nodes.map((node) => [node.name, node.privateIp])),
    );
    this.vpcId = cluster.vpcId;
    this.subnetIds = pulumi.all(cluster.subnetIds);
    this.securityGroupIds = pulumi.all(cluster.securityGroupIds);
    this.keyPairId = cluster.keyPairId;
    this.registerOutputs({
      kubeconfig: this.kubeconfig,
      endpoint: this.endpoint,
      bastionAddress: this.bastionAddress,
      sshPrivateKey: this.sshPrivateKey,
      addresses: this.addresses,
      vpcId: this.vpcId,
      subnetIds: this.subnetIds,
      securityGroupIds: this.securityGroupIds,
      keyPairId: this.keyPairId,
    });
  }
}

/** The cluster's configuration as the components take it; they check it, and say everything that is wrong with it. */
function configOf(args: ClusterArgs): ClusterConfigInput {
  const { clusterName, etcd, masters, entry, registry, workers, preflight } = args;
  const config = {
    ...omit(args, ["clusterName", "pkiRotation", "clientRotation"]),
    name: clusterName,
    etcd: withMembers(etcd),
    masters: withMembers(masters),
    entry: {
      ...entry,
      ...(entry.balancers && { balancers: withMembers(entry.balancers) }),
      ...(entry.directors && { directors: withMembers(entry.directors) }),
    },
    registry: registry && withMembers(registry),
    workers: workers?.map(withMembers),
    preflight: preflight === undefined ? undefined : { cloud: preflight },
  };
  // Disk types, taint effects and architectures are plain strings in other languages.
  return config as ClusterConfigInput;
}

function omit(args: ClusterArgs, names: (keyof ClusterArgs)[]): Partial<ClusterArgs> {
  return Object.fromEntries(
    Object.entries(args).filter(([name]) => !names.includes(name as keyof ClusterArgs)),
  );
}

/** A group with its members, if it has its own, as the components take them: a count, or the members themselves. */
function withMembers<T extends { members?: number; memberKeys?: Member[] }>({
  memberKeys,
  ...group
}: T) {
  const members = memberKeys ?? group.members;
  return members === undefined ? group : { ...group, members };
}
