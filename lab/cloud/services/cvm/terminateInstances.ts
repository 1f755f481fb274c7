import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { without, type InstanceRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { dropTags } from "../../tags";
import { addressOf } from "../vpc/haVips";
import { operate } from "./instancePower";
import { dataDisksOf, instanceId, requireInstance } from "./instances";

/** Frees what an instance held: its address, host and groups go with its state, disks and elastic addresses here. */
function release(store: Store, instance: InstanceRecord): void {
  const gone = [...dataDisksOf(store, instance.id).filter((d) => d.deleteWithInstance)];
  const systemDisk = store.tables.disks.get(instance.systemDiskId);
  for (const disk of [...gone, ...(systemDisk ? [systemDisk] : [])]) {
    store.tables.disks.remove(disk.id);
    dropTags(store, "cvm/volume", disk.id);
  }
  for (const disk of dataDisksOf(store, instance.id)) {
    const { instanceId: last, ...rest } = disk;
    store.tables.disks.put({ ...rest, state: "UNATTACHED", lastInstanceId: last ?? "" });
  }
  const address = addressOf(store, instance.id);
  if (address) {
    store.tables.addresses.put({ ...without(address, "targetId"), status: "UNBIND" });
  }
  for (const haVip of store.tables.haVips.list()) {
    if (haVip.associations.includes(instance.id) || haVip.ownerInstanceId === instance.id) {
      const { ownerInstanceId, ...rest } = haVip;
      store.tables.haVips.put({
        ...rest,
        associations: haVip.associations.filter((id) => id !== instance.id),
        ...(ownerInstanceId !== undefined &&
          ownerInstanceId !== instance.id && { ownerInstanceId }),
      });
    }
  }
}

/** Puts a prepaid instance into the recycle bin, where it keeps address and disks. */
function recycle(call: Call, instance: InstanceRecord): void {
  operate(call, instance, "TerminateInstances", "SUCCESS", { state: "SHUTDOWN", power: "stopped" });
}

/** Ends an instance for good. @param requestId of who asked for it */
export function terminate(store: Store, instance: InstanceRecord, requestId: string): void {
  release(store, instance);
  store.tables.instances.put({
    ...instance,
    state: "TERMINATING",
    latestOperation: "TerminateInstances",
    latestOperationState: "OPERATING",
    latestOperationRequestId: requestId,
  });
}

const terminateInstances = action<Models.TerminateInstancesRequest, Nothing>(
  "TerminateInstances",
  s.model<Models.TerminateInstancesRequest>({
    InstanceIds: instanceId.array().min(1).max(100),
    ReleaseAddress: s.ignored,
    ReleasePrepaidDataDisks: s.ignored,
  }),
  (call, request) => {
    const { store, requestId } = call;
    for (const id of request.InstanceIds) {
      const instance = requireInstance(store, id);
      if (instance.disableApiTermination) {
        throw new ApiError(
          "UnsupportedOperation.InstancesProtected",
          `${id} is protected; set DisableApiTermination to false first.`,
        );
      }
      if (instance.state === "TERMINATING") {
        throw new ApiError("UnsupportedOperation.InstanceStateTerminating", `${id} is going.`);
      }
      if (instance.chargeType === "PREPAID" && instance.state !== "SHUTDOWN") {
        recycle(call, instance);
        continue;
      }
      terminate(store, instance, requestId);
    }
    return {};
  },
  "A prepaid instance goes to the recycle bin, and from there with a second call; no rule on what is given back is applied, and none leaves the bin by itself. All others are gone at once.",
);

export const terminateInstancesActions = [terminateInstances];
