/**
 * What is there before a cluster that is made offline: a VPC with a subnet for a deploy node, and that node, without an address outside and without any way
 * out. Run where the cloud's API is reached; prints its ids.
 */
import { clientsFrom } from "../../../components/preflight/clients";
import { deployNode, vpcCidr, zone } from "./given";

async function main(publicKey: string): Promise<void> {
  const { cvm, vpc } = clientsFrom(process.env);
  const { Vpc } = await vpc.CreateVpc({ VpcName: "office", CidrBlock: vpcCidr });
  const VpcId = Vpc?.VpcId ?? "";
  const { Subnet } = await vpc.CreateSubnet({
    ...{ VpcId, SubnetName: "deploy", CidrBlock: deployNode.subnetCidr, Zone: zone },
  });
  const { SecurityGroup } = await vpc.CreateSecurityGroup({
    ...{ GroupName: "deploy", GroupDescription: "the deploy node" },
  });
  const SecurityGroupId = SecurityGroup?.SecurityGroupId ?? "";
  await vpc.CreateSecurityGroupPolicies({
    SecurityGroupId,
    SecurityGroupPolicySet: {
      Ingress: ["22", "80", "5000"].map((Port) => ({
        ...{ Protocol: "TCP", Port, CidrBlock: vpcCidr, Action: "ACCEPT" },
      })),
    },
  });
  await vpc.CreateSecurityGroupPolicies({
    SecurityGroupId,
    SecurityGroupPolicySet: {
      Egress: [{ Protocol: "ALL", Port: "ALL", CidrBlock: "0.0.0.0/0", Action: "ACCEPT" }],
    },
  });
  const userData = [
    "#cloud-config",
    "hostname: deploy",
    "users:",
    `  - name: ${deployNode.user}`,
    "    shell: /bin/bash",
    "    sudo: ALL=(ALL) NOPASSWD:ALL",
    `    ssh_authorized_keys: ["${publicKey}"]`,
  ].join("\n");
  const { InstanceIdSet } = await cvm.RunInstances({
    InstanceName: "deploy",
    Placement: { Zone: zone },
    InstanceType: "S5.MEDIUM4",
    ImageId: "img-7ag0z2jt",
    SystemDisk: { DiskType: "CLOUD_PREMIUM", DiskSize: 50 },
    VirtualPrivateCloud: {
      ...{ VpcId, SubnetId: Subnet?.SubnetId ?? "", PrivateIpAddresses: [deployNode.address] },
    },
    SecurityGroupIds: [SecurityGroupId],
    UserData: Buffer.from(userData).toString("base64"),
  });
  console.log(JSON.stringify({ vpcId: VpcId, instanceId: InstanceIdSet?.[0] }));
}

void main(process.argv[2] ?? "");
