import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Call } from "../../action";
import { ApiError } from "../../errors";
import type { AddressRecord, InstanceRecord } from "../../records";
import * as s from "../../schema";
import { addressId, requireAddress } from "./addresses";
import { addressOf } from "./haVips";
import { newTask } from "./tasks";

/** @throws ApiError while the address is on its way somewhere. */
function refuseWhileBusy(address: AddressRecord): void {
  if (address.status === "BINDING" || address.status === "UNBINDING") {
    throw new ApiError("DesOperation.MutexTaskRunning", `${address.id} is ${address.status}.`);
  }
}

/** The instance an association names, by id or by its private address. */
function findInstance({ store }: Call, request: Models.AssociateAddressRequest): InstanceRecord {
  const live = store.tables.instances
    .list()
    .filter((each) => each.state !== "TERMINATING" && each.state !== "LAUNCH_FAILED");
  if (request.NetworkInterfaceId !== undefined) {
    throw new ApiError(
      "InvalidNetworkInterfaceId.NotFound",
      `The network interface '${request.NetworkInterfaceId}' does not exist.`,
    );
  }
  if (request.InstanceId === undefined) {
    throw new ApiError(
      "InvalidParameterValue.MissingAssociateEntity",
      "Give an InstanceId, or a NetworkInterfaceId with a PrivateIpAddress.",
    );
  }
  const instance = live.find((each) => each.id === request.InstanceId);
  if (!instance) {
    throw new ApiError("InvalidInstanceId.NotFound", `There is no instance ${request.InstanceId}.`);
  }
  return instance;
}

const associateAddress = action<Models.AssociateAddressRequest, Models.AssociateAddressResponse>(
  "AssociateAddress",
  s.model<Models.AssociateAddressRequest>({
    AddressId: addressId,
    InstanceId: s.id("ins", "InvalidParameterValue.InstanceIdMalformed").optional(),
    NetworkInterfaceId: s.optionalText,
    PrivateIpAddress: s.ignored,
    EipDirectConnection: s.refused,
    InstanceRegion: s.ignored,
  }),
  (call, request) => {
    const { store } = call;
    const address = requireAddress(store, request.AddressId);
    refuseWhileBusy(address);
    const instance = findInstance(call, request);
    if (address.status !== "UNBIND") {
      throw new ApiError(
        "UnsupportedOperation.AddressStatusNotPermit",
        `${address.id} is ${address.status}, it must be UNBIND.`,
      );
    }
    if (instance.publicIp !== undefined) {
      throw new ApiError(
        "InvalidParameterValue.InstanceHasWanIP",
        `${instance.id} has the public address ${instance.publicIp} already.`,
      );
    }
    const other = addressOf(store, instance.id);
    if (other) {
      throw new ApiError(
        "InvalidInstanceId.AlreadyBindEip",
        `${instance.id} has ${other.id} already.`,
      );
    }
    if (instance.state !== "RUNNING" && instance.state !== "STOPPED") {
      throw new ApiError(
        "UnsupportedOperation.InstanceStateNotSupported",
        `${instance.id} is ${instance.state}, it must be RUNNING or STOPPED.`,
      );
    }
    store.tables.addresses.put({ ...address, status: "BINDING", targetId: instance.id });
    return { TaskId: newTask(call, address.id) };
  },
);

const disassociateAddress = action<
  Models.DisassociateAddressRequest,
  Models.DisassociateAddressResponse
>(
  "DisassociateAddress",
  s.model<Models.DisassociateAddressRequest>({
    AddressId: addressId,
    ReallocateNormalPublicIp: s.refused,
  }),
  (call, request) => {
    const { store } = call;
    const address = requireAddress(store, request.AddressId);
    refuseWhileBusy(address);
    if (address.status !== "BIND") {
      throw new ApiError(
        "UnsupportedOperation.AddressStatusNotPermit",
        `${address.id} is ${address.status}, it must be BIND.`,
      );
    }
    if (address.targetId?.startsWith("nat-")) {
      throw new ApiError(
        "InvalidInstance.NotSupported",
        `${address.id} belongs to ${address.targetId}; use DisassociateNatGatewayAddress.`,
      );
    }
    store.tables.addresses.put({ ...address, status: "UNBINDING" });
    return { TaskId: newTask(call, address.id) };
  },
);

export const addressBindingActions = [associateAddress, disassociateAddress];
