import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, cbsRules, page, refuseBoth } from "../../query";
import type { DiskRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { apiTime } from "../vpc/common";
import { zoneNames } from "../cvm/zones";
import { createDisk } from "./createDisk";

export const diskId = s.id("disk", "InvalidParameterValue");

/** @throws ApiError `InvalidDiskId.NotFound` */
export function requireDisk(store: Store, id: string): DiskRecord {
  const disk = store.tables.disks.get(id);
  if (!disk) {
    throw new ApiError("InvalidDiskId.NotFound", `The disk '${id}' does not exist.`);
  }
  return disk;
}

/** A new disk is CREATING to the first who looks, UNATTACHED to the second. */
function observe(store: Store, disk: DiskRecord): DiskRecord {
  if (disk.state !== "CREATING") {
    return disk;
  }
  if (disk.polls > 0) {
    store.tables.disks.put({ ...disk, polls: disk.polls - 1 });
    return disk;
  }
  return store.tables.disks.put({ ...disk, state: "UNATTACHED" });
}

function toModel(store: Store, disk: DiskRecord): s.Full<Models.Disk> {
  const attached = disk.state === "ATTACHED" || disk.state === "DETACHING";
  return {
    DeleteWithInstance: disk.deleteWithInstance,
    RenewFlag: disk.renewFlag,
    DiskType: disk.type,
    DiskState: disk.state,
    SnapshotCount: 0,
    AutoRenewFlagError: false,
    Rollbacking: false,
    InstanceIdList: attached && disk.instanceId ? [disk.instanceId] : [],
    Encrypt: disk.encrypt,
    DiskName: disk.name,
    BackupDisk: true,
    Tags: tagSet(store, "cvm/volume", disk.id),
    InstanceId: disk.instanceId ?? "",
    AttachMode: "PF",
    AutoSnapshotPolicyIds: [],
    ThroughputPerformance: disk.throughputMBps,
    Migrating: false,
    DiskId: disk.id,
    SnapshotSize: 0,
    Placement: {
      Zone: disk.zone,
      CageId: "",
      CdcId: "",
      CdcName: "",
      DedicatedClusterId: "",
      ProjectId: disk.projectId,
      ProjectName: "",
    },
    IsReturnable: true,
    DeadlineTime: "",
    Attached: attached,
    DiskSize: disk.sizeGiB,
    MigratePercent: 0,
    DiskUsage: disk.usage,
    DiskChargeType: disk.chargeType,
    Portable: disk.portable,
    SnapshotAbility: true,
    DeadlineError: false,
    RollbackPercent: 100,
    DifferDaysOfDeadline: 0,
    ReturnFailCode: 0,
    Shareable: false,
    CreateTime: apiTime(disk.createdAt),
    DeleteSnapshot: 0,
    DiskBackupQuota: disk.backupQuota,
    DiskBackupCount: 0,
    InstanceType: attached ? "CVM" : "",
    LastAttachInsId: disk.lastInstanceId,
    ErrorPrompt: "",
    BurstPerformance: false,
    EncryptType: disk.encrypt ? "V2" : "",
    KmsKeyId: "",
  };
}

export const placementSchema = s.model<Models.Placement>({
  Zone: s.text,
  CageId: s.refused,
  CdcId: s.refused,
  CdcName: s.ignored,
  DedicatedClusterId: s.refused,
  ProjectId: s.optionalInteger,
  ProjectName: s.ignored,
});

const createDisks = action<Models.CreateDisksRequest, Models.CreateDisksResponse>(
  "CreateDisks",
  s.model<Models.CreateDisksRequest>({
    Placement: placementSchema,
    DiskChargeType: s.text,
    DiskType: s.text,
    DiskName: s.name(60).optional(),
    Tags: s.keyValueTags,
    SnapshotId: s.refused,
    DiskCount: s.optionalInteger,
    ThroughputPerformance: s.optionalInteger,
    KmsKeyId: s.refused,
    DiskSize: s.optionalInteger,
    Shareable: s.refused,
    ClientToken: s.optionalText,
    Encrypt: s.optionalText,
    DiskChargePrepaid: s.ignored,
    DeleteSnapshot: s.ignored,
    AutoMountConfiguration: s.ignored,
    DiskBackupQuota: s.optionalInteger,
    BurstPerformance: s.refused,
    EncryptType: s.ignored,
  }),
  (call, request) => {
    const { store, settings } = call;
    if (request.DiskSize === undefined) {
      throw new ApiError("MissingParameter", "The request is missing the parameter `DiskSize`.");
    }
    if (!zoneNames(settings).includes(request.Placement.Zone)) {
      throw new ApiError("InvalidParameterValue", `There is no zone '${request.Placement.Zone}'.`);
    }
    if (!["POSTPAID_BY_HOUR", "PREPAID"].includes(request.DiskChargeType)) {
      throw new ApiError("InvalidParameterValue", `DiskChargeType '${request.DiskChargeType}'?`);
    }
    const sizeGiB = request.DiskSize;
    const made = Array.from({ length: request.DiskCount ?? 1 }, () => {
      const disk = createDisk(call, {
        name: request.DiskName ?? "Unnamed",
        type: request.DiskType,
        sizeGiB,
        zone: request.Placement.Zone,
        projectId: request.Placement.ProjectId ?? 0,
        chargeType: request.DiskChargeType,
        renewFlag: "NOTIFY_AND_MANUAL_RENEW",
        encrypt: request.Encrypt === "ENCRYPT",
        throughputMBps: request.ThroughputPerformance ?? 0,
        usage: "DATA_DISK",
        portable: true,
        state: "CREATING",
        backupQuota: request.DiskBackupQuota ?? 0,
      });
      createTags(store, "cvm/volume", disk.id, request.Tags);
      return disk.id;
    });
    return { DiskIdSet: made };
  },
  "CREATING to the first who looks, UNATTACHED to the second.",
);

const describeDisks = action<Models.DescribeDisksRequest, Models.DescribeDisksResponse>(
  "DescribeDisks",
  s.model<Models.DescribeDisksRequest>({
    Filters: s.filters,
    Limit: s.optionalInteger,
    OrderField: s.ignored,
    Offset: s.optionalInteger,
    ReturnBindAutoSnapshotPolicy: s.ignored,
    DiskIds: diskId.array().optional(),
    Order: s.ignored,
  }),
  ({ store }, request) => {
    refuseBoth(request.DiskIds, request.Filters);
    const chosen = store.tables.disks
      .list()
      .filter((each) => !request.DiskIds?.length || request.DiskIds.includes(each.id));
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "disk-usage": (v) => v.usage,
        "disk-charge-type": (v) => v.chargeType,
        portable: (v) => String(v.portable).toUpperCase(),
        "project-id": (v) => String(v.projectId),
        "disk-id": (v) => v.id,
        "disk-name": (v) => v.name,
        "disk-type": (v) => v.type,
        "disk-state": (v) => v.state,
        "instance-id": (v) => v.instanceId ?? [],
        zone: (v) => v.zone,
      },
      cbsRules,
      (v) => tagsOf(store, "cvm/volume", v.id),
    );
    return {
      TotalCount: found.length,
      DiskSet: page(found, request.Offset, request.Limit, cbsRules).map((v) =>
        toModel(store, observe(store, v)),
      ),
    };
  },
);

const terminateDisks = action<Models.TerminateDisksRequest, Nothing>(
  "TerminateDisks",
  s.model<Models.TerminateDisksRequest>({
    DiskIds: diskId.array().min(1),
    DeleteSnapshot: s.ignored,
  }),
  ({ store }, request) => {
    for (const id of request.DiskIds) {
      const disk = requireDisk(store, id);
      if (disk.state !== "UNATTACHED" && disk.state !== "CREATING") {
        throw new ApiError(
          disk.state === "ATTACHED" ? "ResourceUnavailable.NotSupported" : "ResourceBusy",
          `${id} is ${disk.state}, it must be UNATTACHED.`,
        );
      }
      store.tables.disks.remove(id);
      dropTags(store, "cvm/volume", id);
    }
    return {};
  },
  "Postpaid disks are gone at once; there is no recycle bin.",
);

export const diskActions = [createDisks, describeDisks, terminateDisks];
