import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Call, type Nothing } from "../../action";
import { firstFree, isUsable, parseAddress, parseRange, usedAddresses } from "../../addressing";
import { ApiError, resourceNotFound } from "../../errors";
import { applyFilters, page, refuseBoth, vpcRules } from "../../query";
import { checkQuota } from "../../quotas";
import type { AddressRecord, HaVipRecord, SubnetRecord } from "../../records";
import * as s from "../../schema";
import type { Store } from "../../store";
import { createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { apiTime, requireName } from "./common";
import { requireSubnet } from "./subnets";
import { requireVpc } from "./vpcs";

/** @throws ApiError `ResourceNotFound` */
export function requireHaVip(store: Store, id: string): HaVipRecord {
  const haVip = store.tables.haVips.get(id);
  if (!haVip) {
    throw resourceNotFound(id);
  }
  return haVip;
}

/** The elastic address on its way to, or at, a target. */
export function addressOf(store: Store, targetId: string): AddressRecord | undefined {
  return store.tables.addresses.list().find((each) => each.targetId === targetId);
}

/** Associations of a HAVIP with `first` in front: a reader that filters by an instance looks at the first one only. */
function toModel(store: Store, haVip: HaVipRecord, first?: string): s.Full<Models.HaVip> {
  const address = addressOf(store, haVip.id);
  const associations = [...haVip.associations].sort(
    (a, b) => Number(b === first) - Number(a === first),
  );
  return {
    HaVipId: haVip.id,
    HaVipName: haVip.name,
    Vip: haVip.vip,
    VpcId: haVip.vpcId,
    SubnetId: haVip.subnetId,
    NetworkInterfaceId: "",
    InstanceId: haVip.ownerInstanceId ?? "",
    // While it is being unbound it is still there: who waits for its end would come too early otherwise.
    AddressIp: address === undefined || address.status === "BINDING" ? "" : address.ip,
    State: haVip.ownerInstanceId !== undefined ? "AVAILABLE" : "UNBIND",
    CreatedTime: apiTime(haVip.createdAt),
    Business: "",
    HaVipAssociationSet: associations.map((id) => ({
      InstanceId: id,
      HaVipId: haVip.id,
      InstanceType: "CVM",
    })),
    CheckAssociate: haVip.checkAssociate,
    CdcId: "",
    FlushedTime: haVip.flushedAt ? apiTime(haVip.flushedAt) : "",
    TagSet: tagSet(store, "vpc/havip", haVip.id),
  };
}

/** @throws ApiError when the wanted address is outside the subnet, reserved or taken, or none is left. */
function chooseVip(store: Store, subnet: SubnetRecord, wanted: string | undefined): string {
  const range = parseRange(subnet.cidr);
  const used = new Set(usedAddresses(store, subnet.vpcId).map((each) => each.ip));
  if (wanted === undefined || wanted === "") {
    const free = firstFree(range, used);
    if (free === undefined) {
      throw new ApiError("ResourceInsufficient", `${subnet.id} has no free address.`);
    }
    return free;
  }
  const address = parseAddress(wanted);
  if (address === undefined) {
    throw new ApiError(
      "InvalidParameterValue.Malformed",
      `Vip '${wanted}' is not an IPv4 address.`,
    );
  }
  if (!isUsable(range, address)) {
    throw new ApiError(
      "InvalidParameterValue.Range",
      `Vip ${wanted} is not a usable address of ${subnet.cidr}.`,
    );
  }
  if (used.has(wanted)) {
    throw new ApiError("InvalidParameterValue.Duplicate", `Vip ${wanted} is in use already.`);
  }
  return wanted;
}

/** @throws ApiError when the instances cannot hold the HAVIP. */
export function checkAssociations(call: Call, vpcId: string, instanceIds: string[]): void {
  const { store } = call;
  checkQuota(call, "instancesPerHaVip", instanceIds.length);
  for (const id of instanceIds) {
    const instance = store.tables.instances.get(id);
    if (!instance || instance.state === "TERMINATING") {
      throw resourceNotFound(id);
    }
    if (instance.vpcId !== vpcId) {
      throw new ApiError("UnsupportedOperation", `${id} is in ${instance.vpcId}, not in ${vpcId}.`);
    }
  }
}

export const associationSchema = s.model<Models.HaVipAssociation>({
  InstanceId: s.id("ins"),
  HaVipId: s.optionalText,
  InstanceType: s.optionalText,
});

const createHaVip = action<Models.CreateHaVipRequest, Models.CreateHaVipResponse>(
  "CreateHaVip",
  s.model<Models.CreateHaVipRequest>({
    VpcId: s.id("vpc"),
    HaVipName: s.name(60),
    SubnetId: s.id("subnet").optional(),
    Vip: s.optionalText,
    NetworkInterfaceId: s.refused,
    CheckAssociate: s.optionalFlag,
    Tags: s.keyValueTags,
    HaVipAssociationSet: associationSchema.array().optional(),
    ClientToken: s.optionalText,
  }),
  (call, request) => {
    const { store, now } = call;
    const vpc = requireVpc(store, request.VpcId);
    requireName("HaVipName", request.HaVipName);
    if (request.SubnetId === undefined) {
      throw new ApiError("MissingParameter", "The request is missing the parameter `SubnetId`.");
    }
    const subnet = requireSubnet(store, request.SubnetId);
    if (subnet.vpcId !== vpc.id) {
      throw new ApiError(
        "UnsupportedOperation.SubnetNotExists",
        `${subnet.id} is not a subnet of ${vpc.id}.`,
      );
    }
    const siblings = store.tables.haVips.list().filter((each) => each.vpcId === vpc.id);
    checkQuota(call, "haVipsPerVpc", siblings.length + 1, vpc.id);
    const associations = (request.HaVipAssociationSet ?? []).map((each) => each.InstanceId);
    checkAssociations(call, vpc.id, associations);
    const haVip = store.tables.haVips.put({
      id: store.newId("havip", "haVips"),
      seq: store.next(),
      createdAt: now.toISOString(),
      name: request.HaVipName,
      vip: chooseVip(store, subnet, request.Vip),
      vpcId: vpc.id,
      subnetId: subnet.id,
      checkAssociate: request.CheckAssociate ?? false,
      associations,
    });
    createTags(store, "vpc/havip", haVip.id, request.Tags);
    return { HaVip: toModel(store, haVip) };
  },
);

const describeHaVips = action<Models.DescribeHaVipsRequest, Models.DescribeHaVipsResponse>(
  "DescribeHaVips",
  s.model<Models.DescribeHaVipsRequest>({
    HaVipIds: s.id("havip").array().optional(),
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    refuseBoth(request.HaVipIds, request.Filters);
    const chosen = store.tables.haVips
      .list()
      .filter((each) => !request.HaVipIds || request.HaVipIds.includes(each.id));
    const found = applyFilters(
      chosen,
      request.Filters,
      {
        "havip-id": (v) => v.id,
        "havip-name": (v) => v.name,
        vip: (v) => v.vip,
        "vpc-id": (v) => v.vpcId,
        "subnet-id": (v) => v.subnetId,
        "check-associate": (v) => String(v.checkAssociate),
        "havip-association.instance-id": (v) => v.associations,
        "havip-association.instance-type": (v) => (v.associations.length > 0 ? "CVM" : []),
      },
      vpcRules,
      (v) => tagsOf(store, "vpc/havip", v.id),
    );
    const wanted = request.Filters?.find((f) => f.Name === "havip-association.instance-id")
      ?.Values[0];
    return {
      TotalCount: found.length,
      HaVipSet: page(found, request.Offset, request.Limit, vpcRules).map((v) =>
        toModel(store, v, wanted),
      ),
    };
  },
  "The owner is who announced the address last among those that may (gratuitous ARP in the lab's fabric).",
);

const modifyHaVipAttribute = action<Models.ModifyHaVipAttributeRequest, Nothing>(
  "ModifyHaVipAttribute",
  s.model<Models.ModifyHaVipAttributeRequest>({
    HaVipId: s.id("havip"),
    HaVipName: s.name(60).optional(),
  }),
  ({ store }, request) => {
    const haVip = requireHaVip(store, request.HaVipId);
    store.tables.haVips.put({ ...haVip, name: request.HaVipName ?? haVip.name });
    return {};
  },
);

const deleteHaVip = action<Models.DeleteHaVipRequest, Nothing>(
  "DeleteHaVip",
  s.model<Models.DeleteHaVipRequest>({ HaVipId: s.id("havip") }),
  ({ store }, request) => {
    const haVip = requireHaVip(store, request.HaVipId);
    const address = addressOf(store, haVip.id);
    if (address) {
      throw new ApiError(
        "UnsupportedOperation",
        `${haVip.id} still has ${address.id} bound to it.`,
      );
    }
    store.tables.haVips.remove(haVip.id);
    dropTags(store, "vpc/havip", haVip.id);
    return {};
  },
);

export const haVipActions = [createHaVip, describeHaVips, modifyHaVipAttribute, deleteHaVip];
