import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import { cycle } from "./instancePower";
import { images } from "./images";
import { instanceId, requireInstance } from "./instances";
import { instanceTypes } from "./instanceTypes";
import { choosePhysicalHost } from "./placing";
import { requireGroup } from "./placementGroups";
import { choosePrivateIp } from "./privateAddress";
import {
  dataDiskSchema,
  loginSettingsSchema,
  systemDiskSchema,
  virtualPrivateCloudSchema,
} from "./runInstancesModel";
import { checkUserData } from "./userData";

const instanceIds = instanceId.array().min(1).max(100);

const resetInstancesType = action<Models.ResetInstancesTypeRequest, Nothing>(
  "ResetInstancesType",
  s.model<Models.ResetInstancesTypeRequest>({
    InstanceIds: instanceIds,
    InstanceType: s.text,
    ForceStop: s.ignored,
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
    ForceStop: s.ignored,
    SystemDisk: systemDiskSchema.optional(),
    ResizeOnline: s.ignored,
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
    ForceStop: s.ignored,
    ReserveHostName: s.ignored,
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
    EnhancedService: s.ignored,
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
  "Removes the body and makes it anew; data disks stay.",
);

/** Changes that take an instance off and on again. */
export const instanceResetActions = [
  resetInstancesType,
  resizeInstanceDisks,
  modifyInstancesVpcAttribute,
  resetInstance,
];
