/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still sent and must be covered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Call, type Nothing } from "../../action";
import { allocatePublic } from "../../addressing";
import { ApiError } from "../../errors";
import { applyFilters, page, type QueryRules } from "../../query";
import { checkQuota } from "../../quotas";
import type { AddressRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { newTask } from "./tasks";

export const addressId = s.id("eip", "InvalidParameterValue.AddressIdMalformed");

const rules: QueryRules = {
  unknownFilter: "InvalidParameter.InvalidFilter",
  badPage: "InvalidParameterValue.LimitExceeded",
};

/** @throws ApiError `InvalidAddressId.NotFound` */
export function requireAddress(store: Store, id: string): AddressRecord {
  const address = store.tables.addresses.get(id);
  if (!address) {
    throw new ApiError("InvalidAddressId.NotFound", `The address '${id}' does not exist.`);
  }
  return address;
}

/** A freshly allocated address is CREATING to the first who looks, UNBIND to the second. */
function observe(store: Store, address: AddressRecord): AddressRecord {
  if (address.status !== "CREATING") {
    return address;
  }
  store.tables.addresses.put(
    address.polls > 0 ? { ...address, polls: address.polls - 1 } : { ...address, status: "UNBIND" },
  );
  return address.polls > 0 ? address : { ...address, status: "UNBIND" };
}

function toModel(store: Store, address: AddressRecord): s.Full<Models.Address> {
  const target = address.targetId ?? "";
  const instance = store.tables.instances.get(target);
  const targetType = { ins: "CVM", havip: "HAVIP", nat: "NAT" }[target.split("-")[0] ?? ""];
  return {
    AddressId: address.id,
    AddressName: address.name,
    AddressStatus: address.status,
    AddressIp: address.ip,
    InstanceId: target,
    CreatedTime: address.createdAt,
    NetworkInterfaceId: "",
    PrivateAddressIp: instance?.privateIp ?? store.tables.haVips.get(target)?.vip ?? "",
    IsArrears: false,
    IsBlocked: false,
    IsEipDirectConnection: false,
    AddressType: address.type,
    CascadeRelease: false,
    EipAlgType: { Ftp: true, Sip: true },
    InternetServiceProvider: address.isp,
    LocalBgp: false,
    Bandwidth: address.bandwidthMbps,
    InternetChargeType: address.chargeType,
    TagSet: tagSet(store, "vpc/eip", address.id),
    DeadlineDate: "",
    InstanceType: targetType ?? "",
    Egress: "center_egress1",
    AntiDDoSPackageId: "",
    RenewFlag: "",
    BandwidthPackageId: "",
    UnVpcId: instance?.vpcId ?? "",
    DedicatedClusterId: "",
  };
}

const allocateAddresses = action<Models.AllocateAddressesRequest, Models.AllocateAddressesResponse>(
  "AllocateAddresses",
  s.model<Models.AllocateAddressesRequest>({
    AddressCount: s.optionalInteger,
    InternetServiceProvider: s.optionalText,
    InternetChargeType: s.optionalText,
    IPChargeType: s.ignored,
    InternetMaxBandwidthOut: s.optionalInteger,
    AddressChargePrepaid: s.ignored,
    AddressType: s.optionalText,
    AnycastZone: s.refused,
    VipCluster: s.refused,
    ApplicableForCLB: s.refused,
    Tags: s.keyValueTags,
    BandwidthPackageId: s.refused,
    AddressName: s.name(128).optional(),
    DedicatedClusterId: s.refused,
    IsDedicatedAddressPool: s.refused,
    Egress: s.ignored,
    AntiDDoSPackageId: s.refused,
    ClientToken: s.optionalText,
  }),
  (call, request) => {
    const { store, settings, now } = call;
    const count = request.AddressCount ?? 1;
    if (count < 1) {
      throw new ApiError("InvalidParameterValue.Range", `AddressCount is ${count}, at least 1.`);
    }
    checkQuota(call, "addresses", store.tables.addresses.list().length + count);
    const made = Array.from({ length: count }, () => {
      const address = store.tables.addresses.put({
        id: store.newId("eip", "addresses"),
        seq: store.next(),
        createdAt: now.toISOString(),
        name: request.AddressName ?? "",
        ip: allocatePublic(store, settings.publicRange),
        type: request.AddressType ?? "EIP",
        isp: request.InternetServiceProvider ?? "BGP",
        chargeType: request.InternetChargeType ?? "TRAFFIC_POSTPAID_BY_HOUR",
        bandwidthMbps: request.InternetMaxBandwidthOut ?? 1,
        status: "CREATING",
        polls: 1,
      });
      createTags(store, "vpc/eip", address.id, request.Tags);
      return address.id;
    });
    return { AddressSet: made, TaskId: newTask(call, made[0] as string) };
  },
  "CREATING to the first who looks, UNBIND to the second.",
);

const describeAddresses = action<Models.DescribeAddressesRequest, Models.DescribeAddressesResponse>(
  "DescribeAddresses",
  s.model<Models.DescribeAddressesRequest>({
    AddressIds: addressId.array().optional(),
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    // The documents say that ids and Filters exclude each other. The provider sends both after each ReleaseAddresses.
    const chosen = store.tables.addresses
      .list()
      .filter((each) => !request.AddressIds || request.AddressIds.includes(each.id));
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "address-id": (v) => v.id,
        "address-name": (v) => v.name,
        "address-ip": (v) => v.ip,
        "address-status": (v) => v.status,
        "instance-id": (v) => v.targetId ?? [],
        "private-ip-address": (v) => store.tables.instances.get(v.targetId ?? "")?.privateIp ?? [],
        "network-interface-id": () => [],
        "is-arrears": () => "FALSE",
        "address-type": (v) => v.type,
        "address-isp": (v) => v.isp,
        "dedicated-cluster-id": () => [],
        "business-type": () => "EIP",
      },
      rules,
      (v) => tagsOf(store, "vpc/eip", v.id),
    );
    return {
      TotalCount: found.length,
      AddressSet: page(found, request.Offset, request.Limit, rules).map((v) =>
        toModel(store, observe(store, v)),
      ),
    };
  },
  "AddressIds and Filters together narrow the result: the provider sends both since September 2024, though the documents exclude it.",
);

const releaseAddresses = action<Models.ReleaseAddressesRequest, Models.ReleaseAddressesResponse>(
  "ReleaseAddresses",
  s.model<Models.ReleaseAddressesRequest>({ AddressIds: addressId.array().min(1) }),
  (call, request) => {
    const { store } = call;
    for (const id of request.AddressIds) {
      const address = requireAddress(store, id);
      if (address.status !== "UNBIND" && address.status !== "CREATING") {
        throw new ApiError(
          address.status === "UNBINDING"
            ? "OperationDenied.MutexTaskRunning"
            : "UnsupportedOperation.AddressStatusNotPermit",
          `${id} is ${address.status}, it must be UNBIND.`,
        );
      }
      store.tables.addresses.remove(id);
      dropTags(store, "vpc/eip", id);
    }
    return { TaskId: newTask(call, request.AddressIds[0] as string) };
  },
);

function change({ store }: Call, ids: string[], fields: Partial<AddressRecord>): void {
  for (const id of ids) {
    store.tables.addresses.put({ ...requireAddress(store, id), ...fields });
  }
}

const modifyAddressAttribute = action<Models.ModifyAddressAttributeRequest, Nothing>(
  "ModifyAddressAttribute",
  s.model<Models.ModifyAddressAttributeRequest>({
    AddressId: addressId,
    AddressName: s.name(128).optional(),
    EipDirectConnection: s.refused,
  }),
  (call, request) => {
    const name = request.AddressName ?? requireAddress(call.store, request.AddressId).name;
    change(call, [request.AddressId], { name });
    return {};
  },
);

const modifyAddressesBandwidth = action<
  Models.ModifyAddressesBandwidthRequest,
  Models.ModifyAddressesBandwidthResponse
>(
  "ModifyAddressesBandwidth",
  s.model<Models.ModifyAddressesBandwidthRequest>({
    AddressIds: addressId.array().min(1),
    InternetMaxBandwidthOut: s.integer,
    StartTime: s.ignored,
    EndTime: s.ignored,
  }),
  (call, request) => {
    change(call, request.AddressIds, { bandwidthMbps: request.InternetMaxBandwidthOut });
    return { TaskId: newTask(call, request.AddressIds[0] as string) };
  },
);

const modifyAddressInternetChargeType = action<
  Models.ModifyAddressInternetChargeTypeRequest,
  Nothing
>(
  "ModifyAddressInternetChargeType",
  s.model<Models.ModifyAddressInternetChargeTypeRequest>({
    AddressId: addressId,
    InternetChargeType: s.text,
    InternetMaxBandwidthOut: s.integer,
    AddressChargePrepaid: s.ignored,
  }),
  (call, request) => {
    change(call, [request.AddressId], {
      chargeType: request.InternetChargeType,
      bandwidthMbps: request.InternetMaxBandwidthOut,
    });
    return {};
  },
);

export const addressActions = [
  allocateAddresses,
  describeAddresses,
  releaseAddresses,
  modifyAddressAttribute,
  modifyAddressesBandwidth,
  modifyAddressInternetChargeType,
];
