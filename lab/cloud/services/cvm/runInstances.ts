import { randomUUID } from "node:crypto";

import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call } from "../../action";
import {
  allocatePublic,
  firstFree,
  isUsable,
  parseAddress,
  parseRange,
  usedAddresses,
} from "../../addressing";
import { ApiError, DryRunPassed } from "../../errors";
import type { InstanceRecord, SubnetRecord } from "../../records";
import { createTags, specifiedTags } from "../../tags";
import { createDisk } from "../cbs/createDisk";
import { checkUserData } from "./userData";
import { images } from "./images";
import { instanceTypes, type InstanceType } from "./instanceTypes";
import { choosePhysicalHost } from "./placing";
import { requireGroup } from "./placementGroups";
import { runSchema } from "./runInstancesModel";
import { zoneNames } from "./zones";

const maxInstancesPerCall = 100;
const maxSecurityGroups = 5;

/** Everything of a request that was looked up and found good. */
interface Order {
  type: InstanceType;
  subnet: SubnetRecord;
  groupIds: string[];
  count: number;
}

/** Fields of the model that the lab has nothing behind. Ignoring them would tell a caller that they work. */
const unsupported = [
  "ActionTimer",
  "CpuTopology",
  "HpcClusterId",
  "LaunchTemplate",
  "DedicatedClusterId",
  "ChcIds",
  "NetworkInterfaces",
] as const satisfies readonly (keyof Models.RunInstancesRequest)[];

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) {
    throw new ApiError("MissingParameter", `The request is missing the parameter \`${field}\`.`);
  }
  return value;
}

/** @throws ApiError naming the first thing that does not exist or does not fit. */
function check(call: Call, request: Models.RunInstancesRequest): Order {
  const { store, settings } = call;
  for (const field of unsupported) {
    if (request[field] !== undefined) {
      throw new ApiError("UnsupportedOperation", `The lab does not serve \`${field}\`.`);
    }
  }
  const { Zone: zone, HostIds } = required(request.Placement, "Placement");
  if (HostIds?.length) {
    throw new ApiError("UnsupportedOperation", "The lab has no dedicated hosts.");
  }
  if (!zoneNames(settings).includes(zone)) {
    throw new ApiError("InvalidZone.MismatchRegion", `There is no zone '${zone}' in the region.`);
  }
  const imageId = required(request.ImageId, "ImageId");
  if (!images.some((each) => each.id === imageId)) {
    throw new ApiError("InvalidImageId.NotFound", `There is no image '${imageId}'.`);
  }
  const typeName = request.InstanceType ?? "S5.SMALL1";
  const type = instanceTypes.find((each) => each.name === typeName);
  if (!type) {
    throw new ApiError(
      "InvalidParameterValue.InstanceTypeNotFound",
      `There is no instance type '${typeName}'.`,
    );
  }
  const network = required(request.VirtualPrivateCloud, "VirtualPrivateCloud");
  if (!store.tables.vpcs.get(network.VpcId)) {
    throw new ApiError("InvalidParameterValue.VpcIdNotExist", `There is no ${network.VpcId}.`);
  }
  const subnet = store.tables.subnets.get(network.SubnetId);
  if (!subnet || subnet.vpcId !== network.VpcId) {
    throw new ApiError(
      "InvalidParameterValue.SubnetNotExist",
      `There is no ${network.SubnetId} in ${network.VpcId}.`,
    );
  }
  if (subnet.zone !== zone) {
    throw new ApiError(
      "InvalidParameterValue.VpcIdZoneIdNotMatch",
      `${subnet.id} is in ${subnet.zone}, the instance is to be in ${zone}.`,
    );
  }
  checkReferences(call, request);
  const count = request.InstanceCount ?? 1;
  if (count < 1 || count > maxInstancesPerCall) {
    throw new ApiError(
      "InvalidParameterValue.Range",
      `InstanceCount is 1 to ${maxInstancesPerCall}, not ${count}.`,
    );
  }
  const groupIds = request.DisasterRecoverGroupIds ?? [];
  return { type, subnet, groupIds, count };
}

function checkReferences({ store }: Call, request: Models.RunInstancesRequest): void {
  const groups = request.SecurityGroupIds ?? [];
  const missing = groups.find((id) => !store.tables.securityGroups.get(id));
  if (missing) {
    throw new ApiError("InvalidSecurityGroupId.NotFound", `There is no ${missing}.`);
  }
  if (groups.length > maxSecurityGroups) {
    throw new ApiError("LimitExceeded.SingleUSGQuota", `At most ${maxSecurityGroups} groups.`);
  }
  const key = request.LoginSettings?.KeyIds?.find((id) => !store.tables.keyPairs.get(id));
  if (key) {
    throw new ApiError("InvalidParameterValue.KeyPairNotFound", `There is no key pair ${key}.`);
  }
  for (const id of request.DisasterRecoverGroupIds ?? []) {
    requireGroup(store, id, "FailedOperation.DisasterRecoverGroupNotFound");
  }
  checkUserData(request.UserData ?? "");
  if (request.InstanceName !== undefined && request.InstanceName.length > 128) {
    throw new ApiError(
      "InvalidInstanceName.TooLong",
      "InstanceName is longer than 128 characters.",
    );
  }
  if (request.HostName !== undefined) {
    checkHostName(request.HostName);
  }
}

/** @throws ApiError unless `name` is 2 to 60 letters, digits, dots and hyphens, none of the last two outside or doubled. */
export function checkHostName(name: string): void {
  const bare = name.replace(/\{R:\d+\}|\{IP\}/g, "0");
  const wellFormed = bare.split(".").every((part) => /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(part));
  if (!wellFormed || name.length < 2 || name.length > 60) {
    throw new ApiError("InvalidParameterValue.IllegalHostName", `'${name}' is no host name.`);
  }
}

/** `web{R:3}` becomes web3, web4, ...; several of one name get a running number at the end. */
function numbered(pattern: string, index: number, count: number, ip: string): string {
  const start = /\{R:(\d+)\}/.exec(pattern)?.[1];
  const name = pattern.replace(/\{R:\d+\}/g, String(Number(start ?? 0) + index));
  const withIp = name.replaceAll("{IP}", ip.replaceAll(".", "-"));
  return start === undefined && count > 1 && withIp === pattern ? `${withIp}${index + 1}` : withIp;
}

/** @throws ApiError when the address cannot be had. */
export function choosePrivateIp({ store }: Call, subnet: SubnetRecord, wanted?: string): string {
  const range = parseRange(subnet.cidr);
  const used = new Set(usedAddresses(store).map((each) => each.ip));
  if (wanted === undefined) {
    const free = firstFree(range, used);
    if (free === undefined) {
      throw new ApiError(
        "FailedOperation.NoAvailableIpAddressCountInSubnet",
        `${subnet.id} has no free address.`,
      );
    }
    return free;
  }
  const address = parseAddress(wanted);
  if (address === undefined) {
    throw new ApiError("InvalidParameterValue.IPAddressMalformed", `'${wanted}' is no address.`);
  }
  if (!isUsable(range, address)) {
    throw new ApiError("VpcAddrNotInSubNet", `${wanted} is no usable address of ${subnet.cidr}.`);
  }
  if (used.has(wanted)) {
    throw new ApiError("VpcIpIsUsed", `${wanted} is in use already.`);
  }
  return wanted;
}

function makeInstance(
  call: Call,
  request: Models.RunInstancesRequest,
  order: Order,
  index: number,
): InstanceRecord {
  const { store, settings, now, requestId } = call;
  const { type, subnet, count } = order;
  const zone = subnet.zone;
  const groups = order.groupIds.map((id) => requireGroup(store, id));
  const host = choosePhysicalHost(
    call,
    { zone, cpus: type.cpus, memoryGiB: type.memoryGiB },
    groups,
  );
  const wantedIp = request.VirtualPrivateCloud?.PrivateIpAddresses?.[index];
  const privateIp = choosePrivateIp(call, subnet, wantedIp);
  const id = store.newId("ins", "instances");
  const createdAt = now.toISOString();
  const internet = request.InternetAccessible;
  const publicIp =
    internet?.PublicIpAssigned === true && (internet.InternetMaxBandwidthOut ?? 0) > 0
      ? allocatePublic(store, settings.publicRange)
      : undefined;
  const name = numbered(request.InstanceName ?? "Unnamed", index, count, privateIp);
  const defaultHostName = `VM-${privateIp.split(".").slice(2).join("-")}`;
  const charge = {
    chargeType: request.InstanceChargeType === "PREPAID" ? "PREPAID" : "POSTPAID_BY_HOUR",
    renewFlag: request.InstanceChargePrepaid?.RenewFlag ?? "NOTIFY_AND_MANUAL_RENEW",
  };
  const projectId = request.Placement?.ProjectId ?? 0;
  const systemDisk = createDisk(call, {
    ...charge,
    name: request.SystemDisk?.DiskName ?? `${name}_system_disk`,
    type: request.SystemDisk?.DiskType ?? "CLOUD_BSSD",
    sizeGiB: request.SystemDisk?.DiskSize ?? 50,
    zone,
    projectId,
    encrypt: request.SystemDisk?.Encrypt ?? false,
    usage: "SYSTEM_DISK",
    portable: false,
    state: "ATTACHED",
    instanceId: id,
    deleteWithInstance: true,
  });
  const instance = store.tables.instances.put({
    id,
    seq: store.next(),
    createdAt,
    name,
    hostName: request.HostName
      ? numbered(request.HostName, index, count, privateIp)
      : defaultHostName,
    uuid: randomUUID(),
    zone,
    projectId,
    instanceType: type.name,
    cpus: type.cpus,
    memoryGiB: type.memoryGiB,
    imageId: request.ImageId as string,
    ...charge,
    internetChargeType: internet?.InternetChargeType ?? "TRAFFIC_POSTPAID_BY_HOUR",
    internetMbps: internet?.InternetMaxBandwidthOut ?? 0,
    vpcId: subnet.vpcId,
    subnetId: subnet.id,
    privateIp,
    ...(publicIp !== undefined && { publicIp }),
    securityGroupIds: request.SecurityGroupIds ?? [],
    keyIds: request.LoginSettings?.KeyIds ?? [],
    keepImageLogin: request.LoginSettings?.KeepImageLogin === "TRUE",
    systemDiskId: systemDisk.id,
    userData: request.UserData ?? "",
    groupIds: order.groupIds,
    camRoleName: request.CamRoleName ?? "",
    disableApiTermination: request.DisableApiTermination ?? false,
    physicalHost: host.name,
    state: "PENDING",
    power: "running",
    latestOperation: "RunInstances",
    latestOperationState: "OPERATING",
    latestOperationRequestId: requestId,
    latestOperationErrorMsg: "",
    stopChargingMode: "NOT_APPLICABLE",
  });
  (request.DataDisks ?? []).forEach((disk, number) =>
    createDisk(call, {
      ...charge,
      // The provider sorts data disks by the number at the end of their names.
      name: disk.DiskName ?? `${name}_data_disk_${number}`,
      type: disk.DiskType ?? "CLOUD_BSSD",
      sizeGiB: disk.DiskSize,
      zone,
      projectId,
      encrypt: disk.Encrypt ?? false,
      throughputMBps: disk.ThroughputPerformance ?? 0,
      usage: "DATA_DISK",
      portable: true,
      state: "ATTACHED",
      instanceId: id,
      deleteWithInstance: disk.DeleteWithInstance ?? true,
    }),
  );
  createTags(store, "cvm/instance", id, specifiedTags(request.TagSpecification, "instance"));
  return instance;
}

const runInstances = action<Models.RunInstancesRequest, Models.RunInstancesResponse>(
  "RunInstances",
  runSchema,
  (call, request) => {
    const order = check(call, request);
    const made: string[] = [];
    try {
      for (let index = 0; index < order.count; index++) {
        made.push(makeInstance(call, request, order, index).id);
      }
    } catch (error) {
      // With MinCount the caller takes what can be had.
      const soldOut = error instanceof ApiError && /^Resource(s|I)/.test(error.code);
      if (!soldOut || made.length < (request.MinCount ?? order.count)) {
        throw error;
      }
    }
    if (request.DryRun === true) {
      throw new DryRunPassed();
    }
    return { InstanceIdSet: made };
  },
);

export const runInstancesActions = [runInstances];
