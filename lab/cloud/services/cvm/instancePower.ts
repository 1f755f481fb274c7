/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still sent and must be covered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import type { InstanceRecord, InstanceState } from "../../records";
import * as s from "../../schema";
import { instanceId, requireInstance } from "./instances";

/** Codes the real API answers when an instance is in the way of an operation by its state. */
const stateCodes: Record<InstanceState, string> = {
  PENDING: "UnsupportedOperation.InstanceStatePending",
  LAUNCH_FAILED: "UnsupportedOperation.InstanceStateLaunchFailed",
  RUNNING: "UnsupportedOperation.InstanceStateRunning",
  STOPPED: "UnsupportedOperation.InstanceStateStopped",
  STARTING: "UnsupportedOperation.InstanceStateStarting",
  STOPPING: "UnsupportedOperation.InstanceStateStopping",
  REBOOTING: "UnsupportedOperation.InstanceStateRebooting",
  TERMINATING: "UnsupportedOperation.InstanceStateTerminating",
};

/** @throws ApiError unless the instance is in one of the given states. */
export function requireState(instance: InstanceRecord, ...states: InstanceState[]): void {
  if (!states.includes(instance.state)) {
    throw new ApiError(
      stateCodes[instance.state],
      `${instance.id} is ${instance.state}, it must be ${states.join(" or ")}.`,
    );
  }
}

/** Marks an operation on an instance as begun; the world's reports end it. */
export function begin(
  { store, requestId }: Call,
  instance: InstanceRecord,
  operation: string,
  fields: Partial<InstanceRecord>,
): void {
  store.tables.instances.put({
    ...instance,
    ...fields,
    latestOperation: operation,
    latestOperationState: "OPERATING",
    latestOperationRequestId: requestId,
    latestOperationErrorMsg: "",
  });
}

const startInstances = action<Models.StartInstancesRequest, Nothing>(
  "StartInstances",
  s.model<Models.StartInstancesRequest>({ InstanceIds: instanceId.array().min(1).max(100) }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      requireState(instance, "STOPPED");
      begin(call, instance, "StartInstances", {
        state: "STARTING",
        power: "running",
        stopChargingMode: "NOT_APPLICABLE",
      });
    }
    return {};
  },
);

const stopInstances = action<Models.StopInstancesRequest, Nothing>(
  "StopInstances",
  s.model<Models.StopInstancesRequest>({
    InstanceIds: instanceId.array().min(1).max(100),
    ForceStop: s.optionalFlag,
    StopType: s.optionalText,
    StoppedMode: s.optionalText,
  }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      requireState(instance, "RUNNING");
      begin(call, instance, "StopInstances", {
        state: "STOPPING",
        power: "stopped",
        stopChargingMode: request.StoppedMode ?? "KEEP_CHARGING",
      });
    }
    return {};
  },
);

const rebootInstances = action<Models.RebootInstancesRequest, Nothing>(
  "RebootInstances",
  s.model<Models.RebootInstancesRequest>({
    InstanceIds: instanceId.array().min(1).max(100),
    ForceReboot: s.optionalFlag,
    StopType: s.optionalText,
  }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      requireState(instance, "RUNNING");
      begin(call, instance, "RebootInstances", { state: "REBOOTING", cycle: "off" });
    }
    return {};
  },
);

export const instancePowerActions = [startInstances, stopInstances, rebootInstances];
