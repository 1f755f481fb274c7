import bcrypt from "bcryptjs";
import { X509Certificate } from "node:crypto";
import { HaCluster } from "../../../components/cluster";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { minimalConfig } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const registry: ClusterConfigInput["registry"] = {
  ...{ kind: "distribution", members: 2, instanceType: "S5.MEDIUM2" },
  cos: { bucket: "images-1250000000" },
};

let registered: Registered[];
let without: Registered[];
let password: string;
beforeAll(async () => {
  const made = async (more: Partial<ClusterConfigInput>) => {
    const all = await record();
    const config = { ...minimalConfig(), ...more };
    const cluster = new HaCluster(config.name, { config });
    await settled(all);
    return { all, cluster };
  };
  without = (await made({})).all;
  const { all, cluster } = await made({ registry });
  registered = all;
  password = await new Promise((resolve) => cluster.registry?.password.apply(resolve));
});

const command = "command:remote:Command";
const count = (all: Registered[], type: string) => all.filter((each) => each.type === type).length;
const more = (type: string) => count(registered, type) - count(without, type);
const named = (name: string) => {
  const found = registered.find((each) => each.name === name && each.type === command);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found.inputs as unknown as CommandInputs;
};
const filesOf = (name: string) =>
  new Map(
    (
      JSON.parse(named(name).stdin) as {
        files: { path: string; content: string; mode?: string }[];
      }
    ).files.map((file) => [file.path, file]),
  );

test("makes exactly what a registry takes", () => {
  expect(more("tencentcloud:index/instance:Instance")).toBe(2);
  expect(more("tencentcloud:index/placementGroup:PlacementGroup")).toBe(1);
  expect(more("tencentcloud:index/securityGroup:SecurityGroup")).toBe(1);
  expect(more("tencentcloud:index/camRole:CamRole")).toBe(1);
  expect(more("tencentcloud:index/camPolicy:CamPolicy")).toBe(1);
  expect(more("tencentcloud:index/camRolePolicyAttachment:CamRolePolicyAttachment")).toBe(1);
  expect(more("tencentcloud:index/cbsStorage:CbsStorage")).toBe(0);
  // Prepared, and its programs started. Nobody has to be told that one leaves.
  expect(more(command)).toBe(4);
  expect(more("kubernetes-ha:index:Registry")).toBe(1);
  expect(registered).toHaveLength(without.length + 20);
});

test("its hosts, and no others, have the role that reaches images, and nothing protects them", () => {
  const withRole = registered.filter(({ inputs }) => inputs["camRoleName"] !== undefined);
  expect(withRole.map(({ name, inputs }) => [name, inputs["camRoleName"]])).toEqual([
    ["prod-registry-1", "prod-registry"],
    ["prod-registry-2", "prod-registry"],
  ]);
  expect(withRole.every(({ options }) => !options.protect)).toBe(true);
  const policy = registered.find(({ type }) => type.endsWith("camPolicy:CamPolicy"));
  const { statement } = JSON.parse(String(policy?.inputs["document"])) as {
    statement: { action: string[]; resource: string[] }[];
  };
  expect(statement.map(({ resource }) => resource)).toEqual([
    ["qcs::cos:ap-guangzhou:uid/1250000000:images-1250000000/prod-registry/*"],
  ]);
  expect(statement[0]?.action).toContain("name/cos:GetObject");
  expect(statement[0]?.action).not.toContain("name/cos:*");
});

test("all hosts have one secret and one list of who pushes; the password itself is on none", () => {
  const [one, other] = ["1", "2"].map((key) => filesOf(`prod-registry-${key}-registry`));
  for (const path of ["secret.env", "users"]) {
    const file = one?.get(`/etc/kubernetes-ha/registry/${path}`);
    expect(file).toEqual(other?.get(`/etc/kubernetes-ha/registry/${path}`));
    expect(file?.mode).toBe("0600");
  }
  expect(one?.get("/etc/kubernetes-ha/registry/secret.env")?.content).toMatch(
    /^REGISTRY_HTTP_SECRET=[0-9a-f]{64}\n$/,
  );
  const users = one?.get("/etc/kubernetes-ha/registry/users")?.content ?? "";
  expect(bcrypt.compareSync(password, users.trim().replace("push:", ""))).toBe(true);
  expect(JSON.stringify(registered.filter(({ type }) => type === command))).not.toContain(password);
});

test("what is secret is in no trigger, which reviewers read", () => {
  const { triggers } = named("prod-registry-1-registry");
  expect(JSON.stringify(triggers)).not.toMatch(/REGISTRY_HTTP_SECRET=|\$2b\$/);
  expect(JSON.stringify(triggers)).toContain("forcepathstyle: false");
});

test("HAProxy's certificate is for its name", () => {
  const { content = "" } =
    filesOf("prod-balancer-1-balancer").get("/etc/haproxy/frontends.pem") ?? {};
  expect(new X509Certificate(content).checkHost("registry.prod.internal")).toBe(
    "registry.prod.internal",
  );
});
