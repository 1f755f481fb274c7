import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Nothing } from "../../action";
import { ApiError, resourceNotFound } from "../../errors";
import * as s from "../../schema";
import { addressOf, associationSchema, checkAssociations, requireHaVip } from "./haVips";

const associationsSchema = s.model<Models.AssociateHaVipInstanceRequest>({
  HaVipAssociationSet: associationSchema.array().min(1),
});

function haVipIdOf(association: Models.HaVipAssociation): string {
  if (association.HaVipId === undefined) {
    throw new ApiError(
      "MissingParameter",
      "The request is missing the parameter `HaVipAssociationSet.HaVipId`.",
    );
  }
  return association.HaVipId;
}

const associateHaVipInstance = action<Models.AssociateHaVipInstanceRequest, Nothing>(
  "AssociateHaVipInstance",
  associationsSchema,
  (call, request) => {
    const { store } = call;
    for (const association of request.HaVipAssociationSet) {
      const haVip = requireHaVip(store, haVipIdOf(association));
      const associations = [...new Set([...haVip.associations, association.InstanceId])];
      checkAssociations(call, haVip.vpcId, associations);
      store.tables.haVips.put({ ...haVip, associations });
    }
    return {};
  },
);

const disassociateHaVipInstance = action<Models.DisassociateHaVipInstanceRequest, Nothing>(
  "DisassociateHaVipInstance",
  associationsSchema,
  ({ store }, request) => {
    for (const association of request.HaVipAssociationSet) {
      const haVip = requireHaVip(store, haVipIdOf(association));
      if (!haVip.associations.includes(association.InstanceId)) {
        throw resourceNotFound(association.InstanceId);
      }
      const { ownerInstanceId, ...rest } = haVip;
      const keepsOwner =
        ownerInstanceId !== undefined &&
        !(haVip.checkAssociate && ownerInstanceId === association.InstanceId);
      store.tables.haVips.put({
        ...rest,
        ...(keepsOwner && { ownerInstanceId }),
        associations: haVip.associations.filter((id) => id !== association.InstanceId),
      });
    }
    return {};
  },
);

const haVipAssociateAddressIp = action<Models.HaVipAssociateAddressIpRequest, Nothing>(
  "HaVipAssociateAddressIp",
  s.model<Models.HaVipAssociateAddressIpRequest>({ HaVipId: s.id("havip"), AddressIp: s.text }),
  ({ store }, request) => {
    const haVip = requireHaVip(store, request.HaVipId);
    if (addressOf(store, haVip.id)) {
      throw new ApiError("UnsupportedOperation.BindEIP", `${haVip.id} has an EIP already.`);
    }
    const address = store.tables.addresses.list().find((each) => each.ip === request.AddressIp);
    if (!address) {
      throw resourceNotFound(request.AddressIp);
    }
    if (address.status !== "UNBIND") {
      throw new ApiError(
        "UnsupportedOperation.BindEIP",
        `${address.id} is ${address.status}, it must be UNBIND.`,
      );
    }
    store.tables.addresses.put({ ...address, status: "BINDING", targetId: haVip.id });
    return {};
  },
);

const haVipDisassociateAddressIp = action<Models.HaVipDisassociateAddressIpRequest, Nothing>(
  "HaVipDisassociateAddressIp",
  s.model<Models.HaVipDisassociateAddressIpRequest>({ HaVipId: s.id("havip") }),
  ({ store }, request) => {
    const haVip = requireHaVip(store, request.HaVipId);
    const address = addressOf(store, haVip.id);
    if (!address) {
      throw new ApiError("UnsupportedOperation.UnbindEIP", `${haVip.id} has no EIP.`);
    }
    store.tables.addresses.put({ ...address, status: "UNBINDING" });
    return {};
  },
);

export const haVipBindingActions = [
  associateHaVipInstance,
  disassociateHaVipInstance,
  haVipAssociateAddressIp,
  haVipDisassociateAddressIp,
];
