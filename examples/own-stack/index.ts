import * as tencentcloud from "@pulumi/tencentcloud";
import { HaCluster, type HaClusterArgs, type NodeOutput } from "tencentcloud-kubernetes-ha";
import { parseClusterConfig, planCluster } from "tencentcloud-kubernetes-ha/plan";

const zone = "ap-guangzhou-6";
const config: HaClusterArgs["config"] = {
  name: "team",
  imageId: "img-7ag0z2jt",
  versions: {
    kubernetes: "v1.36.3",
    etcd: "v3.7.3",
    containerd: "v2.4.2",
    flannel: "v0.28.4",
    coredns: "v1.15.0",
    pause: "3.10.2",
  },
  network: { vpcCidr: "10.40.0.0/16", zones: [{ zone, subnetCidr: "10.40.0.0/20" }] },
  bastion: { instanceType: "S5.SMALL2", allowedCidrs: ["203.0.113.0/24"] },
  etcd: { members: 3, instanceType: "S5.LARGE8", disk: { type: "CLOUD_HSSD", sizeGiB: 100 } },
  masters: { members: 2, instanceType: "S5.LARGE16" },
  entry: { kind: "vip", balancers: { members: 2, instanceType: "S5.MEDIUM4" } },
  workers: [{ pool: "general", members: 1, instanceType: "S5.2XLARGE32" }],
};

const cluster = new HaCluster(config.name, { config });

// A machine of one's own beside the cluster: in its network, with its operator's key, and a security group of its own.
const group = new tencentcloud.SecurityGroup("runner", { name: "runner" });
const runner = new tencentcloud.Instance("runner", {
  instanceName: "runner",
  availabilityZone: zone,
  imageId: config.imageId,
  instanceType: "S5.SMALL2",
  vpcId: cluster.vpcId,
  subnetId: cluster.subnetIds[zone],
  keyIds: [cluster.keyPairId],
  orderlySecurityGroups: [group.id],
});

export const runnerAddress = runner.privateIp;
export const kubeconfig = cluster.kubeconfig;
export const addresses = cluster.nodes.map(
  ({ name, privateIp }: NodeOutput) => `${name} ${privateIp}`,
);
/** The plan is pure: it can be asked without making anything. */
export const hosts = planCluster(parseClusterConfig(config)).hosts.length;
