import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { without, type InstanceRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { dropTags } from "../../tags";
import { addressOf } from "../vpc/haVips";
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

const terminateInstances = action<Models.TerminateInstancesRequest, Nothing>(
  "TerminateInstances",
  s.model<Models.TerminateInstancesRequest>({
    InstanceIds: instanceId.array().min(1).max(100),
    ReleaseAddress: s.ignored,
    ReleasePrepaidDataDisks: s.ignored,
  }),
  ({ store, requestId }, request) => {
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
      release(store, instance);
      store.tables.instances.put({
        ...instance,
        state: "TERMINATING",
        latestOperation: "TerminateInstances",
        latestOperationState: "OPERATING",
        latestOperationRequestId: requestId,
      });
    }
    return {};
  },
  "Postpaid instances are gone at once; there is no recycle bin.",
);

export const terminateInstancesActions = [terminateInstances];
