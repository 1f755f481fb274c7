/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still sent and must be covered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, cvmRules, page, refuseBoth } from "../../query";
import type { DiskRecord, InstanceRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { tagSet, tagsOf } from "../../tags";
import { addressOf } from "../vpc/haVips";
import { images } from "./images";

export const instanceId = s.id("ins", "InvalidInstanceId.Malformed");

/** @throws ApiError `InvalidInstanceId.NotFound` */
export function requireInstance(store: Store, id: string): InstanceRecord {
  const instance = store.tables.instances.get(id);
  if (!instance) {
    throw new ApiError("InvalidInstanceId.NotFound", `The instance '${id}' does not exist.`);
  }
  return instance;
}

/** Data disks of an instance in the order they were attached. */
export function dataDisksOf(store: Store, id: string): DiskRecord[] {
  return store.tables.disks
    .list()
    .filter((each) => each.instanceId === id && each.usage === "DATA_DISK")
    .sort((a, b) => a.attachedSeq - b.attachedSeq);
}

function publicIpsOf(store: Store, instance: InstanceRecord): string[] {
  const address = addressOf(store, instance.id);
  const bound = address?.status === "BIND" ? address.ip : undefined;
  return [bound ?? instance.publicIp ?? []].flat();
}

function toDataDisk(disk: DiskRecord): s.Full<Models.DataDisk> {
  return {
    DiskSize: disk.sizeGiB,
    DiskType: disk.type,
    DiskId: disk.id,
    DeleteWithInstance: disk.deleteWithInstance,
    SnapshotId: "",
    Encrypt: disk.encrypt,
    KmsKeyId: "",
    ThroughputPerformance: disk.throughputMBps,
    CdcId: "",
    BurstPerformance: false,
    DiskName: disk.name,
  };
}

function toModel(store: Store, instance: InstanceRecord): s.Full<Models.Instance> {
  const systemDisk = store.tables.disks.get(instance.systemDiskId);
  return {
    Placement: {
      Zone: instance.zone,
      ProjectId: instance.projectId,
      // Which host it is stays hidden, as in the real cloud; the lab's admin API tells.
      HostIds: [],
      HostId: "",
      DedicatedResourcePackTenancy: "",
      DedicatedResourcePackIds: [],
      RackId: "",
    },
    InstanceId: instance.id,
    InstanceType: instance.instanceType,
    CPU: instance.cpus,
    Memory: instance.memoryGiB,
    RestrictState: "NORMAL",
    InstanceName: instance.name,
    InstanceChargeType: instance.chargeType,
    SystemDisk: {
      DiskType: systemDisk?.type ?? "",
      DiskId: instance.systemDiskId,
      DiskSize: systemDisk?.sizeGiB ?? 0,
      CdcId: "",
      DiskName: systemDisk?.name ?? "",
      Encrypt: systemDisk?.encrypt ?? false,
      KmsKeyId: "",
    },
    DataDisks: dataDisksOf(store, instance.id)
      .filter((disk) => disk.state === "ATTACHED" || disk.state === "DETACHING")
      .map(toDataDisk),
    PrivateIpAddresses: [instance.privateIp],
    PublicIpAddresses: publicIpsOf(store, instance),
    InternetAccessible: {
      InternetChargeType: instance.internetChargeType,
      InternetMaxBandwidthOut: instance.internetMbps,
      PublicIpAssigned: instance.publicIp !== undefined,
      BandwidthPackageId: "",
      InternetServiceProvider: "BGP",
      IPv4AddressType: "WanIP",
      IPv6AddressType: "",
      AntiDDoSPackageId: "",
    },
    VirtualPrivateCloud: {
      VpcId: instance.vpcId,
      SubnetId: instance.subnetId,
      AsVpcGateway: false,
      PrivateIpAddresses: [instance.privateIp],
      Ipv6AddressCount: 0,
    },
    ImageId: instance.imageId,
    RenewFlag: instance.renewFlag,
    CreatedTime: instance.createdAt,
    ExpiredTime: "",
    OsName: images.find((each) => each.id === instance.imageId)?.osName ?? "",
    SecurityGroupIds: instance.securityGroupIds,
    LoginSettings: {
      Password: "",
      KeyIds: instance.keyIds,
      KeepImageLogin: instance.keepImageLogin ? "TRUE" : "FALSE",
    },
    InstanceState: instance.state,
    Tags: tagSet(store, "cvm/instance", instance.id),
    StopChargingMode: instance.stopChargingMode,
    Uuid: instance.uuid,
    LatestOperation: instance.latestOperation,
    LatestOperationState: instance.latestOperationState,
    LatestOperationRequestId: instance.latestOperationRequestId,
    DisasterRecoverGroupId: instance.groupIds[0] ?? "",
    IPv6Addresses: [],
    CamRoleName: instance.camRoleName,
    HpcClusterId: "",
    RdmaIpAddresses: [],
    DedicatedClusterId: "",
    IsolatedSource: "NOTISOLATED",
    DisasterRecoverGroupIds: instance.groupIds,
    GPUInfo: null,
    LicenseType: "TencentCloud",
    DisableApiTermination: instance.disableApiTermination,
    DefaultLoginUser: instance.imageId === "img-487zeit5" ? "ubuntu" : "root",
    DefaultLoginPort: 22,
    LatestOperationErrorMsg: instance.latestOperationErrorMsg,
    EnableJumboFrame: false,
    Metadata: null,
    PublicIPv6Addresses: [],
    CpuTopology: null,
    PartitionNumber: 0,
  };
}

function newestFirst(a: InstanceRecord, b: InstanceRecord): number {
  return b.seq - a.seq;
}

const describeInstances = action<Models.DescribeInstancesRequest, Models.DescribeInstancesResponse>(
  "DescribeInstances",
  s.model<Models.DescribeInstancesRequest>({
    InstanceIds: instanceId.array().max(100).optional(),
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    refuseBoth(request.InstanceIds, request.Filters);
    const chosen = request.InstanceIds
      ? request.InstanceIds.flatMap((id) => store.tables.instances.get(id) ?? [])
      : store.tables.instances.list().sort(newestFirst);
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        zone: (v) => v.zone,
        "project-id": (v) => String(v.projectId),
        "host-id": () => [],
        "dedicated-cluster-id": () => [],
        "vpc-id": (v) => v.vpcId,
        "subnet-id": (v) => v.subnetId,
        "instance-id": (v) => v.id,
        "security-group-id": (v) => v.securityGroupIds,
        "instance-name": (v) => v.name,
        "instance-charge-type": (v) => v.chargeType,
        "private-ip-address": (v) => v.privateIp,
        "public-ip-address": (v) => publicIpsOf(store, v),
        "instance-state": (v) => v.state,
        "image-id": (v) => v.imageId,
        uuid: (v) => v.uuid,
        "instance-type": (v) => v.instanceType,
        "disaster-recover-group-id": (v) => v.groupIds,
      },
      cvmRules,
      (v) => tagsOf(store, "cvm/instance", v.id),
    );
    return {
      TotalCount: found.length,
      InstanceSet: page(found, request.Offset, request.Limit, cvmRules).map((v) =>
        toModel(store, v),
      ),
    };
  },
  "Goes on saying RUNNING while an instance or its host is dead by the admin API: the control plane does not know.",
);

const describeInstancesStatus = action<
  Models.DescribeInstancesStatusRequest,
  Models.DescribeInstancesStatusResponse
>(
  "DescribeInstancesStatus",
  s.model<Models.DescribeInstancesStatusRequest>({
    InstanceIds: instanceId.array().optional(),
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    const found = store.tables.instances
      .list()
      .filter((each) => !request.InstanceIds || request.InstanceIds.includes(each.id))
      .sort(newestFirst);
    return {
      TotalCount: found.length,
      InstanceStatusSet: page(found, request.Offset, request.Limit, cvmRules).map((v) => ({
        InstanceId: v.id,
        InstanceState: v.state,
      })),
    };
  },
);

const describeInstancesAttributes = action<
  Models.DescribeInstancesAttributesRequest,
  Models.DescribeInstancesAttributesResponse
>(
  "DescribeInstancesAttributes",
  s.model<Models.DescribeInstancesAttributesRequest>({
    Attributes: s.texts,
    InstanceIds: instanceId.array(),
  }),
  ({ store }, request) => {
    const unknown = request.Attributes.find((name) => name !== "UserData");
    if (unknown !== undefined) {
      throw new ApiError("InvalidParameterValue", `Attribute '${unknown}' is not UserData.`);
    }
    return {
      InstanceSet: request.InstanceIds.map((id) => ({
        InstanceId: id,
        Attributes: { UserData: requireInstance(store, id).userData },
      })),
    };
  },
);

export const instanceActions = [
  describeInstances,
  describeInstancesStatus,
  describeInstancesAttributes,
];
