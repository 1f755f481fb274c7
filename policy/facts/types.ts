/** Type tokens of the resources the rules judge, as the generated SDK of the Terraform provider has them. */
export const types = {
  instance: "tencentcloud:index/instance:Instance",
  placementGroup: "tencentcloud:index/placementGroup:PlacementGroup",
  securityGroupRuleSet: "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet",
  securityGroupLiteRule: "tencentcloud:index/securityGroupLiteRule:SecurityGroupLiteRule",
  securityGroupRule: "tencentcloud:index/securityGroupRule:SecurityGroupRule",
  /** Components of this project; their registered inputs are seen while the plan is made, before anything is. */
  etcdCluster: "kubernetes-ha:index:EtcdCluster",
} as const;
