import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cam/v20190116/cam_models";

import { action, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import type { Store } from "../../store";
import { localTime } from "../../time";
import { camPage, checkDescription, checkName } from "./common";
import { permissionDocument } from "./policyDocument";
import type { CamPolicyRecord } from "./records";
import { tags } from "./roles";

const firstPolicyId = 100_000_000;

/** @param code The calling action's code for a policy that is not there. */
export function requirePolicy(
  store: Store,
  {
    PolicyId: id,
    PolicyName: name,
  }: { PolicyId?: number | undefined; PolicyName?: string | undefined },
  code: string,
): CamPolicyRecord {
  if (id === undefined && name === undefined) {
    throw new ApiError("InvalidParameter.ParamError", "Give PolicyId or PolicyName.");
  }
  const policy =
    id === undefined
      ? store.tables.camPolicies.list().find((each) => each.name === name)
      : store.tables.camPolicies.get(String(id));
  if (!policy) {
    throw new ApiError(code, `There is no policy '${String(id ?? name)}'.`);
  }
  return policy;
}

function checkFree(store: Store, name: string, ownId?: string): void {
  checkName(name, "PolicyName", "InvalidParameter.PolicyNameError");
  const other = store.tables.camPolicies.list().find((each) => each.name === name);
  if (other && other.id !== ownId) {
    throw new ApiError(
      "FailedOperation.PolicyNameInUse",
      `A policy '${name}' exists: ${other.id}.`,
    );
  }
}

const createPolicy = action<Models.CreatePolicyRequest, Models.CreatePolicyResponse>(
  "CreatePolicy",
  s.model<Models.CreatePolicyRequest>({
    PolicyName: s.text,
    PolicyDocument: s.text,
    Description: s.optionalText,
    Tags: tags.optional(),
  }),
  ({ store, now }, request) => {
    checkFree(store, request.PolicyName);
    checkDescription(request.Description);
    const id = firstPolicyId + store.next("policy");
    store.tables.camPolicies.put({
      id: String(id),
      seq: store.next(),
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
      name: request.PolicyName,
      description: request.Description ?? "",
      document: permissionDocument(request.PolicyDocument),
      tags: request.Tags ?? [],
    });
    return { PolicyId: id };
  },
);

const getPolicy = action<Models.GetPolicyRequest, Models.GetPolicyResponse>(
  "GetPolicy",
  s.model<Models.GetPolicyRequest>({ PolicyId: s.integer }),
  ({ store }, request) => {
    const policy = requirePolicy(store, request, "ResourceNotFound.PolicyIdNotFound");
    return {
      PolicyName: policy.name,
      Description: policy.description,
      Type: 1,
      AddTime: localTime(policy.createdAt),
      UpdateTime: localTime(policy.updatedAt),
      PolicyDocument: policy.document,
      PresetAlias: "",
      IsServiceLinkedRolePolicy: 0,
      Tags: policy.tags,
    };
  },
);

/** With an id the name may change; without one the name is who is meant. */
const updatePolicy = action<Models.UpdatePolicyRequest, Models.UpdatePolicyResponse>(
  "UpdatePolicy",
  s.model<Models.UpdatePolicyRequest>({
    PolicyId: s.optionalInteger,
    PolicyName: s.optionalText,
    Description: s.optionalText,
    PolicyDocument: s.optionalText,
    Alias: s.optionalText,
  }),
  ({ store, now }, request) => {
    const policy = requirePolicy(store, request, "InvalidParameter.PolicyIdNotExist");
    const name = request.PolicyName ?? policy.name;
    checkFree(store, name, policy.id);
    checkDescription(request.Description);
    const { PolicyDocument: document } = request;
    store.tables.camPolicies.put({
      ...policy,
      name,
      updatedAt: now.toISOString(),
      description: request.Description ?? policy.description,
      document: document === undefined ? policy.document : permissionDocument(document),
    });
    return { PolicyId: Number(policy.id) };
  },
);

/** Roles lose the policy with it. */
const deletePolicy = action<Models.DeletePolicyRequest, Nothing>(
  "DeletePolicy",
  s.model<Models.DeletePolicyRequest>({ PolicyId: s.integer.array().min(1) }),
  ({ store }, request) => {
    for (const number of request.PolicyId) {
      const { id } = requirePolicy(
        store,
        { PolicyId: Number(number) },
        "InvalidParameter.PolicyIdNotExist",
      );
      store.tables.camPolicies.remove(id);
      for (const attached of store.tables.rolePolicies.list()) {
        if (attached.policyId === id) {
          store.tables.rolePolicies.remove(attached.id);
        }
      }
    }
    return {};
  },
);

const listPolicies = action<Models.ListPoliciesRequest, Models.ListPoliciesResponse>(
  "ListPolicies",
  s.model<Models.ListPoliciesRequest>({
    Rp: s.optionalInteger,
    Page: s.optionalInteger,
    Scope: s.optionalText,
    Keyword: s.optionalText,
  }),
  ({ store }, { Scope: scope = "All", Keyword: keyword = "", Page = 1, Rp = 20 }) => {
    if (!["All", "QCS", "Local"].includes(scope)) {
      throw new ApiError(
        "InvalidParameter.ScopeError",
        `Scope is '${scope}', it must be All, QCS or Local.`,
      );
    }
    const own = scope === "QCS" ? [] : store.tables.camPolicies.list();
    const found = own.filter((each) => each.name.includes(keyword));
    const attached = store.tables.rolePolicies.list();
    return {
      TotalNum: found.length,
      ServiceTypeList: [],
      List: camPage(found, Page, Rp).map((policy) => {
        const uses = attached.filter((each) => each.policyId === policy.id).length;
        return {
          PolicyId: Number(policy.id),
          PolicyName: policy.name,
          AddTime: localTime(policy.createdAt),
          Type: 1,
          Description: policy.description,
          CreateMode: 2,
          Attachments: uses,
          ServiceType: "",
          IsAttached: 0,
          Deactived: 0,
          DeactivedDetail: [],
          IsServiceLinkedPolicy: 0,
          AttachEntityCount: uses,
          AttachEntityBoundaryCount: 0,
          UpdateTime: localTime(policy.updatedAt),
          Tags: policy.tags,
          PermissionLevel: "CloudProduct",
        };
      }),
    };
  },
);

export const policyActions = [createPolicy, getPolicy, updatePolicy, deletePolicy, listPolicies];
