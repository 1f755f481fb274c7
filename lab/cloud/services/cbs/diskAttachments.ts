import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { checkQuota } from "../../quotas";
import * as s from "../../schema";
import { diskId, requireDisk } from "./disks";

const attachDisks = action<Models.AttachDisksRequest, Nothing>(
  "AttachDisks",
  s.model<Models.AttachDisksRequest>({
    InstanceId: s.id("ins", "InvalidParameterValue"),
    DiskIds: diskId.array().min(1).max(10),
    DeleteWithInstance: s.optionalFlag,
    AttachMode: s.ignored,
  }),
  (call, request) => {
    const { store } = call;
    const instance = store.tables.instances.get(request.InstanceId);
    if (!instance || instance.state === "TERMINATING" || instance.state === "LAUNCH_FAILED") {
      throw new ApiError("InvalidInstanceId.NotFound", `There is no ${request.InstanceId}.`);
    }
    const attached = store.tables.disks
      .list()
      .filter((each) => each.instanceId === instance.id && each.portable);
    checkQuota(call, "disksPerInstance", attached.length + request.DiskIds.length, instance.id);
    for (const id of request.DiskIds) {
      const disk = requireDisk(store, id);
      if (disk.instanceId !== undefined) {
        throw new ApiError(
          "ResourceUnavailable.Attached",
          `${id} is at ${disk.instanceId} already.`,
        );
      }
      if (!disk.portable) {
        throw new ApiError("ResourceUnavailable.NotPortable", `${id} is not elastic.`);
      }
      if (disk.zone !== instance.zone) {
        throw new ApiError(
          "ResourceUnavailable.ZoneNotMatch",
          `${id} is in ${disk.zone}, ${instance.id} is in ${instance.zone}.`,
        );
      }
      if (disk.state !== "UNATTACHED") {
        throw new ApiError("ResourceBusy", `${id} is ${disk.state}, it must be UNATTACHED.`);
      }
      store.tables.disks.put({
        ...disk,
        state: "ATTACHING",
        instanceId: instance.id,
        attachedSeq: store.next(),
        deleteWithInstance: request.DeleteWithInstance ?? false,
      });
    }
    return {};
  },
);

const detachDisks = action<Models.DetachDisksRequest, Nothing>(
  "DetachDisks",
  s.model<Models.DetachDisksRequest>({
    DiskIds: diskId.array().min(1).max(10),
    InstanceId: s.id("ins", "InvalidParameterValue").optional(),
  }),
  ({ store }, request) => {
    for (const id of request.DiskIds) {
      const disk = requireDisk(store, id);
      if (disk.usage === "SYSTEM_DISK" || !disk.portable) {
        throw new ApiError("ResourceUnavailable.NotPortable", `${id} cannot be detached.`);
      }
      if (request.InstanceId && disk.instanceId !== request.InstanceId) {
        throw new ApiError("InvalidParameterValue", `${id} is not at ${request.InstanceId}.`);
      }
      if (disk.state !== "ATTACHED") {
        throw new ApiError(
          disk.state === "UNATTACHED" ? "UnsupportedOperation" : "ResourceBusy",
          `${id} is ${disk.state}, it must be ATTACHED.`,
        );
      }
      store.tables.disks.put({ ...disk, state: "DETACHING" });
    }
    return {};
  },
);

export const diskAttachmentActions = [attachDisks, detachDisks];
