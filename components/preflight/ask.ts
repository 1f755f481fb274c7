import { chargeTypes } from "../plan/charge";
import { tagNames } from "../plan/roles";
import { answer, known, map } from "./answer";
import { chargeOrder } from "./charge";
import type { CloudClients } from "./clients";
import type { CloudDemand, HostDemand } from "./demand";
import type { CloudFacts, DiskOffer, GroupFact } from "./facts";
import { askLoadBalancerQuota, askLoadBalancers } from "./loadBalancers";
import { askSubnets, askUsedAddresses, askVpcs } from "./network";
import { allPages, textual } from "./pages";

/** Most instances one order takes. */
const maxOrder = 100;
/** Where the API has the quota of instances that are paid for in a way. */
const quotaSets = {
  hourly: "PostPaidQuotaSet",
  spot: "SpotPaidQuotaSet",
  prepaid: "PrePaidQuotaSet",
} as const;
const owned = (cluster: string) => ({ Name: `tag:${tagNames.cluster}`, Values: [cluster] });

/** Asks the cloud everything the preflight judges. Changes nothing, and fails never: a refused call is an answer as well. */
export async function askCloud(clients: CloudClients, demand: CloudDemand): Promise<CloudFacts> {
  const { cluster } = demand;
  const { cvm, vpc, cbs, sts } = clients;
  const identity = await answer("sts:GetCallerIdentity", async () => {
    const { AccountId, Arn } = await sts.GetCallerIdentity();
    return { account: AccountId ?? "", arn: Arn ?? "" };
  });
  const asked = {
    zones: answer("cvm:DescribeZones", async () =>
      ((await cvm.DescribeZones(null)).ZoneSet ?? []).map(({ Zone, ZoneState }) => ({
        zone: Zone ?? "",
        available: ZoneState === "AVAILABLE",
      })),
    ),
    instanceTypes: answer("cvm:DescribeZoneInstanceConfigInfos", () =>
      askInstanceTypes(clients, demand),
    ),
    disks: answer("cbs:DescribeDiskConfigQuota", () => askDisks(clients, demand)),
    images: answer("cvm:DescribeImages", async () => {
      const filter = {
        Name: "image-id",
        Values: distinct(demand.hosts.map(({ imageId }) => imageId)),
      };
      const { ImageSet } = await cvm.DescribeImages({ Filters: [filter], Limit: 100 });
      return (ImageSet ?? []).map((found) => ({
        id: found.ImageId ?? "",
        name: found.ImageName ?? "",
        state: found.ImageState ?? "",
        architecture: found.Architecture ?? "",
      }));
    }),
    vpcs: askVpcs(clients),
    subnets: askSubnets(clients, demand),
    usedAddresses: askUsedAddresses(clients, demand),
    placementGroups: answer("cvm:DescribeDisasterRecoverGroups", async () =>
      (
        await allPages(
          async (page) => (await cvm.DescribeDisasterRecoverGroups(page)).DisasterRecoverGroupSet,
        )
      ).map(({ DisasterRecoverGroupId, Name }) => ({
        id: DisasterRecoverGroupId ?? "",
        name: Name ?? "",
      })),
    ),
    hosts: answer("cvm:DescribeInstances", async () =>
      (
        await allPages(
          async (page) =>
            (await cvm.DescribeInstances({ Filters: [owned(cluster)], ...page })).InstanceSet,
        )
      ).map(({ InstanceName }) => InstanceName ?? ""),
    ),
    dataDisks: answer("cbs:DescribeDisks", async () =>
      (
        await allPages(
          async (page) => (await cbs.DescribeDisks({ Filters: [owned(cluster)], ...page })).DiskSet,
        )
      ).map(({ DiskName }) => DiskName ?? ""),
    ),
    addresses: answer("vpc:DescribeAddresses", async () =>
      (
        await allPages(
          async (page) =>
            (await vpc.DescribeAddresses({ Filters: [owned(cluster)], ...page })).AddressSet,
        )
      ).map(({ AddressName }) => AddressName ?? ""),
    ),
    securityGroups: answer("vpc:DescribeSecurityGroups", async () =>
      (
        await allPages(
          async (page) => (await vpc.DescribeSecurityGroups(page)).SecurityGroupSet,
          textual,
        )
      ).map(({ SecurityGroupName }) => SecurityGroupName),
    ),
    keyPairs: answer("cvm:DescribeKeyPairs", async () =>
      (await allPages(async (page) => (await cvm.DescribeKeyPairs(page)).KeyPairSet)).map(
        ({ KeyName }) => KeyName ?? "",
      ),
    ),
    loadBalancers: askLoadBalancers(clients, demand),
    limits: askLimits(clients, demand),
  };
  const [hosts, groups] = await Promise.all([asked.hosts, asked.placementGroups]);
  const stock = askStock(clients, demand, known(hosts), known(groups));
  return {
    identity,
    zones: await asked.zones,
    instanceTypes: await asked.instanceTypes,
    disks: await asked.disks,
    images: await asked.images,
    vpcs: await asked.vpcs,
    subnets: await asked.subnets,
    usedAddresses: await asked.usedAddresses,
    placementGroups: groups,
    hosts,
    dataDisks: await asked.dataDisks,
    addresses: await asked.addresses,
    securityGroups: await asked.securityGroups,
    keyPairs: await asked.keyPairs,
    loadBalancers: await asked.loadBalancers,
    limits: await asked.limits,
    stock: await stock,
  };
}

async function askInstanceTypes({ cvm }: CloudClients, demand: CloudDemand) {
  const { InstanceTypeQuotaSet } = await cvm.DescribeZoneInstanceConfigInfos({
    Filters: [
      { Name: "zone", Values: demand.zones },
      { Name: "instance-type", Values: distinct(demand.hosts.map((host) => host.instanceType)) },
      {
        Name: "instance-charge-type",
        Values: distinct(demand.hosts.map(({ charge }) => chargeTypes[charge.kind])),
      },
    ],
  });
  return (InstanceTypeQuotaSet ?? []).map((offer) => ({
    zone: offer.Zone ?? "",
    name: offer.InstanceType ?? "",
    charge: offer.InstanceChargeType ?? "",
    available: offer.Status === "SELL",
    ...(offer.SoldOutReason && { reason: offer.SoldOutReason }),
  }));
}

async function askDisks({ cbs }: CloudClients, demand: CloudDemand): Promise<DiskOffer[]> {
  const { DiskConfigSet } = await cbs.DescribeDiskConfigQuota({
    InquiryType: "INQUIRY_CBS_CONFIG",
    DiskChargeType: "POSTPAID_BY_HOUR",
    Zones: demand.zones,
    DiskTypes: distinct([
      ...demand.hosts.map(({ systemDisk }) => systemDisk.type),
      ...demand.dataDisks.map(({ type }) => type),
    ]),
  });
  return (DiskConfigSet ?? []).map((disk) => ({
    zone: disk.Zone ?? "",
    name: disk.DiskType ?? "",
    available: disk.Available ?? false,
    usage: disk.DiskUsage === "SYSTEM_DISK" ? "SYSTEM_DISK" : "DATA_DISK",
    minGiB: disk.MinDiskSize ?? 0,
    maxGiB: disk.MaxDiskSize ?? Infinity,
  }));
}

async function askLimits(
  clients: CloudClients,
  demand: CloudDemand,
): Promise<CloudFacts["limits"]> {
  const { cvm, vpc } = clients;
  const loadBalancers = askLoadBalancerQuota(clients, demand);
  const [limits, group, securityGroup, addresses, instances] = await Promise.all([
    answer("vpc:DescribeVpcLimits", async () => {
      const LimitTypes = ["appid-max-vpcs", "vpc-max-subnets", "vpc-max-havips"];
      const { VpcLimitSet } = await vpc.DescribeVpcLimits({ LimitTypes });
      return new Map(VpcLimitSet?.map(({ LimitType, LimitValue }) => [LimitType, LimitValue]));
    }),
    answer("cvm:DescribeDisasterRecoverGroupQuota", () =>
      cvm.DescribeDisasterRecoverGroupQuota(null),
    ),
    answer("vpc:DescribeSecurityGroupLimits", async () => {
      const { SecurityGroupLimitSet } = await vpc.DescribeSecurityGroupLimits(null);
      return SecurityGroupLimitSet ?? {};
    }),
    answer("vpc:DescribeAddressQuota", async () => {
      const { QuotaSet } = await vpc.DescribeAddressQuota(null);
      const total = QuotaSet?.find(({ QuotaId }) => QuotaId === "TOTAL_EIP_QUOTA");
      return { limit: total?.QuotaLimit ?? Infinity, used: total?.QuotaCurrent ?? 0 };
    }),
    answer("cvm:DescribeAccountQuota", async () => {
      const kinds = distinct(demand.hosts.map(({ charge }) => charge.kind));
      const filter = { Name: "quota-type", Values: kinds.map((kind) => quotaSets[kind]) };
      const { AccountQuotaOverview } = await cvm.DescribeAccountQuota({ Filters: [filter] });
      return kinds.flatMap((kind) =>
        (AccountQuotaOverview?.AccountQuota?.[quotaSets[kind]] ?? []).map((quota) => ({
          kind,
          zone: quota.Zone ?? "",
          limit: quota.TotalQuota ?? Infinity,
          used: quota.UsedQuota ?? 0,
        })),
      );
    }),
  ]);
  const vpcLimit = (type: string) => map(limits, (found) => found.get(type) ?? Infinity);
  return {
    vpcs: vpcLimit("appid-max-vpcs"),
    subnetsPerVpc: vpcLimit("vpc-max-subnets"),
    haVipsPerVpc: vpcLimit("vpc-max-havips"),
    securityGroups: map(securityGroup, (limit) => limit.SecurityGroupLimit ?? Infinity),
    rulesPerSecurityGroup: map(securityGroup, (s) => s.SecurityGroupPolicyLimit ?? Infinity),
    placementGroups: map(group, (quota) => ({
      limit: quota.GroupQuota ?? Infinity,
      used: quota.CurrentNum ?? 0,
    })),
    membersPerHostGroup: map(group, (quota) => quota.CvmInHostGroupQuota ?? Infinity),
    addresses,
    loadBalancers: await loadBalancers,
    instances,
  };
}

/** Orders the hosts that are missing, without meaning it: the API checks parameters, permission, quota and stock. */
async function askStock(
  { cvm }: CloudClients,
  demand: CloudDemand,
  present: readonly string[],
  groups: readonly GroupFact[],
): Promise<CloudFacts["stock"]> {
  const missing = demand.hosts
    .map((hosts) => ({ ...hosts, names: hosts.names.filter((name) => !present.includes(name)) }))
    .filter(({ names }) => names.length > 0);
  const order = (hosts: HostDemand) => {
    // A group that is not there yet is empty: how far it can be spread is known when it is.
    const group = groups.find(({ name }) => name === hosts.placementGroup);
    return answer("cvm:RunInstances", async () => {
      await cvm.RunInstances({
        DryRun: true,
        Placement: { Zone: hosts.zone },
        InstanceType: hosts.instanceType,
        ImageId: hosts.imageId,
        ...chargeOrder(hosts.charge),
        SystemDisk: { DiskType: hosts.systemDisk.type, DiskSize: hosts.systemDisk.sizeGiB },
        InstanceCount: Math.min(hosts.names.length, maxOrder),
        // The cluster's own network may not be there yet.
        VirtualPrivateCloud: { VpcId: "DEFAULT", SubnetId: "DEFAULT" },
        ...(group && { DisasterRecoverGroupIds: [group.id] }),
      });
      return true as const;
    });
  };
  return Promise.all(missing.map(async (hosts) => ({ hosts, order: await order(hosts) })));
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
