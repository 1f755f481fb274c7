import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cam/v20190116/cam_models";

import { action, type Call, type Nothing } from "../../action";
import { ApiError } from "../../errors";
import * as s from "../../schema";
import type { Store } from "../../store";
import { changeTags, createTags, dropTags, tagSet, tagsOf } from "../../tags";
import { localTime } from "../../time";
import { camPage, checkDescription, checkName } from "./common";
import { trustDocument } from "./policyDocument";
import type { RoleRecord } from "./records";

/** Ids are long decimals, as the real ones, but no longer than JSON's numbers are exact: some requests carry them as numbers. */
const firstRoleId = 4_611_686_000_000_000;
/** No limit of its own: the provider, which reads it back, would see drift in anything else. */
const defaultSessionSeconds = 0;
const maxSessionSeconds = 43_200;

export const tags = s.model<Models.RoleTags>({ Key: s.text, Value: s.text }).array();
const roleRef = { RoleId: s.optionalText, RoleName: s.optionalText };

/** The role that a request names by id or by name. @throws ApiError `InvalidParameter.RoleNotExist`, `…ParamError` */
export function requireRole(
  store: Store,
  { RoleId: id, RoleName: name }: { RoleId?: string | undefined; RoleName?: string | undefined },
): RoleRecord {
  if (id === undefined && name === undefined) {
    throw new ApiError("InvalidParameter.ParamError", "Give RoleId or RoleName.");
  }
  const role = id === undefined ? findRole(store, name as string) : store.tables.roles.get(id);
  if (!role) {
    throw new ApiError("InvalidParameter.RoleNotExist", `There is no role '${id ?? name ?? ""}'.`);
  }
  return role;
}

export function findRole(store: Store, name: string): RoleRecord | undefined {
  return store.tables.roles.list().find((each) => each.name === name);
}

function toModel({ store, settings }: Call, role: RoleRecord): s.Full<Models.RoleInfo> {
  return {
    RoleId: role.id,
    RoleName: role.name,
    PolicyDocument: role.document,
    Description: role.description,
    AddTime: localTime(role.createdAt),
    UpdateTime: localTime(role.updatedAt),
    ConsoleLogin: role.consoleLogin ? 1 : 0,
    RoleType: "user",
    SessionDuration: role.sessionDuration,
    DeletionTaskId: "",
    Tags: tagSet(store, "cam/role", role.id),
    RoleArn: `qcs::cam::uin/${settings.account.uin}:roleName/${role.name}`,
  };
}

function checkLogin(value: number): boolean {
  if (value !== 0 && value !== 1) {
    throw new ApiError(
      "InvalidParameter.ParamError",
      `ConsoleLogin is ${value}, it must be 0 or 1.`,
    );
  }
  return value === 1;
}

const createRole = action<Models.CreateRoleRequest, Models.CreateRoleResponse>(
  "CreateRole",
  s.model<Models.CreateRoleRequest>({
    RoleName: s.text,
    PolicyDocument: s.text,
    Description: s.optionalText,
    ConsoleLogin: s.optionalInteger,
    SessionDuration: s.optionalInteger,
    Tags: tags.optional(),
  }),
  ({ store, now }, request) => {
    checkName(request.RoleName, "RoleName", "InvalidParameter.RoleNameError");
    checkDescription(request.Description);
    const other = findRole(store, request.RoleName);
    if (other) {
      throw new ApiError(
        "InvalidParameter.RoleNameInUse",
        `A role '${other.name}' exists: ${other.id}.`,
      );
    }
    const { SessionDuration: sessionDuration = defaultSessionSeconds } = request;
    if (sessionDuration < 0 || sessionDuration > maxSessionSeconds) {
      throw new ApiError(
        "InvalidParameter.ParamError",
        `SessionDuration is ${sessionDuration}, it must be 0 to ${maxSessionSeconds} seconds.`,
      );
    }
    const role = store.tables.roles.put({
      id: String(firstRoleId + store.next("role")),
      seq: store.next(),
      createdAt: now.toISOString(),
      updatedAt: now.toISOString(),
      name: request.RoleName,
      document: trustDocument(request.PolicyDocument),
      description: request.Description ?? "",
      consoleLogin: checkLogin(request.ConsoleLogin ?? 0),
      sessionDuration,
    });
    createTags(store, "cam/role", role.id, request.Tags);
    return { RoleId: role.id };
  },
);

const getRole = action<Models.GetRoleRequest, Models.GetRoleResponse>(
  "GetRole",
  s.model<Models.GetRoleRequest>(roleRef),
  (call, request) => ({ RoleInfo: toModel(call, requireRole(call.store, request)) }),
);

const describeRoleList = action<Models.DescribeRoleListRequest, Models.DescribeRoleListResponse>(
  "DescribeRoleList",
  s.model<Models.DescribeRoleListRequest>({
    Page: s.integer,
    Rp: s.integer,
    Tags: tags.optional(),
  }),
  (call, request) => {
    const found = call.store.tables.roles.list().filter(({ id }) => {
      const own = tagsOf(call.store, "cam/role", id);
      return (request.Tags ?? []).every((each) => own[each.Key] === each.Value);
    });
    return {
      List: camPage(found, request.Page, request.Rp).map((each) => toModel(call, each)),
      TotalNum: found.length,
    };
  },
);

function update({ store, now }: Call, role: RoleRecord, change: Partial<RoleRecord>): object {
  store.tables.roles.put({ ...role, ...change, updatedAt: now.toISOString() });
  return {};
}

const updateRoleDescription = action<Models.UpdateRoleDescriptionRequest, Nothing>(
  "UpdateRoleDescription",
  s.model<Models.UpdateRoleDescriptionRequest>({ Description: s.text, ...roleRef }),
  (call, request) => {
    checkDescription(request.Description);
    return update(call, requireRole(call.store, request), { description: request.Description });
  },
);

/** Alone among these actions it takes RoleId as a number. */
const updateRoleConsoleLogin = action<Models.UpdateRoleConsoleLoginRequest, Nothing>(
  "UpdateRoleConsoleLogin",
  s.model<Models.UpdateRoleConsoleLoginRequest>({
    ConsoleLogin: s.integer,
    RoleId: s.optionalInteger,
    RoleName: s.optionalText,
  }),
  (call, { RoleId: id, RoleName, ConsoleLogin }) => {
    const role = requireRole(call.store, { RoleId: id === undefined ? id : String(id), RoleName });
    return update(call, role, { consoleLogin: checkLogin(ConsoleLogin) });
  },
);

const updateAssumeRolePolicy = action<Models.UpdateAssumeRolePolicyRequest, Nothing>(
  "UpdateAssumeRolePolicy",
  s.model<Models.UpdateAssumeRolePolicyRequest>({ PolicyDocument: s.text, ...roleRef }),
  (call, request) =>
    update(call, requireRole(call.store, request), {
      document: trustDocument(request.PolicyDocument),
    }),
);

/** Attached policies are detached with it. */
const deleteRole = action<Models.DeleteRoleRequest, Nothing>(
  "DeleteRole",
  s.model<Models.DeleteRoleRequest>(roleRef),
  ({ store }, request) => {
    const role = requireRole(store, request);
    store.tables.roles.remove(role.id);
    dropTags(store, "cam/role", role.id);
    for (const { id, roleId } of store.tables.rolePolicies.list()) {
      if (roleId === role.id) {
        store.tables.rolePolicies.remove(id);
      }
    }
    return {};
  },
);

const tagRole = action<Models.TagRoleRequest, Nothing>(
  "TagRole",
  s.model<Models.TagRoleRequest>({ Tags: tags, ...roleRef }),
  ({ store }, request) => {
    createTags(store, "cam/role", requireRole(store, request).id, request.Tags);
    return {};
  },
);

const untagRole = action<Models.UntagRoleRequest, Nothing>(
  "UntagRole",
  s.model<Models.UntagRoleRequest>({ TagKeys: s.texts, ...roleRef }),
  ({ store }, request) => {
    changeTags(store, "cam/role", requireRole(store, request).id, {}, request.TagKeys);
    return {};
  },
);

export const roleActions = [
  createRole,
  getRole,
  describeRoleList,
  updateRoleDescription,
  updateRoleConsoleLogin,
  updateAssumeRolePolicy,
  deleteRole,
  tagRole,
  untagRole,
];
