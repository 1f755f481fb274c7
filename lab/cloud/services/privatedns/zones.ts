/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still sent and must be covered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/privatedns/v20201028/privatedns_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, page, type QueryRules } from "../../query";
import * as s from "../../schema";
import type { CloudSettings } from "../../settings";
import type { Store } from "../../store";
import { localTime } from "../../time";
import { changeTags, dropTags, tagsOf } from "../../tags";
import type { PrivateZoneRecord } from "./records";

export const zoneId = s.id("zone", "InvalidParameter.ZoneNotExists");
export const rules: QueryRules = {
  unknownFilter: "InvalidParameter",
  badPage: "InvalidParameterValue",
  maxLimit: 200,
};

const vpcInfo = s.model<Models.VpcInfo>({ UniqVpcId: s.text, Region: s.text });
const accountVpcInfo = s.model<Models.AccountVpcInfo>({
  UniqVpcId: s.text,
  Region: s.text,
  Uin: s.text,
  VpcName: s.optionalText,
});

/** @throws ApiError `InvalidParameter.ZoneNotExists` */
export function requireZone(store: Store, id: string): PrivateZoneRecord {
  const zone = store.tables.privateZones.get(id);
  if (!zone) {
    throw new ApiError(
      "InvalidParameter.ZoneNotExists",
      `The private zone '${id}' does not exist.`,
    );
  }
  return zone;
}

function toVpcInfo(vpc: { vpcId: string; region: string }): Models.VpcInfo {
  return { UniqVpcId: vpc.vpcId, Region: vpc.region };
}

function toModel({ store, settings }: Call, zone: PrivateZoneRecord): s.Full<Models.PrivateZone> {
  const bound = zone.vpcs.filter((each) => store.tables.vpcs.get(each.vpcId));
  const deleted = zone.vpcs.filter((each) => !store.tables.vpcs.get(each.vpcId));
  return {
    ZoneId: zone.id,
    OwnerUin: Number(settings.account.uin),
    Domain: zone.domain,
    CreatedOn: localTime(zone.createdAt),
    UpdatedOn: localTime(zone.updatedAt),
    RecordCount: store.tables.privateRecords.list().filter((each) => each.zoneId === zone.id)
      .length,
    Remark: zone.remark,
    VpcSet: bound.map(toVpcInfo),
    Status: bound.length > 0 ? "ENABLED" : "SUSPEND",
    DnsForwardStatus: status(zone.forward),
    Tags: Object.entries(tagsOf(store, "privatedns/zone", zone.id)).map(([TagKey, TagValue]) => ({
      TagKey,
      TagValue,
    })),
    AccountVpcSet: [],
    IsCustomTld: false,
    CnameSpeedupStatus: status(zone.cnameSpeedup),
    ForwardRuleName: "",
    ForwardRuleType: "",
    ForwardAddress: "",
    EndPointName: "",
    DeletedVpcSet: deleted.map(toVpcInfo),
  };
}

function status(on: boolean): string {
  return on ? "ENABLED" : "DISABLED";
}

function isEnabled(field: string, value: string): boolean {
  if (value !== "ENABLED" && value !== "DISABLED") {
    throw new ApiError(
      "InvalidParameterValue",
      `${field} is '${value}', it must be ENABLED or DISABLED.`,
    );
  }
  return value === "ENABLED";
}

function checkDomain(domain: string): void {
  const labels = domain.split(".");
  const wellFormed = labels.every((label) =>
    /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label),
  );
  if (!wellFormed || labels.length < 2 || domain.length > 253) {
    throw new ApiError(
      "InvalidParameter.IllegalDomain",
      `'${domain}' is no domain: labels of letters, digits and hyphens, two at least.`,
    );
  }
}

/** @throws ApiError when a VPC is not of this region, is not there, or answers for the domain already. */
function checkVpcs(
  store: Store,
  settings: CloudSettings,
  domain: string,
  vpcs: Models.VpcInfo[],
  ownId?: string,
): PrivateZoneRecord["vpcs"] {
  for (const { UniqVpcId: id, Region: region } of vpcs) {
    if (region !== settings.region || !store.tables.vpcs.get(id)) {
      throw new ApiError("InvalidParameter.IllegalVpcInfo", `There is no VPC ${id} in ${region}.`);
    }
    const other = store.tables.privateZones
      .list()
      .find(
        (zone) =>
          zone.id !== ownId &&
          zone.domain === domain &&
          zone.vpcs.some((each) => each.vpcId === id),
      );
    if (other) {
      throw new ApiError(
        "InvalidParameter.VpcBinded",
        `${id} is bound to ${other.id}, which has the domain ${domain} too.`,
      );
    }
  }
  const ids = [...new Set(vpcs.map((each) => each.UniqVpcId))];
  return ids.map((vpcId) => ({ vpcId, region: settings.region }));
}

function refuseOtherAccounts(vpcs: Models.AccountVpcInfo[] | undefined): void {
  if (vpcs?.length) {
    throw new ApiError(
      "UnsupportedOperation.AccountNotBound",
      "No other account is associated with this one: `AccountVpcSet` must be empty.",
    );
  }
}

const createPrivateZone = action<Models.CreatePrivateZoneRequest, Models.CreatePrivateZoneResponse>(
  "CreatePrivateZone",
  s.model<Models.CreatePrivateZoneRequest>({
    Domain: s.text,
    TagSet: s.model<Models.TagInfo>({ TagKey: s.text, TagValue: s.text }).array().optional(),
    VpcSet: vpcInfo.array().optional(),
    Remark: s.optionalText,
    DnsForwardStatus: s.optionalText,
    Vpcs: vpcInfo.array().optional(),
    AccountVpcSet: accountVpcInfo.array().optional(),
    CnameSpeedupStatus: s.optionalText,
  }),
  ({ store, settings, now }, request) => {
    checkDomain(request.Domain);
    refuseOtherAccounts(request.AccountVpcSet);
    const vpcs = request.VpcSet ?? request.Vpcs ?? [];
    const zone = store.tables.privateZones.put({
      id: store.newId("zone", "privateZones"),
      seq: store.next(),
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
      domain: request.Domain,
      remark: request.Remark ?? "",
      vpcs: checkVpcs(store, settings, request.Domain, vpcs),
      forward: isEnabled("DnsForwardStatus", request.DnsForwardStatus ?? "ENABLED"),
      cnameSpeedup: isEnabled("CnameSpeedupStatus", request.CnameSpeedupStatus ?? "ENABLED"),
    });
    const tags = (request.TagSet ?? []).map((each) => [each.TagKey, each.TagValue] as const);
    changeTags(store, "privatedns/zone", zone.id, Object.fromEntries(tags));
    return { ZoneId: zone.id, Domain: zone.domain };
  },
);

const describePrivateZone = action<
  Models.DescribePrivateZoneRequest,
  Models.DescribePrivateZoneResponse
>(
  "DescribePrivateZone",
  s.model<Models.DescribePrivateZoneRequest>({ ZoneId: zoneId }),
  (call, request) => ({ PrivateZone: toModel(call, requireZone(call.store, request.ZoneId)) }),
);

const describePrivateZoneList = action<
  Models.DescribePrivateZoneListRequest,
  Models.DescribePrivateZoneListResponse
>(
  "DescribePrivateZoneList",
  s.model<Models.DescribePrivateZoneListRequest>({
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
    Filters: s.filters,
  }),
  (call, request) => {
    const found = applyFilters(
      call.store.tables.privateZones.list(),
      request.Filters,
      {
        ZoneId: (zone) => zone.id,
        Domain: (zone) => zone.domain,
        Vpc: (zone) => zone.vpcs.map((each) => each.vpcId),
      },
      rules,
    );
    return {
      TotalCount: found.length,
      PrivateZoneSet: page(found, request.Offset, request.Limit, { ...rules, maxLimit: 100 }).map(
        (zone) => toModel(call, zone),
      ),
    };
  },
);

const modifyPrivateZone = action<Models.ModifyPrivateZoneRequest, Nothing>(
  "ModifyPrivateZone",
  s.model<Models.ModifyPrivateZoneRequest>({
    ZoneId: zoneId,
    Remark: s.optionalText,
    DnsForwardStatus: s.optionalText,
    CnameSpeedupStatus: s.optionalText,
  }),
  ({ store, now }, request) => {
    const zone = requireZone(store, request.ZoneId);
    const { DnsForwardStatus: forward, CnameSpeedupStatus: cnameSpeedup } = request;
    store.tables.privateZones.put({
      ...zone,
      updatedAt: now.toISOString(),
      remark: request.Remark ?? zone.remark,
      forward: forward === undefined ? zone.forward : isEnabled("DnsForwardStatus", forward),
      cnameSpeedup:
        cnameSpeedup === undefined
          ? zone.cnameSpeedup
          : isEnabled("CnameSpeedupStatus", cnameSpeedup),
    });
    return {};
  },
);

/** The whole set is given each time: what it does not name is unbound. */
const modifyPrivateZoneVpc = action<
  Models.ModifyPrivateZoneVpcRequest,
  Models.ModifyPrivateZoneVpcResponse
>(
  "ModifyPrivateZoneVpc",
  s.model<Models.ModifyPrivateZoneVpcRequest>({
    ZoneId: zoneId,
    VpcSet: vpcInfo.array().optional(),
    AccountVpcSet: accountVpcInfo.array().optional(),
  }),
  ({ store, settings, now }, request) => {
    const zone = requireZone(store, request.ZoneId);
    refuseOtherAccounts(request.AccountVpcSet);
    const vpcs = checkVpcs(store, settings, zone.domain, request.VpcSet ?? [], zone.id);
    store.tables.privateZones.put({ ...zone, vpcs, updatedAt: now.toISOString() });
    return { ZoneId: zone.id, VpcSet: vpcs.map(toVpcInfo), AccountVpcSet: [] };
  },
);

/** Records go with their zone. */
const deletePrivateZone = action<Models.DeletePrivateZoneRequest, Nothing>(
  "DeletePrivateZone",
  s.model<Models.DeletePrivateZoneRequest>({
    ZoneId: zoneId.optional(),
    ZoneIdSet: zoneId.array().optional(),
  }),
  ({ store }, request) => {
    const ids = [
      ...(request.ZoneId === undefined ? [] : [request.ZoneId]),
      ...(request.ZoneIdSet ?? []),
    ];
    if (ids.length === 0) {
      throw new ApiError("MissingParameter", "The request is missing the parameter `ZoneId`.");
    }
    for (const id of ids) {
      requireZone(store, id);
      store.tables.privateZones.remove(id);
      dropTags(store, "privatedns/zone", id);
      for (const record of store.tables.privateRecords.list()) {
        if (record.zoneId === id) {
          store.tables.privateRecords.remove(record.id);
        }
      }
    }
    return {};
  },
);

export const zoneActions = [
  createPrivateZone,
  describePrivateZone,
  describePrivateZoneList,
  modifyPrivateZone,
  modifyPrivateZoneVpc,
  deletePrivateZone,
];
