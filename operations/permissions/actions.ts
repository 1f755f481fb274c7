/**
 * Actions of the API that the provider, the preflight, `npm run orphans` and `npm run cost` call, by what a stack has. Recorded, not guessed: the life of the example for
 * production is run with exactly these (test/engine/prod.test.ts, which also tells what of them nobody called), and what the newest provider was
 * seen to call is among them (test/unit/operations/permissions.test.ts).
 */
export const actions = {
  /** Every cluster: network, machines, disks, the bastion's address; and what `npm run orphans` looks for, whatever the entry is now. */
  cluster: {
    cbs: [
      ...["AttachDisks", "CreateDisks", "DescribeDiskConfigQuota", "DescribeDisks", "DetachDisks"],
      ...["ModifyDiskAttributes", "ResizeDisk", "TerminateDisks"],
    ],
    cvm: [
      ...["CreateDisasterRecoverGroup", "DeleteDisasterRecoverGroups", "DeleteKeyPairs"],
      ...["DescribeAccountQuota", "DescribeDisasterRecoverGroupQuota"],
      ...["DescribeDisasterRecoverGroups", "DescribeImages", "DescribeInstances"],
      ...["DescribeInstancesAttributes", "DescribeKeyPairs", "DescribeZoneInstanceConfigInfos"],
      ...["DescribeZones", "DisassociateInstancesKeyPairs", "ImportKeyPair"],
      ...["ModifyDisasterRecoverGroupAttribute", "ModifyInstancesAttribute"],
      ...["ResetInstancesType", "ResizeInstanceDisks", "RunInstances", "StartInstances"],
      ...["StopInstances", "TerminateInstances"],
    ],
    clb: ["DescribeLoadBalancers", "DescribeTargetGroups"],
    privatedns: ["DescribePrivateZoneList"],
    sts: ["GetCallerIdentity"],
    tag: ["DescribeResourceTagsByResourceIds", "ModifyResourceTags"],
    vpc: [
      ...["AllocateAddresses", "AssociateAddress", "CreateSecurityGroup", "CreateSubnet"],
      ...["CreateVpc", "DeleteSecurityGroup", "DeleteSubnet", "DeleteVpc"],
      ...["DescribeAddressQuota", "DescribeAddresses", "DescribeBandwidthPackages"],
      ...["DescribeHaVips", "DescribeNatGateways", "DescribeRouteTables"],
      "DescribeSecurityGroupAssociationStatistics",
      ...["DescribeSecurityGroupLimits", "DescribeSecurityGroupPolicies"],
      ...["DescribeSecurityGroups", "DescribeSubnets", "DescribeTaskResult"],
      ...["DescribeUsedIpAddress", "DescribeVpcLimits", "DescribeVpcs", "DisassociateAddress"],
      ...["ModifyAddressAttribute", "ModifySecurityGroupAttribute"],
      ...["ModifySecurityGroupPolicies", "ModifySubnetAttribute", "ModifyVpcAttribute"],
      ...["ReleaseAddresses"],
    ],
  },
  /** With a NAT gateway (`network.nat`), which `sources.kind: upstream` has. */
  natGateway: {
    vpc: [
      ...["CreateNatGateway", "CreateRoutes", "DeleteNatGateway", "DeleteRoutes"],
      "ModifyNatGatewayAttribute",
    ],
  },
  /** With a HAVIP: entries `vip`, and `lvs` on a VPC. */
  haVip: {
    vpc: [
      ...["AssociateHaVipInstance", "CreateHaVip", "DeleteHaVip"],
      ...["DisassociateHaVipInstance", "ModifyHaVipAttribute"],
    ],
  },
  /** With a load balancer and its target group: entry `clb`. */
  loadBalancer: {
    clb: [
      ...["AssociateTargetGroups", "CreateListener", "CreateLoadBalancer", "CreateTargetGroup"],
      ...["DeleteListener", "DeleteLoadBalancer", "DeleteTargetGroups"],
      ...["DeregisterTargetGroupInstances", "DescribeListeners", "DescribeQuota"],
      ...["DescribeTargetGroupInstances", "DescribeTargetGroupList", "DescribeTaskStatus"],
      ...["DisassociateTargetGroups"],
      ...["ModifyListener", "ModifyLoadBalancerAttributes", "ModifyTargetGroupAttribute"],
      ...["RegisterTargetGroupInstances", "SetLoadBalancerSecurityGroups"],
    ],
  },
  /** With a private name for it. */
  privateZone: {
    privatedns: [
      ...["CreatePrivateZone", "CreatePrivateZoneRecord", "DeletePrivateZone"],
      ...["DeletePrivateZoneRecord", "DescribePrivateZone", "DescribePrivateZoneRecordList"],
      ...["DescribeRecord", "ModifyPrivateZone", "ModifyPrivateZoneRecord", "ModifyPrivateZoneVpc"],
    ],
  },
  /** With snapshots in the object storage: the role that members of etcd have. */
  snapshotRole: {
    cam: [
      ...["AttachRolePolicy", "CreatePolicy", "CreateRole", "DeletePolicy", "DeleteRole"],
      ...["DescribeRoleList", "DetachRolePolicy", "GetPolicy", "ListAttachedRolePolicies"],
      "ListPolicies",
      // Asked for by RunInstances with a role.
      ...["PassRole", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdatePolicy"],
      "UpdateRoleDescription",
    ],
  },
  /** With prepaid workers. */
  prepaid: { cvm: ["ModifyInstancesRenewFlag"] },
  /** With `npm run cost`: prices of what is ordered. */
  cost: {
    cbs: ["InquiryPriceCreateDisks"],
    clb: ["InquiryPriceCreateLoadBalancer"],
    cvm: ["InquiryPriceRunInstances"],
    vpc: ["InquiryPriceAllocateAddresses"],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** What a stack may have, or people may ask of it, that takes actions of its own. */
export type PermissionPart = keyof typeof actions;
