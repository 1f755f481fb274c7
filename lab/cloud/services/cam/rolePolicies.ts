import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cam/v20190116/cam_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import type { Store } from "../../store";
import { localTime } from "../../time";
import { camPage } from "./common";
import { requirePolicy } from "./policies";
import type { CamPolicyRecord } from "./records";
import { requireRole } from "./roles";

const notThere = "InvalidParameter.PolicyIdNotExist";

const attachRolePolicy = action<Models.AttachRolePolicyRequest, Nothing>(
  "AttachRolePolicy",
  s.model<Models.AttachRolePolicyRequest>({
    PolicyId: s.optionalInteger,
    AttachRoleId: s.optionalText,
    AttachRoleName: s.optionalText,
    PolicyName: s.optionalText,
  }),
  ({ store, now }, request) => {
    const { AttachRoleId: RoleId, AttachRoleName: RoleName } = request;
    const role = requireRole(store, { RoleId, RoleName });
    const policy = requirePolicy(store, request, notThere);
    const id = `${role.id}/${policy.id}`;
    if (!store.tables.rolePolicies.get(id)) {
      store.tables.rolePolicies.put({
        id,
        seq: store.next(),
        createdAt: now.toISOString(),
        roleId: role.id,
        policyId: policy.id,
      });
    }
    return {};
  },
);

const detachRolePolicy = action<Models.DetachRolePolicyRequest, Nothing>(
  "DetachRolePolicy",
  s.model<Models.DetachRolePolicyRequest>({
    PolicyId: s.optionalInteger,
    DetachRoleId: s.optionalText,
    DetachRoleName: s.optionalText,
    PolicyName: s.optionalText,
  }),
  ({ store }, request) => {
    const { DetachRoleId: RoleId, DetachRoleName: RoleName } = request;
    const role = requireRole(store, { RoleId, RoleName });
    const policy = requirePolicy(store, request, notThere);
    store.tables.rolePolicies.remove(`${role.id}/${policy.id}`);
    return {};
  },
);

const listAttachedRolePolicies = action<
  Models.ListAttachedRolePoliciesRequest,
  Models.ListAttachedRolePoliciesResponse
>(
  "ListAttachedRolePolicies",
  s.model<Models.ListAttachedRolePoliciesRequest>({
    Page: s.integer,
    Rp: s.integer,
    RoleId: s.optionalText,
    RoleName: s.optionalText,
    PolicyType: s.optionalText,
    Keyword: s.optionalText,
  }),
  ({ store }, request) => {
    const { PolicyType: type = "User", Keyword: keyword = "" } = request;
    if (type !== "User" && type !== "QCS") {
      throw new ApiError(
        "InvalidParameter.ParamError",
        `PolicyType is '${type}', it must be User or QCS.`,
      );
    }
    const role = requireRole(store, request);
    const attached = type === "QCS" ? [] : attachedTo(store, role.id);
    const found = attached.filter(({ policy }) => policy.name.includes(keyword));
    return {
      TotalNum: found.length,
      List: camPage(found, request.Page, request.Rp).map(({ policy, at }) => ({
        PolicyId: Number(policy.id),
        PolicyName: policy.name,
        AddTime: localTime(at),
        PolicyType: "User",
        CreateMode: 2,
        Deactived: 0,
        DeactivedDetail: [],
        Description: policy.description,
      })),
    };
  },
);

function attachedTo(store: Store, roleId: string): { policy: CamPolicyRecord; at: string }[] {
  return store.tables.rolePolicies
    .list()
    .filter((each) => each.roleId === roleId)
    .map((each) => ({
      policy: requirePolicy(store, { PolicyId: Number(each.policyId) }, "InternalError"),
      at: each.createdAt,
    }));
}

export const rolePolicyActions = [attachRolePolicy, detachRolePolicy, listAttachedRolePolicies];
