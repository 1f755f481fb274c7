import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import type { Call } from "../../action";
import { ApiError } from "../../errors";
import { checkQuota } from "../../quotas";
import type { SubnetRecord } from "../../records";
import type { CloudSettings } from "../../settings";
import type { Store } from "../../store";
import { findRole } from "../cam/roles";
import { checkInstanceQuota, orderedCharge, type OrderedCharge } from "./charges";
import { defaultId, defaultSubnet } from "./defaultNetwork";
import { images } from "./images";
import { instanceTypes, type InstanceType } from "./instanceTypes";
import { requireGroup } from "./placementGroups";
import { presentInstances } from "./presentInstances";
import { checkUserData } from "./userData";
import { zoneNames } from "./zones";

const maxInstancesPerCall = 100;

/** Everything of a request that was looked up and found good. */
export interface Order {
  type: InstanceType;
  subnet: SubnetRecord;
  groupIds: string[];
  count: number;
  charge: OrderedCharge;
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) {
    throw new ApiError("MissingParameter", `The request is missing the parameter \`${field}\`.`);
  }
  return value;
}

/**
 * What is ordered, and where.
 * @throws ApiError naming the first of zone, image and instance type that does not exist.
 */
export function checkOffer(
  settings: CloudSettings,
  request: Pick<Models.RunInstancesRequest, "Placement" | "ImageId" | "InstanceType">,
): { zone: string; type: InstanceType } {
  const { Zone: zone } = required(request.Placement, "Placement");
  if (!zoneNames(settings).includes(zone)) {
    throw new ApiError("InvalidZone.MismatchRegion", `There is no zone '${zone}' in the region.`);
  }
  const imageId = required(request.ImageId, "ImageId");
  if (!images.some((each) => each.id === imageId)) {
    throw new ApiError("InvalidImageId.NotFound", `There is no image '${imageId}'.`);
  }
  const typeName = request.InstanceType ?? "S5.SMALL1";
  const type = instanceTypes.find((each) => each.name === typeName);
  if (!type) {
    throw new ApiError(
      "InvalidParameterValue.InstanceTypeNotFound",
      `There is no instance type '${typeName}'.`,
    );
  }
  return { zone, type };
}

/** @throws ApiError when it is not 1 to 100. */
export function checkCount(count = 1): number {
  if (count < 1 || count > maxInstancesPerCall) {
    throw new ApiError(
      "InvalidParameterValue.Range",
      `InstanceCount is 1 to ${maxInstancesPerCall}, not ${count}.`,
    );
  }
  return count;
}

/** @throws ApiError when an instance can not have so many. */
export function checkDataDisks({ quotas }: CloudSettings, dataDisks: unknown[] = []): void {
  if (dataDisks.length > quotas.disksPerInstance) {
    throw new ApiError(
      "InvalidParameterValue.LimitExceeded",
      `DataDisks has ${dataDisks.length} entries, at most ${quotas.disksPerInstance}.`,
    );
  }
}

/** @throws ApiError naming the first thing that does not exist or does not fit. */
export function checkOrder(call: Call, request: Models.RunInstancesRequest): Order {
  const { zone, type } = checkOffer(call.settings, request);
  const network = required(request.VirtualPrivateCloud, "VirtualPrivateCloud");
  const subnet =
    network.VpcId === defaultId && network.SubnetId === defaultId
      ? defaultSubnet(call, zone, request.DryRun === true)
      : ownSubnet(call, network, zone);
  checkReferences(call, request);
  const count = checkCount(request.InstanceCount);
  const charge = orderedCharge(request, type);
  checkInstanceQuota(call, zone, charge, type, count);
  checkSecurityGroups(call, request.SecurityGroupIds ?? [], count);
  const groupIds = request.DisasterRecoverGroupIds ?? [];
  return { type, subnet, groupIds, count, charge };
}

function ownSubnet(
  { store }: Call,
  network: Models.VirtualPrivateCloud,
  zone: string,
): SubnetRecord {
  if (!store.tables.vpcs.get(network.VpcId)) {
    throw new ApiError("InvalidParameterValue.VpcIdNotExist", `There is no ${network.VpcId}.`);
  }
  const subnet = store.tables.subnets.get(network.SubnetId);
  if (!subnet || subnet.vpcId !== network.VpcId) {
    throw new ApiError(
      "InvalidParameterValue.SubnetNotExist",
      `There is no ${network.SubnetId} in ${network.VpcId}.`,
    );
  }
  if (subnet.zone !== zone) {
    throw new ApiError(
      "InvalidParameterValue.VpcIdZoneIdNotMatch",
      `${subnet.id} is in ${subnet.zone}, the instance is to be in ${zone}.`,
    );
  }
  return subnet;
}

/**
 * Security groups that so many more instances are to be in.
 * @throws ApiError when one does not exist or is full, or they are too many for one instance.
 */
export function checkSecurityGroups(call: Call, ids: string[], added: number): void {
  const missing = ids.find((id) => !call.store.tables.securityGroups.get(id));
  if (missing !== undefined) {
    throw new ApiError("InvalidSecurityGroupId.NotFound", `There is no ${missing}.`);
  }
  checkQuota(call, "securityGroupsPerInstance", ids.length);
  for (const id of ids) {
    const inGroup = presentInstances(call.store).filter((each) =>
      each.securityGroupIds.includes(id),
    );
    checkQuota(call, "instancesPerSecurityGroup", inGroup.length + added, id);
  }
}

function checkReferences({ store, settings }: Call, request: Models.RunInstancesRequest): void {
  checkDataDisks(settings, request.DataDisks);
  const key = request.LoginSettings?.KeyIds?.find((id) => !store.tables.keyPairs.get(id));
  if (key) {
    throw new ApiError("InvalidParameterValue.KeyPairNotFound", `There is no key pair ${key}.`);
  }
  for (const id of request.DisasterRecoverGroupIds ?? []) {
    requireGroup(store, id, "FailedOperation.DisasterRecoverGroupNotFound");
  }
  checkCamRole(store, request.CamRoleName);
  checkUserData(request.UserData ?? "");
  if (request.InstanceName !== undefined && request.InstanceName.length > 128) {
    throw new ApiError(
      "InvalidInstanceName.TooLong",
      "InstanceName is longer than 128 characters.",
    );
  }
  if (request.HostName !== undefined) {
    checkHostName(request.HostName);
  }
}

/** An instance can take on roles that exist, and only those. Empty = none. */
export function checkCamRole(store: Store, name: string | undefined): void {
  if (name && !/^[A-Za-z0-9+=,.@_-]+$/.test(name)) {
    throw new ApiError(
      "InvalidParameterValue.CamRoleNameMalformed",
      `CamRoleName is '${name}': letters, digits and + = , . @ _ - are allowed.`,
    );
  }
  if (name && !findRole(store, name)) {
    throw new ApiError(
      "AuthFailure.CamRoleNameAuthenticateFailed",
      `There is no CAM role '${name}'.`,
    );
  }
}

/** @throws ApiError unless `name` is 2 to 60 letters, digits, dots and hyphens, none of the last two outside or doubled. */
export function checkHostName(name: string): void {
  const bare = name.replace(/\{R:\d+\}|\{IP\}/g, "0");
  const wellFormed = bare.split(".").every((part) => /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(part));
  if (!wellFormed || name.length < 2 || name.length > 60) {
    throw new ApiError("InvalidParameterValue.IllegalHostName", `'${name}' is no host name.`);
  }
}
