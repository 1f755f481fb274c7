import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import { without } from "../../records";
import * as s from "../../schema";
import {
  listenerId,
  listOf,
  loadBalancerId,
  requireListener,
  requireLoadBalancer,
  requireTargetGroup,
  targetGroupId,
  within,
} from "./common";
import type { ListenerRecord } from "./records";
import { requireIdle, startTask } from "./tasks";

const schema = s.model<Models.AssociateTargetGroupsRequest>({
  Associations: listOf(
    s.model<Models.TargetGroupAssociation>({
      LoadBalancerId: loadBalancerId,
      TargetGroupId: targetGroupId,
      ListenerId: listenerId.optional(),
      LocationId: s.refused,
      Weight: within(0, 100).optional(),
    }),
    20,
  ),
});

/** Changes each listener named, then begins one task for all their load balancers. */
function change(
  call: Call,
  associations: Models.TargetGroupAssociation[],
  work: (listener: ListenerRecord, groupId: string) => ListenerRecord,
): Record<string, never> {
  const loadBalancers = [...new Set(associations.map((each) => each.LoadBalancerId))];
  loadBalancers.forEach((id) => requireIdle(call, id));
  for (const association of associations) {
    const { LoadBalancerId, ListenerId, TargetGroupId } = association;
    if (ListenerId === undefined) {
      throw new ApiError("InvalidParameterValue", "An association needs `ListenerId`.");
    }
    const listener = requireListener(call.store, { LoadBalancerId, ListenerId });
    call.store.tables.listeners.put(work(listener, TargetGroupId));
  }
  startTask(call, loadBalancers);
  return {};
}

const associateTargetGroups = action<Models.AssociateTargetGroupsRequest, Nothing>(
  "AssociateTargetGroups",
  schema,
  (call, request) =>
    change(call, request.Associations, (listener, id) => {
      const { vpcId } = requireLoadBalancer(call.store, listener.loadBalancerId);
      if (requireTargetGroup(call.store, id).vpcId !== vpcId) {
        throw new ApiError("InvalidParameterValue", `${id} is not in ${vpcId}.`);
      }
      if (listener.targetType !== "TARGETGROUP" || listener.targetGroupId !== undefined) {
        throw new ApiError(
          "InvalidParameterValue",
          listener.targetGroupId === undefined
            ? `${listener.id} has TargetType NODE: it takes no group.`
            : `${listener.id} is bound to ${listener.targetGroupId} already.`,
        );
      }
      return { ...listener, targetGroupId: id };
    }),
);

const disassociateTargetGroups = action<Models.DisassociateTargetGroupsRequest, Nothing>(
  "DisassociateTargetGroups",
  schema,
  (call, request) =>
    change(call, request.Associations, (listener, id) => {
      if (listener.targetGroupId !== id) {
        throw new ApiError("InvalidParameterValue", `${listener.id} is not bound to ${id}.`);
      }
      return without(listener, "targetGroupId");
    }),
);

export const targetGroupAssociationActions = [associateTargetGroups, disassociateTargetGroups];
