/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still sent and must be covered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import type { InstanceRecord } from "../../records";
import * as s from "../../schema";
import { checkRenewFlag } from "./charges";
import { cycle, operate, requireState } from "./instancePower";
import { instanceId, requireInstance } from "./instances";
import { choosePhysicalHost } from "./placing";
import { groupId, requireGroup } from "./placementGroups";
import { checkCamRole, checkHostName, checkSecurityGroups } from "./runInstancesChecks";
import { internetAccessibleSchema } from "./runInstancesModel";
import { checkUserData } from "./userData";

const instanceIds = instanceId.array().min(1).max(100);

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
    InstanceName: s.name(60).optional(),
    UserData: s.optionalText,
    SecurityGroups: s.optionalTexts,
    CamRoleName: s.optionalText,
    HostName: s.optionalText,
    DisableApiTermination: s.optionalFlag,
    CamRoleType: s.ignored,
    AutoReboot: s.ignored,
    EnableJumboFrame: s.refused,
  }),
  (call, request) => {
    checkUserData(request.UserData ?? "");
    checkSecurityGroups(call, request.SecurityGroups ?? [], 0);
    checkCamRole(call.store, request.CamRoleName);
    if (request.HostName !== undefined) {
      checkHostName(request.HostName);
    }
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      operate(
        call,
        instance,
        "ModifyInstancesAttribute",
        "SUCCESS",
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

const modifyInstancesRenewFlag = action<Models.ModifyInstancesRenewFlagRequest, Nothing>(
  "ModifyInstancesRenewFlag",
  s.model<Models.ModifyInstancesRenewFlagRequest>({
    InstanceIds: instanceIds,
    RenewFlag: s.text,
  }),
  (call, request) => {
    const renewFlag = checkRenewFlag(request.RenewFlag);
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      if (instance.chargeType !== "PREPAID") {
        throw new ApiError(
          "UnsupportedOperation.InstanceChargeType",
          `${id} is charged by ${instance.chargeType}, not PREPAID.`,
        );
      }
      operate(call, instance, "ModifyInstancesRenewFlag", "SUCCESS", { renewFlag });
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
      operate(call, instance, "ModifyInstancesProject", "SUCCESS", {
        projectId: request.ProjectId,
      });
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
    StartTime: s.ignored,
    EndTime: s.ignored,
  }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      const { InternetChargeType, InternetMaxBandwidthOut } = request.InternetAccessible;
      operate(call, instance, "ResetInstancesInternetMaxBandwidth", "SUCCESS", {
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
    PartitionNumber: s.refused,
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
        operate(call, instance, "ModifyInstancesDisasterRecoverGroup", "SUCCESS", fields);
      } else {
        cycle(call, instance, "ModifyInstancesDisasterRecoverGroup", "off", fields);
      }
    }
    return {};
  },
  "Without Force an instance joins only where its present host fits; with it, it moves and reboots.",
);

/** True when an instance may join groups on the host where it is: no member of them is in its fault domains yet. */
function fits(call: Call, instance: InstanceRecord, groupIds: string[]): boolean {
  const others = call.store.tables.instances
    .list()
    .filter((each) => each.id !== instance.id && each.physicalHost === instance.physicalHost);
  return !others.some((each) => each.groupIds.some((id) => groupIds.includes(id)));
}

export const instanceChangeActions = [
  modifyInstancesAttribute,
  modifyInstancesProject,
  modifyInstancesRenewFlag,
  resetInstancesInternetMaxBandwidth,
  modifyInstancesDisasterRecoverGroup,
];
