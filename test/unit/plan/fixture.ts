import {
  type ClusterConfigInput,
  type ClusterPlan,
  parseClusterConfig,
  planCluster,
} from "../../../components/plan";

/** A configuration with nothing but what has no default. */
export function minimalConfig(): ClusterConfigInput {
  return {
    name: "prod",
    imageId: "img-7ag0z2jt",
    network: {
      vpcCidr: "10.0.0.0/16",
      zones: [{ zone: "ap-guangzhou-3", subnetCidr: "10.0.0.0/20" }],
    },
    bastion: { instanceType: "S5.SMALL2", allowedCidrs: ["203.0.113.0/24"] },
    etcd: { members: 3, instanceType: "S5.MEDIUM4" },
    masters: { members: 3, instanceType: "S5.LARGE8" },
    workers: [{ pool: "worker", members: 2, instanceType: "S5.8XLARGE64" }],
    entry: { balancers: { members: 2, instanceType: "S5.MEDIUM2" } },
    artifacts: { baseUrl: "http://mirror.test/artifacts" },
    images: { repository: "registry.test/kubernetes-ha" },
  };
}

/** Plan of the minimal configuration after a change. */
export function planOf(change: (config: ClusterConfigInput) => void = () => {}): ClusterPlan {
  const config = minimalConfig();
  change(config);
  return planCluster(parseClusterConfig(config));
}
