/* eslint-disable @typescript-eslint/no-deprecated -- fields that the models call deprecated are still answered */
import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, page } from "../../query";
import * as s from "../../schema";
import { tagsOf } from "../../tags";
import { apiTime } from "../vpc/common";
import { listenersOf, listOf, loadBalancerId, rules, targetsOf, vpcId, within } from "./common";
import type { LoadBalancerRecord } from "./records";
import { runningTask } from "./tasks";

/** Targets of all listeners of a load balancer. */
export function targetCount({ store }: Call, id: string): number {
  return listenersOf(store, id).reduce(
    (sum, listener) => sum + targetsOf(store, listener).length,
    0,
  );
}

function toModel(call: Call, lb: LoadBalancerRecord): s.Full<Models.LoadBalancer> {
  const { store, settings } = call;
  const vpcNumber = store.tables.vpcs.get(lb.vpcId)?.seq ?? 0;
  const task = runningTask(call, lb.id);
  const tags = Object.entries(tagsOf(store, "clb/clb", lb.id));
  return {
    LoadBalancerId: lb.id,
    LoadBalancerName: lb.name,
    LoadBalancerType: lb.type,
    Forward: 1,
    Domain: "",
    LoadBalancerVips: [lb.vip],
    // Only its own order keeps it from being normal.
    Status: task?.dealName ? 0 : 1,
    CreateTime: apiTime(lb.createdAt),
    StatusTime: apiTime(lb.createdAt),
    ProjectId: lb.projectId,
    VpcId: lb.vpcId,
    OpenBgp: 0,
    Snat: false,
    Isolation: 0,
    Log: "",
    SubnetId: lb.subnetId,
    Tags: tags.map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
    SecureGroups: lb.securityGroupIds,
    TargetRegionInfo: { Region: settings.region, VpcId: lb.vpcId, NumericalVpcId: vpcNumber },
    AnycastZone: "",
    AddressIPVersion: "ipv4",
    NumericalVpcId: vpcNumber,
    VipIsp: lb.isp,
    MasterZone: null,
    BackupZoneSet: [],
    IsolatedTime: "",
    ExpireTime: "",
    ChargeType: lb.chargeType,
    NetworkAttributes: lb.internet
      ? {
          InternetChargeType: lb.internet.chargeType,
          InternetMaxBandwidthOut: lb.internet.bandwidthMbps,
          BandwidthpkgSubType: "",
        }
      : null,
    PrepaidAttributes: null,
    LogSetId: "",
    LogTopicId: "",
    AddressIPv6: "",
    ExtraInfo: null,
    IsDDos: false,
    ConfigId: "",
    LoadBalancerPassToTarget: lb.passToTarget,
    ExclusiveCluster: null,
    IPv6Mode: "",
    SnatPro: false,
    SnatIps: [],
    SlaType: lb.slaType,
    IsBlock: false,
    IsBlockTime: "",
    LocalBgp: false,
    ClusterTag: "",
    MixIpTarget: false,
    Zones: [],
    NfvInfo: "",
    HealthLogSetId: "",
    HealthLogTopicId: "",
    ClusterIds: [],
    AttributeFlags: lb.deleteProtect ? ["DeleteProtect"] : [],
    LoadBalancerDomain: "",
    Egress: "",
    Exclusive: 0,
    TargetCount: targetCount(call, lb.id),
    AssociateEndpoint: "",
    AvailableZoneAffinityInfo: null,
  };
}

const orders: Record<string, (lb: LoadBalancerRecord) => string> = {
  LoadBalancerName: (v) => v.name,
  CreateTime: (v) => String(v.seq).padStart(12, "0"),
  Domain: () => "",
  LoadBalancerType: (v) => v.type,
};

/** Whether a load balancer is what every given parameter asks for. */
function matches(
  { store }: Call,
  request: Models.DescribeLoadBalancersRequest,
  lb: LoadBalancerRecord,
): boolean {
  const targets = listenersOf(store, lb.id).flatMap((each) => targetsOf(store, each));
  const instances = targets.flatMap((each) => store.tables.instances.get(each.instanceId) ?? []);
  const eipOf = (id: string): string[] =>
    store.tables.addresses.list().flatMap((each) => (each.targetId === id ? each.ip : []));
  const privateIps = instances.map((each) => each.privateIp);
  const publicIps = instances.flatMap((each) => [...eipOf(each.id), each.publicIp ?? []].flat());
  const among = (wanted: string[] | undefined, ...values: string[]): boolean =>
    !wanted?.length || values.some((value) => wanted.includes(value));
  const like = (wanted: string | undefined, ...values: string[]): boolean =>
    !wanted || values.some((value) => value.includes(wanted));
  const is = (wanted: unknown, value: unknown): boolean => wanted === undefined || wanted === value;
  return (
    among(request.LoadBalancerIds, lb.id) &&
    is(request.LoadBalancerType, lb.type) &&
    is(request.Forward, 1) &&
    like(request.LoadBalancerName, lb.name) &&
    like(request.Domain, "") &&
    among(request.LoadBalancerVips, lb.vip) &&
    among(request.BackendPublicIps, ...publicIps) &&
    among(request.BackendPrivateIps, ...privateIps) &&
    like(request.SearchKey, lb.name, lb.vip, lb.id) &&
    is(request.ProjectId, lb.projectId) &&
    (request.WithRs === undefined ||
      request.WithRs === -1 ||
      (request.WithRs === 1) === targets.length > 0) &&
    is(request.VpcId, lb.vpcId) &&
    (request.SecurityGroup === undefined || lb.securityGroupIds.includes(request.SecurityGroup)) &&
    !request.MasterZone
  );
}

const describeLoadBalancers = action<
  Models.DescribeLoadBalancersRequest,
  Models.DescribeLoadBalancersResponse
>(
  "DescribeLoadBalancers",
  s.model<Models.DescribeLoadBalancersRequest>({
    LoadBalancerIds: listOf(loadBalancerId, 20).optional(),
    LoadBalancerType: s.optionalText,
    Forward: s.optionalInteger,
    LoadBalancerName: s.optionalText,
    Domain: s.optionalText,
    LoadBalancerVips: s.optionalTexts,
    BackendPublicIps: s.optionalTexts,
    BackendPrivateIps: s.optionalTexts,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
    OrderBy: s.optionalText,
    OrderType: within(0, 1).optional(),
    SearchKey: s.optionalText,
    ProjectId: s.optionalInteger,
    WithRs: within(-1, 1).optional(),
    VpcId: vpcId.optional(),
    SecurityGroup: s.optionalText,
    MasterZone: s.optionalText,
    Filters: s.filters,
    AdditionalFields: s.optionalTexts,
  }),
  (call, request) => {
    const { store } = call;
    const order = orders[request.OrderBy ?? "CreateTime"];
    if (!order) {
      const known = Object.keys(orders).join(", ");
      throw new ApiError("InvalidParameterValue", `OrderBy is one of ${known}.`);
    }
    const found = applyFilters(
      store.tables.loadBalancers.list().filter((lb) => matches(call, request, lb)),
      request.Filters,
      {
        "charge-type": (v) => v.chargeType,
        "internet-charge-type": (v) => v.internet?.chargeType ?? [],
        "master-zone-id": () => [],
        "function-name": () => [],
        "vip-isp": (v) => v.isp,
        "sla-type": (v) => v.slaType,
        exclusive: () => "0",
      },
      rules,
      (v) => tagsOf(store, "clb/clb", v.id),
    );
    const direction = request.OrderType === 0 ? 1 : -1;
    found.sort((a, b) => direction * (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
    return {
      TotalCount: found.length,
      LoadBalancerSet: page(found, request.Offset, request.Limit, rules).map((lb) =>
        toModel(call, lb),
      ),
    };
  },
);

export const loadBalancerActions = [describeLoadBalancers];
