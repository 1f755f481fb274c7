import { allPages, textual } from "../../components/preflight/pages";
import { loadBalancer, privateZone, targetGroup } from "./entryKinds";
import { role, rolePolicy } from "./roleKinds";
import { bound, type Kind, resource } from "./kind";
import { natGateway } from "./natGateway";

export type { Clients, CloudResource, Kind } from "./kind";

const instance: Kind = {
  type: "tencentcloud:index/instance:Instance",
  noun: "CVM",
  nameInput: "instanceName",
  async list({ cvm }) {
    const found = await allPages(async (page) => (await cvm.DescribeInstances(page)).InstanceSet);
    return found.map((each) =>
      resource(this, each.InstanceId, each.InstanceName, each.CreatedTime, each.Tags, {
        place: {
          vpcId: each.VirtualPrivateCloud?.VpcId,
          subnetId: each.VirtualPrivateCloud?.SubnetId,
          privateIp: each.PrivateIpAddresses?.[0],
        },
      }),
    );
  },
  remove: ({ cvm }, { id }) => cvm.TerminateInstances({ InstanceIds: [id] }),
};

const disk: Kind = {
  type: "tencentcloud:index/cbsStorage:CbsStorage",
  noun: "data disk",
  nameInput: "storageName",
  async list({ cbs }) {
    const found = await allPages(
      async (page) =>
        (
          await cbs.DescribeDisks({
            ...page,
            Filters: [{ Name: "disk-usage", Values: ["DATA_DISK"] }],
          })
        ).DiskSet,
    );
    return found.map((each) =>
      resource(this, each.DiskId, each.DiskName, each.CreateTime, each.Tags, {
        instanceIds: bound(each.InstanceId),
        used: Boolean(each.InstanceId) || Boolean(each.LastAttachInsId),
      }),
    );
  },
  async remove({ cbs }, { id, instanceIds }) {
    if (instanceIds.length > 0) await cbs.DetachDisks({ DiskIds: [id] });
    await cbs.TerminateDisks({ DiskIds: [id] });
  },
};

const address: Kind = {
  type: "tencentcloud:index/eip:Eip",
  noun: "EIP",
  nameInput: "name",
  async list({ vpc }) {
    const found = await allPages(async (page) => (await vpc.DescribeAddresses(page)).AddressSet);
    return found.map((each) =>
      resource(this, each.AddressId, each.AddressName, each.CreatedTime, each.TagSet, {
        instanceIds: bound(each.InstanceId),
        used: Boolean(each.InstanceId),
      }),
    );
  },
  async remove({ vpc }, { id, instanceIds }) {
    if (instanceIds.length > 0) await vpc.DisassociateAddress({ AddressId: id });
    await vpc.ReleaseAddresses({ AddressIds: [id] });
  },
};

const haVip: Kind = {
  type: "tencentcloud:index/haVip:HaVip",
  noun: "HAVIP",
  nameInput: "name",
  async list({ vpc }) {
    const found = await allPages(async (page) => (await vpc.DescribeHaVips(page)).HaVipSet);
    return found.map((each) =>
      resource(this, each.HaVipId, each.HaVipName, each.CreatedTime, each.TagSet, {
        place: { vpcId: each.VpcId, subnetId: each.SubnetId, vip: each.Vip },
        instanceIds: (each.HaVipAssociationSet ?? []).flatMap(({ InstanceId }) =>
          bound(InstanceId),
        ),
        used: (each.HaVipAssociationSet ?? []).length > 0,
      }),
    );
  },
  async remove({ vpc }, { id, instanceIds }) {
    const HaVipAssociationSet = instanceIds.map((InstanceId) => ({ HaVipId: id, InstanceId }));
    if (instanceIds.length > 0) await vpc.DisassociateHaVipInstance({ HaVipAssociationSet });
    await vpc.DeleteHaVip({ HaVipId: id });
  },
};

const keyPair: Kind = {
  type: "tencentcloud:index/keyPair:KeyPair",
  noun: "key pair",
  nameInput: "keyName",
  async list({ cvm }) {
    const found = await allPages(async (page) => (await cvm.DescribeKeyPairs(page)).KeyPairSet);
    return found.map((each) =>
      resource(this, each.KeyId, each.KeyName, each.CreatedTime, each.Tags, {
        used: (each.AssociatedInstanceIds ?? []).length > 0,
      }),
    );
  },
  remove: ({ cvm }, { id }) => cvm.DeleteKeyPairs({ KeyIds: [id] }),
};

const placementGroup: Kind = {
  type: "tencentcloud:index/placementGroup:PlacementGroup",
  noun: "placement group",
  nameInput: "name",
  async list({ cvm }) {
    const found = await allPages(
      async (page) => (await cvm.DescribeDisasterRecoverGroups(page)).DisasterRecoverGroupSet,
    );
    return found.map((each) =>
      resource(this, each.DisasterRecoverGroupId, each.Name, each.CreateTime, each.Tags, {
        used: (each.InstanceIds ?? []).length > 0,
      }),
    );
  },
  remove: ({ cvm }, { id }) => cvm.DeleteDisasterRecoverGroups({ DisasterRecoverGroupIds: [id] }),
};

const securityGroup: Kind = {
  type: "tencentcloud:index/securityGroup:SecurityGroup",
  noun: "security group",
  nameInput: "name",
  async list({ vpc }) {
    const found = await allPages(
      async (page) => (await vpc.DescribeSecurityGroups(page)).SecurityGroupSet,
      textual,
    );
    return found.map((each) =>
      resource(this, each.SecurityGroupId, each.SecurityGroupName, each.CreatedTime, each.TagSet),
    );
  },
  async remove({ vpc }, { id }) {
    // Groups name one another in their rules, and a group that is named stays.
    const empty = { Version: "0", Ingress: [], Egress: [] };
    await vpc.ModifySecurityGroupPolicies({ SecurityGroupId: id, SecurityGroupPolicySet: empty });
    await vpc.DeleteSecurityGroup({ SecurityGroupId: id });
  },
};

const subnet: Kind = {
  type: "tencentcloud:index/subnet:Subnet",
  noun: "subnet",
  nameInput: "name",
  async list({ vpc }) {
    const found = await allPages(
      async (page) => (await vpc.DescribeSubnets(page)).SubnetSet,
      textual,
    );
    return found.map((each) =>
      resource(this, each.SubnetId, each.SubnetName, each.CreatedTime, each.TagSet, {
        place: { vpcId: each.VpcId },
      }),
    );
  },
  remove: ({ vpc }, { id }) => vpc.DeleteSubnet({ SubnetId: id }),
};

const network: Kind = {
  type: "tencentcloud:index/vpc:Vpc",
  noun: "VPC",
  nameInput: "name",
  async list({ vpc }) {
    const found = await allPages(async (page) => (await vpc.DescribeVpcs(page)).VpcSet, textual);
    return found.map((each) =>
      resource(this, each.VpcId, each.VpcName, each.CreatedTime, each.TagSet),
    );
  },
  remove: ({ vpc }, { id }) => vpc.DeleteVpc({ VpcId: id }),
};

/** In the order in which they can be removed. A kind that the stack learns to make gets its row here. */
export const kinds: readonly Kind[] = [
  instance,
  role,
  rolePolicy,
  disk,
  natGateway,
  address,
  haVip,
  loadBalancer,
  targetGroup,
  privateZone,
  keyPair,
  placementGroup,
  securityGroup,
  subnet,
  network,
];

/** The kind of a Pulumi type. */
export function kindOf(type: string): Kind | undefined {
  return kinds.find((kind) => kind.type === type);
}
