import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError, resourceNotFound } from "../../errors";
import { checkQuota } from "../../quotas";
import { without, type AddressRecord, type NatGatewayRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";

/** @throws ApiError `ResourceNotFound` */
export function requireNat(store: Store, id: string): NatGatewayRecord {
  const nat = store.tables.natGateways.get(id);
  if (!nat) {
    throw resourceNotFound(id);
  }
  return nat;
}

/** Elastic addresses of a gateway. */
export function addressesOf(store: Store, natId: string): AddressRecord[] {
  return store.tables.addresses.list().filter((each) => each.targetId === natId);
}

/** Binds addresses given by value to a gateway. @throws ApiError when one is not there or not free. */
export function bind(call: Call, natId: string, ips: string[]): void {
  const { store } = call;
  const bound = addressesOf(store, natId).length + ips.length;
  checkQuota(call, "addressesPerNatGateway", bound, natId);
  for (const ip of ips) {
    const address = store.tables.addresses.list().find((each) => each.ip === ip);
    if (!address) {
      throw new ApiError(
        "UnsupportedOperation.PublicIpAddressIsNotExisted",
        `There is no EIP ${ip}.`,
      );
    }
    if (address.status !== "UNBIND") {
      throw new ApiError("InvalidAddressState", `${address.id} is ${address.status}, not UNBIND.`);
    }
    store.tables.addresses.put({ ...address, status: "BIND", targetId: natId });
  }
}

/** Takes an address from its gateway. */
export function release(store: Store, address: AddressRecord): void {
  store.tables.addresses.put({ ...without(address, "targetId"), status: "UNBIND" });
}

const associateNatGatewayAddress = action<Models.AssociateNatGatewayAddressRequest, Nothing>(
  "AssociateNatGatewayAddress",
  s.model<Models.AssociateNatGatewayAddressRequest>({
    NatGatewayId: s.id("nat"),
    AddressCount: s.refused,
    PublicIpAddresses: s.optionalTexts,
    Zone: s.ignored,
    StockPublicIpAddressesBandwidthOut: s.ignored,
    PublicIpAddressesBandwidthOut: s.ignored,
    PublicIpFromSameZone: s.ignored,
    IpAddressEnableMode: s.ignored,
  }),
  (call, request) => {
    const nat = requireNat(call.store, request.NatGatewayId);
    bind(call, nat.id, request.PublicIpAddresses ?? []);
    return {};
  },
);

const disassociateNatGatewayAddress = action<Models.DisassociateNatGatewayAddressRequest, Nothing>(
  "DisassociateNatGatewayAddress",
  s.model<Models.DisassociateNatGatewayAddressRequest>({
    NatGatewayId: s.id("nat"),
    PublicIpAddresses: s.texts,
  }),
  ({ store }, request) => {
    const nat = requireNat(store, request.NatGatewayId);
    for (const address of addressesOf(store, nat.id)) {
      if (request.PublicIpAddresses.includes(address.ip)) {
        release(store, address);
      }
    }
    return {};
  },
);

export const natGatewayAddressActions = [associateNatGatewayAddress, disassociateNatGatewayAddress];
