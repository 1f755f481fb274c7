/** Type tokens of the components that the policies know. Their registered inputs are seen while a plan is made, before anything is. */
export const componentTokens = {
  cluster: "kubernetes-ha:index:HaCluster",
  network: "kubernetes-ha:index:Network",
  etcdCluster: "kubernetes-ha:index:EtcdCluster",
  controlPlane: "kubernetes-ha:index:ControlPlane",
  registry: "kubernetes-ha:index:Registry",
  releases: "kubernetes-ha:index:Releases",
  rotations: "kubernetes-ha:index:Rotations",
  poolPreparation: "kubernetes-ha:index:PoolPreparation",
  lvsEntry: "kubernetes-ha:entry:LvsEntry",
  nodeLocalEntry: "kubernetes-ha:entry:NodeLocalEntry",
  vipEntry: "kubernetes-ha:entry:VipEntry",
  clbEntry: "kubernetes-ha:entry:ClbEntry",
} as const;
