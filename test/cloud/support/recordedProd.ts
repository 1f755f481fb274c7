import { running, terminated, type Step } from "./recordedSteps";

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
export const prod: readonly Step[] = [
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
export const prodDestroyed: readonly Step[] = [
  "vpc:DisassociateHaVipInstance",
  ["vpc:DescribeHaVips#2", { finds: 0 }],
  "vpc:DeleteHaVip",
  ["vpc:DescribeHaVips", { with: { HaVipIds: ["havip-gotrz93j"] }, finds: 0 }],
  ["vpc:DisassociateAddress", { with: { AddressId: "eip-jda5eg1j" } }],
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-jda5eg1j"] }, until: /"UNBIND"/ }],
  "vpc:ReleaseAddresses",
  ["vpc:DescribeAddresses", { with: { AddressIds: ["eip-jda5eg1j"] }, finds: 0 }],
  ["vpc:DescribeAddresses#4", { finds: 0 }],
  ...hosts.flatMap(terminated),
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
