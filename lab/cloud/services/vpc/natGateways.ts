/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still sent and must be covered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Nothing } from "../../action";
import { allocatePublic } from "../../addressing";
import { ApiError } from "../../errors";
import { applyFilters, page, refuseBoth, vpcRules } from "../../query";
import { checkQuota } from "../../quotas";
import type { NatGatewayRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { apiTime, requireName } from "./common";
import { addressesOf, bind, release, requireNat } from "./natGatewayAddresses";
import { requireVpc } from "./vpcs";

/** PENDING to the first who looks, AVAILABLE to the second; DELETING once, then gone. */
function observe(store: Store, nat: NatGatewayRecord): NatGatewayRecord | undefined {
  if (nat.state === "AVAILABLE") {
    return nat;
  }
  if (nat.polls > 0) {
    store.tables.natGateways.put({ ...nat, polls: nat.polls - 1 });
    return nat;
  }
  if (nat.state === "PENDING") {
    return store.tables.natGateways.put({ ...nat, state: "AVAILABLE" });
  }
  store.tables.natGateways.remove(nat.id);
  return undefined;
}

function toModel(store: Store, nat: NatGatewayRecord): s.Full<Models.NatGateway> {
  return {
    NatGatewayId: nat.id,
    NatGatewayName: nat.name,
    CreatedTime: apiTime(nat.createdAt),
    State: nat.state,
    InternetMaxBandwidthOut: nat.bandwidthMbps,
    MaxConcurrentConnection: nat.maxConnections,
    PublicIpAddressSet: addressesOf(store, nat.id).map((each) => ({
      AddressId: each.id,
      PublicIpAddress: each.ip,
      IsBlocked: false,
      BlockType: "",
    })),
    NetworkState: "AVAILABLE",
    DestinationIpPortTranslationNatRuleSet: [],
    VpcId: nat.vpcId,
    Zone: nat.zone,
    DirectConnectGatewayIds: [],
    SubnetId: nat.subnetId,
    TagSet: tagSet(store, "vpc/nat", nat.id),
    SecurityGroupSet: [],
    SourceIpTranslationNatRuleSet: [],
    IsExclusive: false,
    ExclusiveGatewayBandwidth: 0,
    RestrictState: "NORMAL",
    NatProductVersion: nat.productVersion,
    StrictSnatMode: false,
    SmartScheduleMode: false,
    DedicatedClusterId: "",
    DeletionProtectionEnabled: nat.deletionProtection,
    ConnectionStateTimeouts: null,
    ExclusiveType: "",
    AutoScaling: false,
    ICMPProxy: false,
    PublicAddressAffinity: true,
  };
}

const createNatGateway = action<Models.CreateNatGatewayRequest, Models.CreateNatGatewayResponse>(
  "CreateNatGateway",
  s.model<Models.CreateNatGatewayRequest>({
    NatGatewayName: s.name(60),
    VpcId: s.id("vpc"),
    InternetMaxBandwidthOut: s.optionalInteger,
    MaxConcurrentConnection: s.optionalInteger,
    AddressCount: s.optionalInteger,
    PublicIpAddresses: s.optionalTexts,
    Zone: s.optionalText,
    Tags: s.keyValueTags,
    SubnetId: s.id("subnet").optional(),
    StockPublicIpAddressesBandwidthOut: s.ignored,
    PublicIpAddressesBandwidthOut: s.ignored,
    PublicIpFromSameZone: s.ignored,
    NatProductVersion: s.optionalInteger,
    DeletionProtectionEnabled: s.optionalFlag,
    ExclusiveType: s.ignored,
  }),
  (call, request) => {
    const { store, settings, now } = call;
    const vpc = requireVpc(store, request.VpcId);
    requireName("NatGatewayName", request.NatGatewayName);
    const siblings = store.tables.natGateways.list().filter((each) => each.vpcId === vpc.id);
    checkQuota(call, "natGatewaysPerVpc", siblings.length + 1, vpc.id);
    const nat = store.tables.natGateways.put({
      id: store.newId("nat", "natGateways"),
      seq: store.next(),
      createdAt: now.toISOString(),
      name: request.NatGatewayName,
      vpcId: vpc.id,
      subnetId: request.SubnetId ?? "",
      zone: request.Zone ?? "",
      state: "PENDING",
      polls: 1,
      bandwidthMbps: request.InternetMaxBandwidthOut ?? 100,
      maxConnections: request.MaxConcurrentConnection ?? 1_000_000,
      productVersion: request.NatProductVersion ?? 1,
      deletionProtection: request.DeletionProtectionEnabled ?? false,
    });
    bind(call, nat.id, request.PublicIpAddresses ?? []);
    const wanted = request.AddressCount ?? 0;
    if (wanted > 0) {
      const bound = addressesOf(store, nat.id).length + wanted;
      checkQuota(call, "addressesPerNatGateway", bound, nat.id);
      checkQuota(call, "addresses", store.tables.addresses.list().length + wanted);
    }
    for (let made = 0; made < wanted; made++) {
      store.tables.addresses.put({
        id: store.newId("eip", "addresses"),
        seq: store.next(),
        createdAt: now.toISOString(),
        name: "",
        ip: allocatePublic(store, settings.publicRange),
        type: "EIP",
        isp: "BGP",
        chargeType: "TRAFFIC_POSTPAID_BY_HOUR",
        bandwidthMbps: 100,
        status: "BIND",
        polls: 0,
        targetId: nat.id,
      });
    }
    createTags(store, "vpc/nat", nat.id, request.Tags);
    return { NatGatewaySet: [toModel(store, nat)], TotalCount: 1 };
  },
  "PENDING to the first who looks, AVAILABLE to the second.",
);

const describeNatGateways = action<
  Models.DescribeNatGatewaysRequest,
  Models.DescribeNatGatewaysResponse
>(
  "DescribeNatGateways",
  s.model<Models.DescribeNatGatewaysRequest>({
    NatGatewayIds: s.id("nat").array().optional(),
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    refuseBoth(request.NatGatewayIds, request.Filters);
    const chosen = store.tables.natGateways
      .list()
      .filter((each) => !request.NatGatewayIds || request.NatGatewayIds.includes(each.id))
      .flatMap((each) => observe(store, each) ?? []);
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "nat-gateway-id": (v) => v.id,
        "vpc-id": (v) => v.vpcId,
        "nat-gateway-name": (v) => v.name,
      },
      vpcRules,
      (v) => tagsOf(store, "vpc/nat", v.id),
    );
    return {
      NatGatewaySet: page(found, request.Offset, request.Limit, vpcRules).map((v) =>
        toModel(store, v),
      ),
      TotalCount: found.length,
      VerboseLevel: "DETAIL",
    };
  },
);

const modifyNatGatewayAttribute = action<Models.ModifyNatGatewayAttributeRequest, Nothing>(
  "ModifyNatGatewayAttribute",
  s.model<Models.ModifyNatGatewayAttributeRequest>({
    NatGatewayId: s.id("nat"),
    NatGatewayName: s.name(60).optional(),
    InternetMaxBandwidthOut: s.optionalInteger,
    ModifySecurityGroup: s.refused,
    SecurityGroupIds: s.refused,
    DeletionProtectionEnabled: s.optionalFlag,
    PublicAddressAffinity: s.ignored,
  }),
  ({ store }, request) => {
    const nat = requireNat(store, request.NatGatewayId);
    store.tables.natGateways.put({
      ...nat,
      name: request.NatGatewayName ?? nat.name,
      bandwidthMbps: request.InternetMaxBandwidthOut ?? nat.bandwidthMbps,
      deletionProtection: request.DeletionProtectionEnabled ?? nat.deletionProtection,
    });
    return {};
  },
);

const resetNatGatewayConnection = action<Models.ResetNatGatewayConnectionRequest, Nothing>(
  "ResetNatGatewayConnection",
  s.model<Models.ResetNatGatewayConnectionRequest>({
    NatGatewayId: s.id("nat"),
    MaxConcurrentConnection: s.integer,
    ExclusiveType: s.ignored,
  }),
  ({ store }, request) => {
    const nat = requireNat(store, request.NatGatewayId);
    store.tables.natGateways.put({ ...nat, maxConnections: request.MaxConcurrentConnection });
    return {};
  },
);

const deleteNatGateway = action<Models.DeleteNatGatewayRequest, Nothing>(
  "DeleteNatGateway",
  s.model<Models.DeleteNatGatewayRequest>({
    NatGatewayId: s.id("nat"),
    IgnoreOperationRisk: s.ignored,
  }),
  ({ store }, request) => {
    const nat = requireNat(store, request.NatGatewayId);
    const route = store.tables.routeTables
      .list()
      .find((table) => table.routes.some((each) => each.gatewayId === nat.id));
    if (route || nat.deletionProtection) {
      throw new ApiError(
        "ResourceInUse",
        route ? `${nat.id} is a next hop in ${route.id}.` : `${nat.id} is protected from deletion.`,
      );
    }
    addressesOf(store, nat.id).forEach((address) => release(store, address));
    dropTags(store, "vpc/nat", nat.id);
    store.tables.natGateways.put({ ...nat, state: "DELETING", polls: 0 });
    return {};
  },
);

export const natGatewayActions = [
  createNatGateway,
  describeNatGateways,
  modifyNatGatewayAttribute,
  resetNatGatewayConnection,
  deleteNatGateway,
];
