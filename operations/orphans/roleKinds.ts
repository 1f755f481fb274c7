import { allPages, numbered } from "../../components/preflight/pages";
import { type Kind, resource } from "./kind";

export const role: Kind = {
  type: "tencentcloud:index/camRole:CamRole",
  noun: "role of CAM",
  nameInput: "name",
  with: "storageRole",
  async list({ cam }) {
    const found = await allPages(async (page) => (await cam.DescribeRoleList(page)).List, numbered);
    return found.map((each) =>
      resource(this, each.RoleId, each.RoleName, each.AddTime, each.Tags ?? []),
    );
  },
  remove: ({ cam }, { id }) => cam.DeleteRole({ RoleId: id }),
};

export const rolePolicy: Kind = {
  type: "tencentcloud:index/camPolicy:CamPolicy",
  noun: "policy of CAM",
  nameInput: "name",
  with: "storageRole",
  async list({ cam }) {
    const own = { Scope: "Local" };
    const found = await allPages(
      async (page) => (await cam.ListPolicies({ ...page, ...own })).List,
      numbered,
    );
    return found.map((each) =>
      resource(this, String(each.PolicyId), each.PolicyName, each.AddTime, [], {
        used: (each.Attachments ?? 0) > 0,
      }),
    );
  },
  remove: ({ cam }, { id }) => cam.DeletePolicy({ PolicyId: [Number(id)] }),
};
