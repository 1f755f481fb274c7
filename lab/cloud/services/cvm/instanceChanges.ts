import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import type { InstanceRecord } from "../../records";
import * as s from "../../schema";
import { images } from "./images";
import { begin, requireState } from "./instancePower";
import { instanceId, requireInstance } from "./instances";
import { instanceTypes } from "./instanceTypes";
import { choosePhysicalHost } from "./placing";
import { groupId, requireGroup } from "./placementGroups";
import { checkHostName, choosePrivateIp } from "./runInstances";
import {
  dataDiskSchema,
  enhancedServiceSchema,
  internetAccessibleSchema,
  loginSettingsSchema,
  systemDiskSchema,
  virtualPrivateCloudSchema,
} from "./runInstancesModel";
import { checkUserData } from "./userData";

const instanceIds = instanceId.array().min(1).max(100);

/** Ends a change that needs no power cycle. */
function finish(
  { store, requestId }: Call,
  instance: InstanceRecord,
  operation: string,
  fields: Partial<InstanceRecord>,
): void {
  store.tables.instances.put({
    ...instance,
    ...fields,
    latestOperation: operation,
    latestOperationState: "SUCCESS",
    latestOperationRequestId: requestId,
    latestOperationErrorMsg: "",
  });
}

/** Ends a change that takes the body off and on again, unless the owner stopped it anyway. */
function cycle(
  call: Call,
  instance: InstanceRecord,
  operation: string,
  how: "off" | "absent",
  fields: Partial<InstanceRecord>,
): void {
  requireState(instance, "RUNNING", "STOPPED");
  if (instance.state === "STOPPED" && how === "off") {
    finish(call, instance, operation, fields);
    return;
  }
  begin(call, instance, operation, { ...fields, state: "REBOOTING", cycle: how });
}

/** Gives only the fields that were sent. */
function sent<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

const modifyInstancesAttribute = action<Models.ModifyInstancesAttributeRequest, Nothing>(
  "ModifyInstancesAttribute",
  s.model<Models.ModifyInstancesAttributeRequest>({
    InstanceIds: instanceIds,
    InstanceName: s.optionalText,
    UserData: s.optionalText,
    SecurityGroups: s.optionalTexts,
    CamRoleName: s.optionalText,
    HostName: s.optionalText,
    DisableApiTermination: s.optionalFlag,
    CamRoleType: s.optionalText,
    AutoReboot: s.optionalFlag,
    EnableJumboFrame: s.optionalFlag,
  }),
  (call, request) => {
    checkUserData(request.UserData ?? "");
    const missing = request.SecurityGroups?.find((id) => !call.store.tables.securityGroups.get(id));
    if (missing !== undefined) {
      throw new ApiError("InvalidSecurityGroupId.NotFound", `There is no ${missing}.`);
    }
    if (request.HostName !== undefined) {
      checkHostName(request.HostName);
    }
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      finish(
        call,
        instance,
        "ModifyInstancesAttribute",
        sent<InstanceRecord>({
          name: request.InstanceName,
          userData: request.UserData,
          securityGroupIds: request.SecurityGroups,
          camRoleName: request.CamRoleName,
          hostName: request.HostName,
          disableApiTermination: request.DisableApiTermination,
        } as { [K in keyof InstanceRecord]: InstanceRecord[K] | undefined }),
      );
    }
    return {};
  },
);

const modifyInstancesProject = action<Models.ModifyInstancesProjectRequest, Nothing>(
  "ModifyInstancesProject",
  s.model<Models.ModifyInstancesProjectRequest>({
    InstanceIds: instanceIds,
    ProjectId: s.integer,
  }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      finish(call, instance, "ModifyInstancesProject", { projectId: request.ProjectId });
    }
    return {};
  },
);

const resetInstancesInternetMaxBandwidth = action<
  Models.ResetInstancesInternetMaxBandwidthRequest,
  Nothing
>(
  "ResetInstancesInternetMaxBandwidth",
  s.model<Models.ResetInstancesInternetMaxBandwidthRequest>({
    InstanceIds: instanceIds,
    InternetAccessible: internetAccessibleSchema,
    StartTime: s.optionalText,
    EndTime: s.optionalText,
  }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      const { InternetChargeType, InternetMaxBandwidthOut } = request.InternetAccessible;
      finish(call, instance, "ResetInstancesInternetMaxBandwidth", {
        internetChargeType: InternetChargeType ?? instance.internetChargeType,
        internetMbps: InternetMaxBandwidthOut ?? instance.internetMbps,
      });
    }
    return {};
  },
);

const modifyInstancesDisasterRecoverGroup = action<
  Models.ModifyInstancesDisasterRecoverGroupRequest,
  Nothing
>(
  "ModifyInstancesDisasterRecoverGroup",
  s.model<Models.ModifyInstancesDisasterRecoverGroupRequest>({
    InstanceIds: instanceIds,
    DisasterRecoverGroupId: groupId.optional(),
    Force: s.optionalFlag,
    DisasterRecoverGroupIds: groupId.array().optional(),
    PartitionNumber: s.optionalInteger,
  }),
  (call, request) => {
    const { store } = call;
    const groupIds =
      request.DisasterRecoverGroupIds ??
      (request.DisasterRecoverGroupId ? [request.DisasterRecoverGroupId] : []);
    const groups = groupIds.map((id) => requireGroup(store, id));
    for (const id of request.InstanceIds) {
      const instance = requireInstance(store, id);
      requireState(instance, "RUNNING", "STOPPED");
      const { zone, cpus, memoryGiB } = instance;
      const host = choosePhysicalHost(call, { zone, cpus, memoryGiB }, groups, id);
      const stays = host.name === instance.physicalHost || fits(call, instance, groupIds);
      if (!stays && request.Force !== true) {
        throw new ApiError(
          "UnsupportedOperation",
          `${id} would have to move to another host; set Force to allow that.`,
        );
      }
      const fields = { groupIds, ...(!stays && { physicalHost: host.name }) };
      if (stays) {
        finish(call, instance, "ModifyInstancesDisasterRecoverGroup", fields);
      } else {
        cycle(call, instance, "ModifyInstancesDisasterRecoverGroup", "off", fields);
      }
    }
    return {};
  },
);

/** True when an instance may join groups on the host where it is: no member of them is in its fault domains yet. */
function fits(call: Call, instance: InstanceRecord, groupIds: string[]): boolean {
  const others = call.store.tables.instances
    .list()
    .filter((each) => each.id !== instance.id && each.physicalHost === instance.physicalHost);
  return !others.some((each) => each.groupIds.some((id) => groupIds.includes(id)));
}

const resetInstancesType = action<Models.ResetInstancesTypeRequest, Nothing>(
  "ResetInstancesType",
  s.model<Models.ResetInstancesTypeRequest>({
    InstanceIds: instanceIds,
    InstanceType: s.text,
    ForceStop: s.optionalFlag,
  }),
  (call, request) => {
    const type = instanceTypes.find((each) => each.name === request.InstanceType);
    if (!type) {
      throw new ApiError(
        "InvalidParameterValue.InstanceTypeNotFound",
        `There is no instance type '${request.InstanceType}'.`,
      );
    }
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      const groups = instance.groupIds.map((each) => requireGroup(call.store, each));
      const { cpus, memoryGiB } = type;
      const host = choosePhysicalHost(call, { zone: instance.zone, cpus, memoryGiB }, groups, id);
      cycle(call, instance, "ResetInstancesType", "off", {
        instanceType: type.name,
        cpus,
        memoryGiB,
        physicalHost: host.name,
      });
    }
    return {};
  },
);

const resizeInstanceDisks = action<Models.ResizeInstanceDisksRequest, Nothing>(
  "ResizeInstanceDisks",
  s.model<Models.ResizeInstanceDisksRequest>({
    InstanceId: instanceId,
    DataDisks: dataDiskSchema.array().optional(),
    ForceStop: s.optionalFlag,
    SystemDisk: systemDiskSchema.optional(),
    ResizeOnline: s.optionalFlag,
  }),
  (call, request) => {
    const { store } = call;
    const instance = requireInstance(store, request.InstanceId);
    const wanted = [
      ...(request.DataDisks ?? []).map((disk) => ({ ...disk, id: disk.DiskId ?? "" })),
      ...(request.SystemDisk ? [{ ...request.SystemDisk, id: instance.systemDiskId }] : []),
    ];
    for (const { id, DiskSize, DiskType } of wanted) {
      const disk = store.tables.disks.get(id);
      if (!disk || disk.instanceId !== instance.id) {
        throw new ApiError("InvalidParameterValue", `${instance.id} has no disk '${id}'.`);
      }
      if (DiskSize !== undefined && DiskSize < disk.sizeGiB) {
        throw new ApiError(
          "InvalidParameterValue",
          `${id} cannot shrink from ${disk.sizeGiB} GiB.`,
        );
      }
      store.tables.disks.put({
        ...disk,
        sizeGiB: DiskSize ?? disk.sizeGiB,
        type: DiskType ?? disk.type,
      });
    }
    cycle(call, instance, "ResizeInstanceDisks", "off", {});
    return {};
  },
);

const modifyInstancesVpcAttribute = action<Models.ModifyInstancesVpcAttributeRequest, Nothing>(
  "ModifyInstancesVpcAttribute",
  s.model<Models.ModifyInstancesVpcAttributeRequest>({
    InstanceIds: instanceIds,
    VirtualPrivateCloud: virtualPrivateCloudSchema,
    ForceStop: s.optionalFlag,
    ReserveHostName: s.optionalFlag,
  }),
  (call, request) => {
    const { VpcId, SubnetId, PrivateIpAddresses } = request.VirtualPrivateCloud;
    const subnet = call.store.tables.subnets.get(SubnetId);
    if (!subnet || subnet.vpcId !== VpcId) {
      throw new ApiError("InvalidParameterValue.SubnetNotExist", `${VpcId} has no ${SubnetId}.`);
    }
    request.InstanceIds.forEach((id, index) => {
      const instance = requireInstance(call.store, id);
      if (subnet.zone !== instance.zone) {
        throw new ApiError(
          "InvalidParameterValue.VpcIdZoneIdNotMatch",
          `${subnet.id} is in ${subnet.zone}, ${id} is in ${instance.zone}.`,
        );
      }
      cycle(call, instance, "ModifyInstancesVpcAttribute", "off", {
        vpcId: VpcId,
        subnetId: SubnetId,
        privateIp: choosePrivateIp(call, subnet, PrivateIpAddresses?.[index]),
      });
    });
    return {};
  },
);

const resetInstance = action<Models.ResetInstanceRequest, Nothing>(
  "ResetInstance",
  s.model<Models.ResetInstanceRequest>({
    InstanceId: instanceId,
    ImageId: s.id("img", "InvalidImageId.Malformed").optional(),
    SystemDisk: systemDiskSchema.optional(),
    LoginSettings: loginSettingsSchema.optional(),
    EnhancedService: enhancedServiceSchema.optional(),
    HostName: s.optionalText,
    UserData: s.optionalText,
  }),
  (call, request) => {
    const instance = requireInstance(call.store, request.InstanceId);
    const imageId = request.ImageId ?? instance.imageId;
    if (!images.some((each) => each.id === imageId)) {
      throw new ApiError("InvalidImageId.NotFound", `There is no image '${imageId}'.`);
    }
    checkUserData(request.UserData ?? "");
    // The body goes and comes anew: the system disk's data is lost, data disks stay.
    cycle(call, instance, "ResetInstance", "absent", {
      imageId,
      power: "running",
      hostName: request.HostName ?? instance.hostName,
      userData: request.UserData ?? instance.userData,
      keyIds: request.LoginSettings?.KeyIds ?? instance.keyIds,
    });
    return {};
  },
);

export const instanceChangeActions = [
  modifyInstancesAttribute,
  modifyInstancesProject,
  resetInstancesInternetMaxBandwidth,
  modifyInstancesDisasterRecoverGroup,
  resetInstancesType,
  resizeInstanceDisks,
  modifyInstancesVpcAttribute,
  resetInstance,
];
