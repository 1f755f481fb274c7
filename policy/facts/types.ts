/** Type tokens of the resources the rules judge, as the generated SDK of the Terraform provider has them. */
export const types = {
  instance: "tencentcloud:index/instance:Instance",
  placementGroup: "tencentcloud:index/placementGroup:PlacementGroup",
  securityGroupRuleSet: "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet",
  securityGroupLiteRule: "tencentcloud:index/securityGroupLiteRule:SecurityGroupLiteRule",
  securityGroupRule: "tencentcloud:index/securityGroupRule:SecurityGroupRule",
} as const;
