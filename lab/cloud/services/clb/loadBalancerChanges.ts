import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import { dropTags } from "../../tags";
import {
  listenersOf,
  listOf,
  loadBalancerId,
  name,
  requireLoadBalancer,
  securityGroupId,
} from "./common";
import { internetSchema } from "./createLoadBalancer";
import { targetCount } from "./loadBalancers";
import type { LoadBalancerRecord } from "./records";
import { requireIdle, startTask } from "./tasks";

/** From so many targets on, a load balancer is deleted by force only. */
const manyTargets = 20;

/** @throws ApiError when a public load balancer's fields are set at an internal one, or targets would be elsewhere. */
function checkPublicFields(
  { settings }: Call,
  lb: LoadBalancerRecord,
  request: Models.ModifyLoadBalancerAttributesRequest,
): void {
  const { TargetRegionInfo: target, InternetChargeInfo: internet } = request;
  if (lb.type === "INTERNAL" && (target ?? internet)) {
    const field = target ? "TargetRegionInfo" : "InternetChargeInfo";
    throw new ApiError("InvalidParameter", `${lb.id} is INTERNAL, it takes no \`${field}\`.`);
  }
  if (target && (target.Region !== settings.region || target.VpcId !== lb.vpcId)) {
    throw new ApiError("UnsupportedOperation", "The lab has no targets in another region or VPC.");
  }
}

const modifyLoadBalancerAttributes = action<
  Models.ModifyLoadBalancerAttributesRequest,
  Models.ModifyLoadBalancerAttributesResponse
>(
  "ModifyLoadBalancerAttributes",
  s.model<Models.ModifyLoadBalancerAttributesRequest>({
    LoadBalancerId: loadBalancerId,
    LoadBalancerName: name.optional(),
    TargetRegionInfo: s
      .model<Models.TargetRegionInfo>({
        Region: s.text,
        VpcId: s.text,
        NumericalVpcId: s.optionalInteger,
      })
      .optional(),
    InternetChargeInfo: internetSchema.optional(),
    LoadBalancerPassToTarget: s.optionalFlag,
    SwitchFlag: s.refused,
    SnatPro: s.refused,
    DeleteProtect: s.optionalFlag,
    ModifyClassicDomain: s.refused,
    AssociateEndpoint: s.refused,
  }),
  (call, request) => {
    const { store } = call;
    requireIdle(call, request.LoadBalancerId);
    const lb = requireLoadBalancer(store, request.LoadBalancerId);
    checkPublicFields(call, lb, request);
    const name = request.LoadBalancerName ?? lb.name;
    const other = store.tables.loadBalancers
      .list()
      .find((each) => each.name === name && each.id !== lb.id);
    if (other && name !== lb.name) {
      throw new ApiError(
        "InvalidParameterValue.Duplicate",
        `${other.id} is named '${name}' already.`,
      );
    }
    const internet = request.InternetChargeInfo;
    store.tables.loadBalancers.put({
      ...lb,
      name,
      passToTarget: request.LoadBalancerPassToTarget ?? lb.passToTarget,
      deleteProtect: request.DeleteProtect ?? lb.deleteProtect,
      ...(lb.internet && {
        internet: {
          chargeType: internet?.InternetChargeType ?? lb.internet.chargeType,
          bandwidthMbps: internet?.InternetMaxBandwidthOut ?? lb.internet.bandwidthMbps,
        },
      }),
    });
    startTask(call, [lb.id]);
    return { DealName: "" };
  },
);

const setLoadBalancerSecurityGroups = action<Models.SetLoadBalancerSecurityGroupsRequest, Nothing>(
  "SetLoadBalancerSecurityGroups",
  s.model<Models.SetLoadBalancerSecurityGroupsRequest>({
    LoadBalancerId: loadBalancerId,
    // Left out or empty: none any more.
    SecurityGroups: securityGroupId.array().optional(),
  }),
  (call, request) => {
    const { store } = call;
    requireIdle(call, request.LoadBalancerId);
    const lb = requireLoadBalancer(store, request.LoadBalancerId);
    const wanted = request.SecurityGroups ?? [];
    if (wanted.length > 50) {
      throw new ApiError(
        "InvalidParameterValue.Length",
        `SecurityGroups has ${wanted.length} entries, at most 50.`,
      );
    }
    const missing = wanted.find((id) => !store.tables.securityGroups.get(id));
    if (missing !== undefined) {
      throw new ApiError("InvalidParameterValue", `There is no security group '${missing}'.`);
    }
    store.tables.loadBalancers.put({ ...lb, securityGroupIds: wanted });
    startTask(call, [lb.id]);
    return {};
  },
);

const deleteLoadBalancer = action<Models.DeleteLoadBalancerRequest, Nothing>(
  "DeleteLoadBalancer",
  s.model<Models.DeleteLoadBalancerRequest>({
    LoadBalancerIds: listOf(loadBalancerId, 20),
    ForceDelete: s.optionalFlag,
  }),
  (call, request) => {
    const { store } = call;
    const ids = [...new Set(request.LoadBalancerIds)];
    for (const id of ids) {
      requireIdle(call, id);
      if (requireLoadBalancer(store, id).deleteProtect) {
        throw new ApiError(
          "FailedOperation",
          `${id} is protected; set DeleteProtect to false first.`,
        );
      }
      const targets = targetCount(call, id);
      if (targets >= manyTargets && request.ForceDelete !== true) {
        throw new ApiError(
          "FailedOperation",
          `${id} has ${targets} targets; with ${manyTargets} or more it takes ForceDelete.`,
        );
      }
      listenersOf(store, id).forEach((each) => store.tables.listeners.remove(each.id));
      store.tables.loadBalancers.remove(id);
      dropTags(store, "clb/clb", id);
    }
    startTask(call, ids);
    return {};
  },
);

export const loadBalancerChangeActions = [
  modifyLoadBalancerAttributes,
  setLoadBalancerSecurityGroups,
  deleteLoadBalancer,
];
