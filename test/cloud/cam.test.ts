import {
  clientsFor,
  credential,
  makeInstance,
  makeNetwork,
  outcome,
  startTestCloud,
  type Clients,
  type TestCloud,
} from "./support/cloud";

let cloud: TestCloud;
let cam: Clients["cam"];
beforeEach(async () => {
  cloud = await startTestCloud();
  cam = cloud.cam;
});
afterEach(() => cloud.close());

const trust = JSON.stringify({
  version: "2.0",
  statement: [
    {
      action: "name/sts:AssumeRole",
      effect: "allow",
      principal: { service: ["cvm.qcloud.com"] },
    },
  ],
});
const statement = { effect: "allow", action: ["name/cos:GetObject"], resource: ["*"] };
const permissions = (change: object = {}): string =>
  JSON.stringify({ version: "2.0", statement: [{ ...statement, ...change }] });

async function makeRole(RoleName = "node"): Promise<string> {
  return (await cam.CreateRole({ RoleName, PolicyDocument: trust })).RoleId as string;
}
async function makePolicy(PolicyName = "snapshots"): Promise<number> {
  return (await cam.CreatePolicy({ PolicyName, PolicyDocument: permissions() })).PolicyId as number;
}

test("a role lives its life", async () => {
  const RoleId = await makeRole();
  const read = async () => (await cam.GetRole({ RoleId })).RoleInfo;
  expect(await read()).toMatchObject({
    RoleName: "node",
    PolicyDocument: trust,
    ConsoleLogin: 0,
    SessionDuration: 0,
    RoleType: "user",
  });
  await cam.UpdateRoleDescription({ RoleName: "node", Description: "of nodes" });
  await cam.UpdateRoleConsoleLogin({ RoleId: Number(RoleId), ConsoleLogin: 1 });
  const wider = trust.replace("cvm.qcloud.com", "scf.qcloud.com");
  await cam.UpdateAssumeRolePolicy({ RoleId, PolicyDocument: wider });
  await cam.TagRole({ RoleId, Tags: [{ Key: "a", Value: "1" }] });
  await cam.TagRole({ RoleName: "node", Tags: [{ Key: "b", Value: "2" }] });
  await cam.UntagRole({ RoleId, TagKeys: ["a"] });
  expect(await read()).toMatchObject({
    Description: "of nodes",
    ConsoleLogin: 1,
    PolicyDocument: wider,
    Tags: [{ Key: "b", Value: "2" }],
  });
  const byTag = { ServiceType: "cam", ResourcePrefix: "role", ResourceIds: [RoleId] };
  const { Tags } = await cloud.tag.DescribeResourceTagsByResourceIds({
    ...byTag,
    ResourceRegion: "",
  });
  expect(Tags).toMatchObject([{ TagKey: "b", TagValue: "2" }]);

  await makeRole("other");
  expect(await cam.DescribeRoleList({ Page: 2, Rp: 1 })).toMatchObject({
    TotalNum: 2,
    List: [{ RoleName: "other" }],
  });
  await cam.DeleteRole({ RoleId });
  expect(await outcome(read())).toBe("InvalidParameter.RoleNotExist");
  expect(await cloud.admin("GET", "/resources")).toMatchObject({ tags: [] });
});

test("a policy lives its life; single actions and resources come back as lists", async () => {
  const { PolicyId } = await cam.CreatePolicy({
    PolicyName: "snapshots",
    PolicyDocument: permissions({ action: "cos:PutObject", resource: "*" }),
  });
  const id = PolicyId as number;
  const read = () => cam.GetPolicy({ PolicyId: id });
  expect(await read()).toMatchObject({ PolicyName: "snapshots", Type: 1 });
  expect(JSON.parse((await read()).PolicyDocument as string)).toEqual({
    version: "2.0",
    statement: [{ effect: "allow", action: ["cos:PutObject"], resource: ["*"] }],
  });
  await cam.UpdatePolicy({ PolicyId: id, PolicyName: "renamed", Description: "d" });
  await cam.UpdatePolicy({ PolicyName: "renamed", PolicyDocument: permissions() });
  expect(await read()).toMatchObject({ PolicyName: "renamed", Description: "d" });
  expect((await read()).PolicyDocument).toContain("GetObject");
  expect(await cam.ListPolicies({ Scope: "Local", Keyword: "ren" })).toMatchObject({
    TotalNum: 1,
    List: [{ PolicyId: id, Attachments: 0 }],
  });
  await cam.DeletePolicy({ PolicyId: [id] });
  expect(await outcome(read())).toBe("ResourceNotFound.PolicyIdNotFound");
});

test("policies are attached to roles, by id or name, once; they go with either", async () => {
  const RoleId = await makeRole();
  const PolicyId = await makePolicy();
  const other = await makePolicy("other");
  const attached = async () =>
    (await cam.ListAttachedRolePolicies({ RoleId, Page: 1, Rp: 20 })).List?.map(
      (each) => each.PolicyId,
    );
  await cam.AttachRolePolicy({ AttachRoleId: RoleId, PolicyId });
  await cam.AttachRolePolicy({ AttachRoleName: "node", PolicyName: "snapshots" });
  await cam.AttachRolePolicy({ AttachRoleId: RoleId, PolicyId: other });
  expect(await attached()).toEqual([PolicyId, other]);
  await cam.DetachRolePolicy({ DetachRoleId: RoleId, PolicyId: other });
  expect(await attached()).toEqual([PolicyId]);
  await cam.DeletePolicy({ PolicyId: [PolicyId] });
  expect(await attached()).toEqual([]);
  await cam.AttachRolePolicy({ AttachRoleId: RoleId, PolicyId: other });
  await cam.DeleteRole({ RoleId });
  expect(await cloud.admin("GET", "/resources")).toMatchObject({ rolePolicies: [] });
});

test.each<[string, object, string]>([
  ["no JSON", { PolicyDocument: "{" }, "InvalidParameter.PolicyDocumentError"],
  [
    "an old version",
    { PolicyDocument: '{"version":"1.0","statement":[]}' },
    "InvalidParameter.VersionError",
  ],
  [
    "no statement",
    { PolicyDocument: '{"version":"2.0","statement":[]}' },
    "InvalidParameter.StatementError",
  ],
  [
    "an effect",
    { PolicyDocument: permissions({ effect: "Allow" }) },
    "InvalidParameter.EffectError",
  ],
  [
    "no action",
    { PolicyDocument: permissions({ action: undefined }) },
    "InvalidParameter.ActionMiss",
  ],
  [
    "an action without service",
    { PolicyDocument: permissions({ action: ["GetObject"] }) },
    "InvalidParameter.ActionError",
  ],
  [
    "no resource",
    { PolicyDocument: permissions({ resource: undefined }) },
    "InvalidParameter.ResourceError",
  ],
  [
    "a resource that is no name",
    { PolicyDocument: permissions({ resource: ["bucket/*"] }) },
    "InvalidParameter.ResourceContentError",
  ],
  [
    "a principal",
    { PolicyDocument: permissions({ principal: { qcs: ["*"] } }) },
    "InvalidParameter.PrincipalError",
  ],
  [
    "a long document",
    { PolicyDocument: permissions({ action: [`cos:${"A".repeat(6200)}`] }) },
    "InvalidParameter.PolicyDocumentLengthOverLimit",
  ],
  ["a bad name", { PolicyName: "a b" }, "InvalidParameter.PolicyNameError"],
  ["a name in use", { PolicyName: "taken" }, "FailedOperation.PolicyNameInUse"],
  [
    "a long description",
    { Description: "x".repeat(1001) },
    "InvalidParameter.DescriptionLengthOverlimit",
  ],
])("a policy with %s is refused", async (_, fields, code) => {
  await makePolicy("taken");
  const request = { PolicyName: "p", PolicyDocument: permissions(), ...fields };
  expect(await outcome(cam.CreatePolicy(request))).toBe(code);
});

test.each<[string, object, string]>([
  ["no principal", { PolicyDocument: permissions() }, "InvalidParameter.PrincipalError"],
  ["no JSON", { PolicyDocument: "" }, "InvalidParameter.ParamError"],
  ["a bad name", { RoleName: "a/b" }, "InvalidParameter.RoleNameError"],
  ["a name in use", { RoleName: "taken" }, "InvalidParameter.RoleNameInUse"],
  ["too long sessions", { SessionDuration: 43_201 }, "InvalidParameter.ParamError"],
])("a role with %s is refused", async (_, fields, code) => {
  await makeRole("taken");
  expect(await outcome(cam.CreateRole({ RoleName: "r", PolicyDocument: trust, ...fields }))).toBe(
    code,
  );
});

test("what is not there cannot be used", async () => {
  const RoleId = await makeRole();
  expect(await outcome(cam.GetRole({ RoleName: "nobody" }))).toBe("InvalidParameter.RoleNotExist");
  expect(await outcome(cam.GetRole({}))).toBe("InvalidParameter.ParamError");
  expect(await outcome(cam.AttachRolePolicy({ AttachRoleId: RoleId, PolicyId: 1 }))).toBe(
    "InvalidParameter.PolicyIdNotExist",
  );
  expect(await outcome(cam.DescribeRoleList({ Page: 0, Rp: 20 }))).toBe(
    "InvalidParameter.ParamError",
  );
});

test("an instance takes on a role that exists, and only that", async () => {
  const network = await makeNetwork(cloud);
  await expect(makeInstance(cloud, network, { CamRoleName: "node" })).rejects.toMatchObject({
    code: "AuthFailure.CamRoleNameAuthenticateFailed",
  });
  await makeRole();
  const id = await makeInstance(cloud, network, { CamRoleName: "node" });
  const modify = (CamRoleName: string) =>
    outcome(cloud.cvm.ModifyInstancesAttribute({ InstanceIds: [id], CamRoleName }));
  expect(await modify("a b")).toBe("InvalidParameterValue.CamRoleNameMalformed");
  expect(await modify("")).toBe("ok");
});

test("who the account is", async () => {
  expect(await cam.GetUserAppId()).toMatchObject({ Uin: "100000000001", AppId: 1300000001 });
});

describe("callers", () => {
  const reader = { secretId: "AKIDreader", secretKey: "reader-key" };
  let limited: TestCloud;
  beforeAll(async () => {
    limited = await startTestCloud({
      credentials: [
        credential,
        {
          ...reader,
          policy: {
            version: "2.0",
            statement: [
              { effect: "allow", action: ["name/vpc:*", "cvm:Describe*"], resource: "*" },
              { effect: "deny", action: "vpc:Delete*", resource: "*" },
            ],
          },
        },
      ],
    });
  });
  afterAll(() => limited.close());

  const refused = "AuthFailure.UnauthorizedOperation";
  test.each<[string, (clients: Clients) => Promise<unknown>, string]>([
    ["allowed by pattern", (c) => c.cvm.DescribeZones(), "ok"],
    ["not named", (c) => c.cvm.TerminateInstances({ InstanceIds: ["ins-00000000"] }), refused],
    ["another service", (c) => c.cam.GetUserAppId(), refused],
    ["allowed service", (c) => c.vpc.CreateVpc({ VpcName: "v", CidrBlock: "10.0.0.0/16" }), "ok"],
    ["denied within it", (c) => c.vpc.DeleteVpc({ VpcId: "vpc-00000000" }), refused],
    ["unknown action", (c) => c.cvm.request("Brew", {}), "InvalidAction"],
  ])("%s", async (_, call, code) => {
    expect(await outcome(call(clientsFor(limited.cloud.apiPort, reader)))).toBe(code);
  });

  test("whose policy says more than the lab carries out are refused", async () => {
    const policy = {
      version: "2.0" as const,
      statement: [{ effect: "allow", action: "*", resource: ["qcs::cvm:::instance/*"] }],
    };
    const settings = { credentials: [{ ...credential, policy }] } as never;
    await expect(startTestCloud(settings)).rejects.toThrow("resource");
  });
});
