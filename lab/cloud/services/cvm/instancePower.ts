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
  SHUTDOWN: "UnsupportedOperation.InstanceStateShutdown",
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

/**
 * Records an operation on an instance: `OPERATING` until the world's reports end it, or `SUCCESS` at once when nothing of the
 * machine changes.
 */
export function operate(
  { store, requestId }: Call,
  instance: InstanceRecord,
  operation: string,
  state: "OPERATING" | "SUCCESS",
  fields: Partial<InstanceRecord>,
): void {
  store.tables.instances.put({
    ...instance,
    ...fields,
    latestOperation: operation,
    latestOperationState: state,
    latestOperationRequestId: requestId,
    latestOperationErrorMsg: "",
  });
}

/** Ends a change that takes the body off and on again, unless the owner stopped it anyway. */
export function cycle(
  call: Call,
  instance: InstanceRecord,
  operation: string,
  how: "off" | "absent",
  fields: Partial<InstanceRecord>,
): void {
  requireState(instance, "RUNNING", "STOPPED");
  if (instance.state === "STOPPED" && how === "off") {
    operate(call, instance, operation, "SUCCESS", fields);
    return;
  }
  operate(call, instance, operation, "OPERATING", { ...fields, state: "REBOOTING", cycle: how });
}

const startInstances = action<Models.StartInstancesRequest, Nothing>(
  "StartInstances",
  s.model<Models.StartInstancesRequest>({ InstanceIds: instanceId.array().min(1).max(100) }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      requireState(instance, "STOPPED");
      operate(call, instance, "StartInstances", "OPERATING", {
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
    ForceStop: s.ignored,
    StopType: s.ignored,
    StoppedMode: s.optionalText,
  }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      requireState(instance, "RUNNING");
      operate(call, instance, "StopInstances", "OPERATING", {
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
    ForceReboot: s.ignored,
    StopType: s.ignored,
  }),
  (call, request) => {
    for (const id of request.InstanceIds) {
      const instance = requireInstance(call.store, id);
      requireState(instance, "RUNNING");
      operate(call, instance, "RebootInstances", "OPERATING", { state: "REBOOTING", cycle: "off" });
    }
    return {};
  },
);

export const instancePowerActions = [startInstances, stopInstances, rebootInstances];
