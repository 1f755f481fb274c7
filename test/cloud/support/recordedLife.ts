import { type Playing } from "./recorded";

/** A recorded call, and what is particular about it when it is played. */
export type Step = string | readonly [call: string, playing: Playing];

const running = { until: /"InstanceState":"RUNNING"/ };

/** Ids that stand for one object: the calls are of two runs of test/cloud/program, and of several of the prod stack. */
export const same = {
  "vpc-gpt0k5z9": "vpc-yjyvhstm",
  "rtb-nvckjayg": "rtb-k53a16jz",
  "sg-h2hjs5ix": "sg-mwsxah56",
  "sg-vec1p3on": "sg-h1cah8sy",
  "ps-unmpve1b": "ps-mf162dxa",
  "ins-6uyj8o3g": "ins-errfelnf",
  "ins-5pq8iveo": "ins-mvsgb22u",
  "ins-ldo2bs8r": "ins-mt4sey4f",
  "disk-ma5qyzq5": "disk-6ztktz6p",
  "disk-qa7cpx4h": "disk-6ztktz6p",
  "disk-ufxr9wt9": "disk-6ztktz6p",
  "havip-v2tyvwzo": "havip-kl3otrsy",
  "lb-7e8m7t1g": "lb-buepaq6p",
  "lbl-mmej0j69": "lbl-7ej5x9wi",
  "nat-utfpkqs6": "nat-2u9mezzb",
  "zone-w43ilioy": "zone-h0f2abci",
  "havip-qgx6okvl": "havip-gotrz93j",
  "ins-fq6vbt9k": "ins-j4fa71xj",
  "eip-sznlexcp": "eip-jda5eg1j",
};

/** The program of test/cloud/program: one resource of each kind, made and read. */
const made: readonly Step[] = [
  "api:DescribeZones",
  "cam:GetUserAppId",
  ["cam:DescribeSubAccounts", { finds: 0 }],
  "cvm:DescribeImages",
  "cvm:DescribeZoneInstanceConfigInfos",
  "cam:CreateRole",
  "cam:DescribeRoleList",
  "cam:CreatePolicy",
  "cam:GetPolicy",
  "cam:AttachRolePolicy",
  "cam:ListAttachedRolePolicies",
  ["vpc:CreateVpc", { makes: "vpc-yjyvhstm" }],
  "vpc:DescribeVpcs",
  "vpc:DescribeRouteTables",
  ["vpc:CreateRouteTable", { makes: "rtb-k53a16jz" }],
  "vpc:DescribeRouteTables#2",
  "vpc:DescribeRouteTables#3",
  ["vpc:CreateSubnet", { makes: "subnet-1ryocgrk" }],
  "vpc:ModifySubnetAttribute",
  "vpc:ReplaceRouteTableAssociation",
  "vpc:DescribeSubnets",
  ["vpc:CreateSecurityGroup", { makes: "sg-mwsxah56" }],
  ["vpc:CreateSecurityGroup", { with: { GroupName: "bastion" }, makes: "sg-h1cah8sy" }],
  "vpc:DescribeSecurityGroups",
  "vpc:ModifySecurityGroupPolicies",
  "vpc:DescribeSecurityGroupPolicies",
  ["cvm:CreateDisasterRecoverGroup", { makes: "ps-mf162dxa" }],
  "cvm:DescribeDisasterRecoverGroups",
  ["cvm:ImportKeyPair", { makes: "skey-ryui6rdn" }],
  "cvm:DescribeKeyPairs",
  "tag:ModifyResourceTags",
  "tag:DescribeResourceTagsByResourceIds",
  ...["ins-errfelnf", "ins-mvsgb22u", "ins-mt4sey4f"].map((id, index): Step => {
    const VirtualPrivateCloud = {
      VpcId: "vpc-yjyvhstm",
      SubnetId: "subnet-1ryocgrk",
      PrivateIpAddresses: [`10.1.1.1${index + 1}`],
    };
    return [
      "cvm:RunInstances",
      { with: { VirtualPrivateCloud, ClientToken: `member-${index}` }, makes: id },
    ];
  }),
  ["cvm:RunInstances#2", { makes: "ins-uwtdsmyz" }],
  ...["ins-errfelnf", "ins-mvsgb22u", "ins-mt4sey4f", "ins-uwtdsmyz"].map((id): Step => [
    "cvm:DescribeInstances",
    { with: { InstanceIds: [id] }, ...running },
  ]),
  "cvm:DescribeInstancesAttributes",
  "cvm:DescribeImages#2",
  ["cbs:CreateDisks", { makes: "disk-6ztktz6p" }],
  ["cbs:DescribeDisks", { until: /"DiskState":"UNATTACHED"/ }],
  "cbs:AttachDisks",
  ["cbs:DescribeDisks", { until: /"DiskState":"ATTACHED"/ }],
  ["vpc:AllocateAddresses", { makes: "eip-o7ye6lsw" }],
  ["vpc:AllocateAddresses", { with: { AddressName: "nat" }, makes: "eip-nat00000" }],
  ["vpc:AllocateAddresses#2", { makes: "eip-gs5a2cxs" }],
  "vpc:DescribeTaskResult",
  ["vpc:DescribeAddresses", { until: /"UNBIND"/ }],
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-gs5a2cxs"] }, until: /"UNBIND"/ }],
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-nat00000"] }, until: /"UNBIND"/ }],
  ["vpc:DescribeBandwidthPackages", { finds: 0 }],
  ["vpc:AssociateAddress", { with: { AddressId: "eip-gs5a2cxs", InstanceId: "ins-uwtdsmyz" } }],
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-gs5a2cxs"] }, until: /"BIND"/ }],
  ["vpc:CreateHaVip", { makes: "havip-kl3otrsy" }],
  "vpc:DescribeHaVips",
  "vpc:HaVipAssociateAddressIp",
  ["vpc:DescribeHaVips", { until: /"AddressIp":"198/ }],
  "vpc:CreateRoutes",
  ["clb:DescribeLoadBalancers", { finds: 0 }],
  ["clb:CreateLoadBalancer", { makes: "lb-buepaq6p" }],
  "clb:SetLoadBalancerSecurityGroups",
  "clb:DescribeLoadBalancers#2",
  ["vpc:DescribeAddresses#3", { finds: 0 }],
  ["clb:CreateListener", { makes: "lbl-7ej5x9wi" }],
  "clb:DescribeListeners",
  "clb:RegisterTargets",
  "clb:DescribeTargets",
  ["vpc:CreateNatGateway", { makes: "nat-2u9mezzb" }],
  ["vpc:DescribeNatGateways", { until: /"State":"AVAILABLE"/ }],
  "vpc:DescribeAddresses#2",
  ["privatedns:CreatePrivateZone", { makes: "zone-h0f2abci" }],
  "privatedns:DescribePrivateZone",
  "privatedns:CreatePrivateZoneRecord",
  "privatedns:DescribeRecord",
];

/** All of it changed in place. */
const changed: readonly Step[] = [
  "cam:UpdateRoleDescription",
  "cam:UpdatePolicy",
  "vpc:ModifyVpcAttribute",
  "vpc:ModifyRouteTableAttribute",
  "vpc:DisableRoutes",
  "vpc:ModifySecurityGroupAttribute",
  "vpc:ModifySecurityGroupPolicies#2",
  "cvm:ModifyDisasterRecoverGroupAttribute",
  "cvm:ModifyInstancesAttribute",
  "cbs:ModifyDiskAttributes",
  "vpc:ModifyAddressAttribute",
  "vpc:ModifyHaVipAttribute",
  "vpc:ModifyNatGatewayAttribute",
  "clb:ModifyListener",
  "clb:ModifyTargetWeight",
  "privatedns:ModifyPrivateZone",
  "privatedns:ModifyPrivateZoneRecord",
];

/** A host of the prod stack. */
const host = (id: string, key: number): readonly Step[] => {
  const VirtualPrivateCloud = {
    VpcId: "vpc-xowqprov",
    SubnetId: "subnet-djfj7j9o",
    PrivateIpAddresses: [`10.30.0.${96 + key}`],
  };
  return [
    [
      "cvm:RunInstances#3",
      { with: { VirtualPrivateCloud, ClientToken: `prod-${key}` }, makes: id },
    ],
    ["cvm:DescribeInstances", { with: { InstanceIds: [id] }, ...running }],
  ];
};
const groups = ["sg-ju3n7lgf", "sg-g7etneed", "sg-fvp5ykqy", "sg-n65dwemw"];
const hosts = ["ins-d2b63mal", "ins-j4fa71xj", "ins-pc4n12vl"];

const anotherKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJk";

/** What the prod stack has beyond: a HAVIP that only associated instances may take, groups that name one another, a bastion. */
const prod: readonly Step[] = [
  ["vpc:CreateVpc", { with: { CidrBlock: "10.30.0.0/16" }, makes: "vpc-xowqprov" }],
  [
    "vpc:CreateSubnet",
    {
      with: { VpcId: "vpc-xowqprov", CidrBlock: "10.30.0.0/24", Zone: "ap-guangzhou-6" },
      makes: "subnet-djfj7j9o",
    },
  ],
  ...groups.map((id): Step => ["vpc:CreateSecurityGroup", { with: { GroupName: id }, makes: id }]),
  "vpc:ModifySecurityGroupPolicies#3",
  "vpc:ModifySecurityGroupPolicies#4",
  ["cvm:CreateDisasterRecoverGroup#2", { makes: "ps-ag1wogwc" }],
  [
    "cvm:ImportKeyPair",
    { with: { KeyName: "prod", PublicKey: anotherKey }, makes: "skey-lhi4ssxp" },
  ],
  ...hosts.flatMap((id, index) => host(id, index + 1)),
  ["vpc:CreateHaVip#2", { makes: "havip-gotrz93j" }],
  "vpc:AssociateHaVipInstance",
  "vpc:DescribeHaVips#2",
  "vpc:DescribeHaVips#3",
  ["vpc:AllocateAddresses#3", { makes: "eip-jda5eg1j" }],
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-jda5eg1j"] }, until: /"UNBIND"/ }],
  "vpc:AssociateAddress",
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-jda5eg1j"] }, until: /"BIND"/ }],
];

/** Prod destroyed: nothing of it is left. */
const prodDestroyed: readonly Step[] = [
  "vpc:DisassociateHaVipInstance",
  ["vpc:DescribeHaVips#2", { finds: 0 }],
  "vpc:DeleteHaVip",
  ["vpc:DescribeHaVips", { with: { HaVipIds: ["havip-gotrz93j"] }, finds: 0 }],
  ["vpc:DisassociateAddress", { with: { AddressId: "eip-jda5eg1j" } }],
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-jda5eg1j"] }, until: /"UNBIND"/ }],
  "vpc:ReleaseAddresses",
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-jda5eg1j"] }, finds: 0 }],
  ["vpc:DescribeAddresses#4", { finds: 0 }],
  ...hosts.flatMap((id): Step[] => [
    ["cvm:TerminateInstances", { with: { InstanceIds: [id] } }],
    ["cvm:DescribeInstances", { with: { InstanceIds: [id] }, until: /"TotalCount":0/, finds: 0 }],
  ]),
  ["vpc:DescribeUsedIpAddress", { finds: 0 }],
  "cvm:DeleteKeyPairs",
  "cvm:DeleteDisasterRecoverGroups",
  ...groups.flatMap((id): Step[] => [
    ["vpc:ModifySecurityGroupPolicies#5", { with: { SecurityGroupId: id } }],
    ["vpc:DescribeSecurityGroupAssociationStatistics", { with: { SecurityGroupIds: [id] } }],
  ]),
  ...groups.map((id): Step => ["vpc:DeleteSecurityGroup", { with: { SecurityGroupId: id } }]),
  "vpc:DeleteSubnet",
  "vpc:DeleteVpc",
];

/** As far as the destroy of the program was recorded. */
const destroyed: readonly Step[] = [
  "clb:DeregisterTargets",
  "clb:DeleteListener",
  "privatedns:DeletePrivateZoneRecord",
  "vpc:DeleteRoutes",
  "vpc:HaVipDisassociateAddressIp",
  ["vpc:DescribeHaVips", { until: /"AddressIp":""/ }],
  "vpc:DisassociateAddress",
  "cbs:DetachDisks",
  ["cbs:DescribeDisks", { until: /"DiskState":"UNATTACHED"/ }],
  "cbs:TerminateDisks",
  ["cbs:DescribeDisks", { finds: 0 }],
];

/** All of it, in the order in which the provider went. */
export const wholeLife: readonly Step[] = [
  ...made,
  ...changed,
  ...prod,
  ...prodDestroyed,
  ...destroyed,
];
