import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/privatedns/v20201028/privatedns_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, page } from "../../query";
import * as s from "../../schema";
import type { Store } from "../../store";
import { localTime } from "../../time";
import { checkRecord, recordType, type RecordContent } from "./recordChecks";
import type { PrivateRecordRecord } from "./records";
import { requireZone, rules, zoneId } from "./zones";

/** Seconds an answer may be kept when the request does not say. */
const defaultTtl = 600;

/** @throws ApiError `InvalidParameter.RecordNotExist` */
function requireRecord(store: Store, zone: string, id: string): PrivateRecordRecord {
  requireZone(store, zone);
  const record = store.tables.privateRecords.get(id);
  if (record?.zoneId !== zone) {
    throw new ApiError("InvalidParameter.RecordNotExist", `${zone} has no record '${id}'.`);
  }
  return record;
}

function toInfo(record: PrivateRecordRecord): s.Full<Models.RecordInfo> {
  return {
    RecordId: record.id,
    ZoneId: record.zoneId,
    SubDomain: record.subDomain,
    RecordType: record.type,
    RecordValue: record.value,
    TTL: record.ttl,
    MX: record.mx,
    Weight: record.weight,
    CreatedOn: localTime(record.createdAt),
    UpdatedOn: localTime(record.updatedAt),
    Enabled: record.enabled ? 1 : 0,
    Remark: record.remark,
  };
}

function toModel(record: PrivateRecordRecord): s.Full<Models.PrivateZoneRecord> {
  return { ...toInfo(record), Status: record.enabled ? "ENABLED" : "DISABLED", Extra: "" };
}

function content(request: Models.CreatePrivateZoneRecordRequest): RecordContent {
  return {
    zoneId: request.ZoneId,
    subDomain: request.SubDomain,
    type: recordType(request.RecordType),
    value: request.RecordValue,
    ttl: request.TTL ?? defaultTtl,
    mx: request.MX ?? 0,
    weight: request.Weight ?? 0,
  };
}

const createPrivateZoneRecord = action<
  Models.CreatePrivateZoneRecordRequest,
  Models.CreatePrivateZoneRecordResponse
>(
  "CreatePrivateZoneRecord",
  s.model<Models.CreatePrivateZoneRecordRequest>({
    ZoneId: zoneId,
    RecordType: s.text,
    SubDomain: s.text,
    RecordValue: s.text,
    Weight: s.optionalInteger,
    MX: s.optionalInteger,
    TTL: s.optionalInteger,
    Remark: s.optionalText,
  }),
  ({ store, now }, request) => {
    requireZone(store, request.ZoneId);
    const fields = content(request);
    checkRecord(store, fields);
    const record = store.tables.privateRecords.put({
      ...fields,
      id: String(1_000_000 + store.next("privateRecord")),
      seq: store.next(),
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
      enabled: true,
      remark: request.Remark ?? "",
    });
    return { RecordId: record.id };
  },
);

const describeRecord = action<Models.DescribeRecordRequest, Models.DescribeRecordResponse>(
  "DescribeRecord",
  s.model<Models.DescribeRecordRequest>({ ZoneId: zoneId, RecordId: s.text }),
  ({ store }, request) => ({
    RecordInfo: toInfo(requireRecord(store, request.ZoneId, request.RecordId)),
  }),
);

const describePrivateZoneRecordList = action<
  Models.DescribePrivateZoneRecordListRequest,
  Models.DescribePrivateZoneRecordListResponse
>(
  "DescribePrivateZoneRecordList",
  s.model<Models.DescribePrivateZoneRecordListRequest>({
    ZoneId: zoneId,
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    requireZone(store, request.ZoneId);
    const records = store.tables.privateRecords
      .list()
      .filter((each) => each.zoneId === request.ZoneId);
    const found = applyFilters(
      records,
      request.Filters,
      { Value: (record) => record.value, RecordType: (record) => record.type },
      rules,
    );
    return {
      TotalCount: found.length,
      RecordSet: page(found, request.Offset, request.Limit, rules).map(toModel),
    };
  },
);

const modifyPrivateZoneRecord = action<Models.ModifyPrivateZoneRecordRequest, Nothing>(
  "ModifyPrivateZoneRecord",
  s.model<Models.ModifyPrivateZoneRecordRequest>({
    ZoneId: zoneId,
    RecordId: s.text,
    RecordType: s.text,
    SubDomain: s.text,
    RecordValue: s.text,
    Weight: s.optionalInteger,
    MX: s.optionalInteger,
    TTL: s.optionalInteger,
    Remark: s.optionalText,
  }),
  ({ store, now }, request) => {
    const record = requireRecord(store, request.ZoneId, request.RecordId);
    const fields = content(request);
    checkRecord(store, fields, record.id);
    store.tables.privateRecords.put({
      ...record,
      ...fields,
      remark: request.Remark ?? record.remark,
      updatedAt: now.toISOString(),
    });
    return {};
  },
);

const modifyRecordsStatus = action<
  Models.ModifyRecordsStatusRequest,
  Models.ModifyRecordsStatusResponse
>(
  "ModifyRecordsStatus",
  s.model<Models.ModifyRecordsStatusRequest>({
    ZoneId: zoneId,
    RecordIds: s.integer.array().min(1),
    Status: s.text,
  }),
  ({ store, now }, request) => {
    const { Status: status, RecordIds: ids } = request;
    if (status !== "enabled" && status !== "disabled") {
      throw new ApiError(
        "InvalidParameter",
        `Status is '${status}', it must be enabled or disabled.`,
      );
    }
    for (const id of ids) {
      const record = requireRecord(store, request.ZoneId, String(id));
      const updatedAt = now.toISOString();
      store.tables.privateRecords.put({ ...record, updatedAt, enabled: status === "enabled" });
    }
    return { ZoneId: request.ZoneId, RecordIds: ids, Status: status };
  },
);

const deletePrivateZoneRecord = action<Models.DeletePrivateZoneRecordRequest, Nothing>(
  "DeletePrivateZoneRecord",
  s.model<Models.DeletePrivateZoneRecordRequest>({
    ZoneId: zoneId,
    RecordId: s.optionalText,
    RecordIdSet: s.optionalTexts,
  }),
  ({ store }, request) => {
    const zone = requireZone(store, request.ZoneId as string);
    const ids = request.RecordId === undefined ? (request.RecordIdSet ?? []) : [request.RecordId];
    if (ids.length === 0) {
      throw new ApiError("MissingParameter", "The request is missing the parameter `RecordId`.");
    }
    ids.forEach((id) => store.tables.privateRecords.remove(requireRecord(store, zone.id, id).id));
    return {};
  },
  "The last record can be deleted while a VPC is bound: the provider unbound it first before 1.81.120, and does not since.",
);

export const zoneRecordActions = [
  createPrivateZoneRecord,
  describeRecord,
  describePrivateZoneRecordList,
  modifyPrivateZoneRecord,
  modifyRecordsStatus,
  deletePrivateZoneRecord,
];
