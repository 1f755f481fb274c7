import { type Kind, resource } from "./kind";

/** As many as the service gives at once. */
const Rp = 200;

/** All of a list whose pages are counted from 1. */
async function pages<T>(page: (at: { Page: number; Rp: number }) => Promise<T[] | undefined>) {
  const found: T[] = [];
  for (let Page = 1; ; Page++) {
    const more = (await page({ Page, Rp })) ?? [];
    found.push(...more);
    if (more.length < Rp) return found;
  }
}

export const role: Kind = {
  type: "tencentcloud:index/camRole:CamRole",
  noun: "role of CAM",
  nameInput: "name",
  with: "snapshotStore",
  async list({ cam }) {
    const found = await pages(async (at) => (await cam.DescribeRoleList(at)).List);
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
  with: "snapshotStore",
  async list({ cam }) {
    const own = { Scope: "Local" };
    const found = await pages(async (at) => (await cam.ListPolicies({ ...at, ...own })).List);
    return found.map((each) =>
      resource(this, String(each.PolicyId), each.PolicyName, each.AddTime, [], {
        used: (each.Attachments ?? 0) > 0,
      }),
    );
  },
  remove: ({ cam }, { id }) => cam.DeletePolicy({ PolicyId: [Number(id)] }),
};
