import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call } from "../../action";
import {
  allocatePublic,
  firstFree,
  isUsable,
  parseAddress,
  parseRange,
  usedAddresses,
} from "../../addressing";
import { ApiError } from "../../errors";
import { checkQuota } from "../../quotas";
import type { SubnetRecord } from "../../records";
import * as s from "../../schema";
import { createTags } from "../../tags";
import { listOf, name, oneOf, vpcId, within } from "./common";
import type { LoadBalancerRecord } from "./records";
import { startTask } from "./tasks";

export const internetSchema = s.model<Models.InternetAccessible>({
  InternetChargeType: oneOf(
    "TRAFFIC_POSTPAID_BY_HOUR",
    "BANDWIDTH_POSTPAID_BY_HOUR",
    "BANDWIDTH_PACKAGE",
    "BANDWIDTH_PREPAID",
  ).optional(),
  InternetMaxBandwidthOut: within(0, 61_440).optional(),
  BandwidthpkgSubType: s.optionalText,
});

const slaTypes = [
  "clb.c1.small",
  "clb.c2.medium",
  "clb.c3.small",
  "clb.c3.medium",
  "clb.c4.small",
  "clb.c4.medium",
  "clb.c4.large",
  "clb.c4.xlarge",
];

/** Fields that only a public load balancer has. */
const openOnly = [
  "AddressIPVersion",
  "MasterZoneId",
  "SlaveZoneId",
  "ZoneId",
  "VipIsp",
  "InternetAccessible",
] as const satisfies readonly (keyof Models.CreateLoadBalancerRequest)[];

type Request = Models.CreateLoadBalancerRequest;

/** The subnet that an internal load balancer takes its VIP from; undefined for a public one. */
function checkNetwork({ store }: Call, request: Request): SubnetRecord | undefined {
  const { VpcId: vpc, SubnetId: subnetId } = request;
  if (vpc === undefined) {
    // The real API would take the account's default VPC.
    throw new ApiError("MissingParameter", "The lab has no default VPC: give `VpcId`.");
  }
  if (!store.tables.vpcs.get(vpc)) {
    throw new ApiError("InvalidParameterValue", `There is no VPC '${vpc}'.`);
  }
  if (request.LoadBalancerType === "OPEN") {
    if (subnetId !== undefined) {
      throw new ApiError("InvalidParameter", "An OPEN load balancer takes no `SubnetId`.");
    }
    return undefined;
  }
  const given = openOnly.find((field) => request[field] !== undefined);
  if (given !== undefined) {
    throw new ApiError("InvalidParameter", `An INTERNAL load balancer takes no \`${given}\`.`);
  }
  if (subnetId === undefined) {
    throw new ApiError("MissingParameter", "An INTERNAL load balancer needs `SubnetId`.");
  }
  const subnet = store.tables.subnets.get(subnetId);
  if (subnet?.vpcId !== vpc) {
    throw new ApiError("InvalidParameterValue", `There is no subnet '${subnetId}' in ${vpc}.`);
  }
  return subnet;
}

/** @throws ApiError when the wanted address is not of the subnet or not free, or none is left. */
function chooseVip(call: Call, subnet: SubnetRecord | undefined, wanted?: string): string {
  const { store, settings } = call;
  const cidr = subnet?.cidr ?? settings.publicRange;
  if (wanted === undefined || wanted === "") {
    if (!subnet) {
      return allocatePublic(store, cidr);
    }
    const used = new Set(usedAddresses(store, subnet.vpcId).map((each) => each.ip));
    const free = firstFree(parseRange(cidr), used);
    if (free === undefined) {
      throw new ApiError("ResourceInsufficient", `${subnet.id} has no free address.`);
    }
    return free;
  }
  if (!subnet) {
    throw new ApiError("UnsupportedOperation", "The lab gives no public VIP of one's choice.");
  }
  const address = parseAddress(wanted);
  if (address === undefined || !isUsable(parseRange(cidr), address)) {
    throw new ApiError("InvalidParameterValue", `Vip '${wanted}' is not an address of ${cidr}.`);
  }
  const user = usedAddresses(store, subnet.vpcId).find(({ ip }) => ip === wanted);
  if (user) {
    throw new ApiError("InvalidParameterValue", `Vip ${wanted} is used by ${user.resourceId}.`);
  }
  return wanted;
}

function make(call: Call, request: Request, subnet: SubnetRecord | undefined): LoadBalancerRecord {
  const { store, now } = call;
  const type = subnet ? "INTERNAL" : "OPEN";
  const id = store.newId("lb", "loadBalancers");
  // The API makes names of its own where one is taken, or several are ordered at once.
  const taken = store.tables.loadBalancers
    .list()
    .some((each) => each.name === request.LoadBalancerName);
  const own = taken || (request.Number ?? 1) > 1 ? undefined : request.LoadBalancerName;
  const made = store.tables.loadBalancers.put({
    id,
    seq: store.next(),
    createdAt: now.toISOString(),
    name: own ?? id,
    type,
    vip: chooseVip(call, subnet, request.Vip),
    vpcId: request.VpcId as string,
    subnetId: subnet?.id ?? "",
    projectId: request.ProjectId ?? 0,
    securityGroupIds: [],
    passToTarget: request.LoadBalancerPassToTarget ?? false,
    deleteProtect: false,
    slaType: request.SlaType ?? "",
    isp: subnet ? "INTERNAL" : (request.VipIsp ?? "BGP"),
    chargeType: "POSTPAID_BY_HOUR",
    ...(type === "OPEN" && {
      internet: {
        chargeType: request.InternetAccessible?.InternetChargeType ?? "TRAFFIC_POSTPAID_BY_HOUR",
        bandwidthMbps: request.InternetAccessible?.InternetMaxBandwidthOut ?? 10,
      },
    }),
  });
  const tags = (request.Tags ?? []).map((tag) => ({ Key: tag.TagKey, Value: tag.TagValue }));
  createTags(store, "clb/clb", id, tags);
  return made;
}

const createLoadBalancer = action<
  Models.CreateLoadBalancerRequest,
  Models.CreateLoadBalancerResponse
>(
  "CreateLoadBalancer",
  s.model<Models.CreateLoadBalancerRequest>({
    LoadBalancerType: oneOf("OPEN", "INTERNAL"),
    Forward: within(1, 1).optional(),
    LoadBalancerName: name.optional(),
    VpcId: vpcId.optional(),
    SubnetId: s.id("subnet", "InvalidParameter.FormatError").optional(),
    ProjectId: s.optionalInteger,
    AddressIPVersion: s.optionalText,
    Number: within(1, 20, { code: "InvalidParameterValue.Range" }).optional(),
    MasterZoneId: s.optionalText,
    ZoneId: s.optionalText,
    InternetAccessible: internetSchema.optional(),
    VipIsp: oneOf("BGP", "CMCC", "CUCC", "CTCC").optional(),
    Tags: listOf(s.model<Models.TagInfo>({ TagKey: s.text, TagValue: s.text }), 20).optional(),
    Vip: s.optionalText,
    BandwidthPackageId: s.refused,
    ExclusiveCluster: s.refused,
    SlaType: oneOf(...slaTypes).optional(),
    ClusterIds: s.refused,
    ClientToken: s.optionalText,
    SnatPro: s.refused,
    SnatIps: s.refused,
    ClusterTag: s.refused,
    SlaveZoneId: s.optionalText,
    EipAddressId: s.refused,
    LoadBalancerPassToTarget: s.optionalFlag,
    DynamicVip: s.refused,
    Egress: s.refused,
    LBChargePrepaid: s.refused,
    LBChargeType: oneOf("POSTPAID_BY_HOUR").optional(),
    AccessLogTopicId: s.refused,
    AdvancedRoute: s.refused,
    AvailableZoneAffinityInfo: s.refused,
  }),
  (call, request) => {
    if (request.ClientToken !== undefined && request.ClientToken.length > 64) {
      throw new ApiError(
        "InvalidParameter.ClientTokenLimitExceeded",
        `ClientToken has ${request.ClientToken.length} characters, at most 64.`,
      );
    }
    const version = request.AddressIPVersion?.toLowerCase() ?? "ipv4";
    if (version !== "ipv4") {
      throw new ApiError("UnsupportedOperation", "The lab has IPv4 load balancers only.");
    }
    const subnet = checkNetwork(call, request);
    const count = request.Number ?? 1;
    const type = subnet ? "INTERNAL" : "OPEN";
    const present = call.store.tables.loadBalancers.list().filter((each) => each.type === type);
    const quota = subnet ? "internalLoadBalancers" : "openLoadBalancers";
    checkQuota(call, quota, present.length + count);
    const ids = Array.from({ length: count }, () => make(call, request, subnet).id);
    const dealName = `${call.now.toISOString().slice(0, 10).replaceAll("-", "")}${call.store.next("deal")}`;
    startTask(call, ids, dealName);
    return { LoadBalancerIds: ids, DealName: dealName };
  },
);

export const createLoadBalancerActions = [createLoadBalancer];
