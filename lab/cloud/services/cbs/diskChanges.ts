import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import { zoneNames } from "../cvm/zones";
import { checkDiskSize, diskTypes } from "./createDisk";
import { diskId, requireDisk } from "./disks";

const modifyDiskAttributes = action<Models.ModifyDiskAttributesRequest, Nothing>(
  "ModifyDiskAttributes",
  s.model<Models.ModifyDiskAttributesRequest>({
    DiskIds: diskId.array().min(1),
    DiskName: s.name(60).optional(),
    Portable: s.optionalFlag,
    ProjectId: s.optionalInteger,
    DeleteWithInstance: s.optionalFlag,
    DiskType: s.optionalText,
    BurstPerformanceOperation: s.refused,
  }),
  ({ store }, request) => {
    for (const id of request.DiskIds) {
      const disk = requireDisk(store, id);
      store.tables.disks.put({
        ...disk,
        name: request.DiskName ?? disk.name,
        portable: request.Portable ?? disk.portable,
        projectId: request.ProjectId ?? disk.projectId,
        deleteWithInstance: request.DeleteWithInstance ?? disk.deleteWithInstance,
        type: request.DiskType ?? disk.type,
      });
    }
    return {};
  },
);

const resizeDisk = action<Models.ResizeDiskRequest, Nothing>(
  "ResizeDisk",
  s.model<Models.ResizeDiskRequest>({ DiskSize: s.integer, DiskId: diskId }),
  ({ store }, request) => {
    const disk = requireDisk(store, request.DiskId ?? "");
    checkDiskSize(disk.type, request.DiskSize);
    if (request.DiskSize < disk.sizeGiB) {
      throw new ApiError(
        "InvalidParameterValue",
        `${disk.id} cannot shrink from ${disk.sizeGiB} GiB.`,
      );
    }
    store.tables.disks.put({ ...disk, sizeGiB: request.DiskSize });
    return {};
  },
);

const modifyDiskExtraPerformance = action<Models.ModifyDiskExtraPerformanceRequest, Nothing>(
  "ModifyDiskExtraPerformance",
  s.model<Models.ModifyDiskExtraPerformanceRequest>({
    ThroughputPerformance: s.integer,
    DiskId: diskId,
  }),
  ({ store }, request) => {
    const disk = requireDisk(store, request.DiskId);
    store.tables.disks.put({ ...disk, throughputMBps: request.ThroughputPerformance });
    return {};
  },
);

const modifyDiskBackupQuota = action<Models.ModifyDiskBackupQuotaRequest, Nothing>(
  "ModifyDiskBackupQuota",
  s.model<Models.ModifyDiskBackupQuotaRequest>({ DiskId: diskId, DiskBackupQuota: s.integer }),
  ({ store }, request) => {
    const disk = requireDisk(store, request.DiskId);
    store.tables.disks.put({ ...disk, backupQuota: request.DiskBackupQuota });
    return {};
  },
);

const describeDiskConfigQuota = action<
  Models.DescribeDiskConfigQuotaRequest,
  Models.DescribeDiskConfigQuotaResponse
>(
  "DescribeDiskConfigQuota",
  s.model<Models.DescribeDiskConfigQuotaRequest>({
    InquiryType: s.ignored,
    DiskChargeType: s.optionalText,
    InstanceFamilies: s.optionalTexts,
    DiskTypes: s.optionalTexts,
    Zones: s.optionalTexts,
    Memory: s.ignored,
    DiskUsage: s.optionalText,
    CPU: s.ignored,
    DedicatedClusterId: s.refused,
  }),
  ({ settings }, request) => ({
    DiskConfigSet: zoneNames(settings)
      .filter((zone) => !request.Zones?.length || request.Zones.includes(zone))
      .flatMap((zone) =>
        [...diskTypes]
          .filter(([type]) => !request.DiskTypes?.length || request.DiskTypes.includes(type))
          .map(([type, { minimum }]) => ({
            Available: true,
            DiskChargeType: request.DiskChargeType ?? "POSTPAID_BY_HOUR",
            Zone: zone,
            InstanceFamily: request.InstanceFamilies?.[0] ?? "",
            DiskType: type,
            StepSize: 10,
            ExtraPerformanceRange: [0, 0],
            DeviceClass: "",
            DiskUsage: request.DiskUsage ?? "DATA_DISK",
            MinDiskSize: minimum,
            MaxDiskSize: 32_000,
            Price: null,
          })),
      ),
  }),
);

export const diskChangeActions = [
  modifyDiskAttributes,
  resizeDisk,
  modifyDiskExtraPerformance,
  modifyDiskBackupQuota,
  describeDiskConfigQuota,
];
