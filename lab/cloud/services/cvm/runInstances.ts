import { randomUUID } from "node:crypto";

import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call } from "../../action";
import { allocatePublic } from "../../addressing";
import { ApiError, DryRunPassed } from "../../errors";
import type { InstanceRecord } from "../../records";
import { createTags, specifiedTags } from "../../tags";
import { createDisk, defaultDiskType, defaultSystemGiB } from "../cbs/createDisk";
import { choosePhysicalHost, kindOf } from "./placing";
import { requireGroup } from "./placementGroups";
import { choosePrivateIp } from "./privateAddress";
import { checkOrder, type Order } from "./runInstancesChecks";
import { runSchema } from "./runInstancesModel";

/** `web{R:3}` becomes web3, web4, ...; several of one name get a running number at the end. */
function numbered(pattern: string, index: number, count: number, ip: string): string {
  const start = /\{R:(\d+)\}/.exec(pattern)?.[1];
  const name = pattern.replace(/\{R:\d+\}/g, String(Number(start ?? 0) + index));
  const withIp = name.replaceAll("{IP}", ip.replaceAll(".", "-"));
  return start === undefined && count > 1 && withIp === pattern ? `${withIp}${index + 1}` : withIp;
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
    {
      zone,
      cpus: type.cpus,
      memoryGiB: type.memoryGiB,
      kind: kindOf(request.SecurityGroupIds ?? []),
    },
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
  const { chargeType, renewFlag } = order.charge;
  // Of a spot instance the disks are by the hour.
  const diskCharge = {
    chargeType: chargeType === "PREPAID" ? chargeType : "POSTPAID_BY_HOUR",
    renewFlag,
  };
  const projectId = request.Placement?.ProjectId ?? 0;
  const systemDisk = createDisk(call, {
    ...diskCharge,
    name: request.SystemDisk?.DiskName ?? `${name}_system_disk`,
    type: request.SystemDisk?.DiskType ?? defaultDiskType,
    sizeGiB: request.SystemDisk?.DiskSize ?? defaultSystemGiB,
    zone,
    projectId,
    encrypt: request.SystemDisk?.Encrypt ?? false,
    usage: "SYSTEM_DISK",
    portable: false,
    state: "ATTACHED",
    instanceId: id,
    deleteWithInstance: true,
  });
  const launchFailure = request.DryRun === true ? undefined : call.faults.launchFailure();
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
    ...{ chargeType, renewFlag },
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
    ...(launchFailure !== undefined && { launchFailure }),
  });
  (request.DataDisks ?? []).forEach((disk, number) =>
    createDisk(call, {
      ...diskCharge,
      // The provider sorts data disks by the number at the end of their names.
      name: disk.DiskName ?? `${name}_data_disk_${number}`,
      type: disk.DiskType ?? defaultDiskType,
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
    const order = checkOrder(call, request);
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
  "A spread or room that cannot be had fails the call at once (MinCount takes what can be had); the real API may accept it and end in LAUNCH_FAILED. Outside groups, placement prefers hosts with the fewest instances of the same security groups.",
);

export const runInstancesActions = [runInstances];
