import { HaCluster } from "../../../components/cluster";
import { minimalConfig } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const mockProvider = { version: "1.83.25" };
jest.mock(
  "@pulumi/tencentcloud/package.json",
  () => ({ pulumi: { parameterization: mockProvider } }),
  { virtual: true },
);

async function made(snapshots: object): Promise<Registered[]> {
  const registered = await record();
  const minimal = minimalConfig();
  const config = { ...minimal, etcd: { ...minimal.etcd, snapshots } };
  new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

const store = { cos: { bucket: "backups-1250000000" } };
const instances = (registered: Registered[]) =>
  registered.filter(({ type }) => type === "tencentcloud:index/instance:Instance");
const ofType = (registered: Registered[], type: string) =>
  registered.filter((each) => each.type === `tencentcloud:index/${type}`);

test("with a bucket members of etcd, and no other host, have a role that puts objects below the cluster's prefix", async () => {
  const registered = await made(store);
  const withRole = instances(registered).filter(({ inputs }) => inputs.camRoleName !== undefined);
  expect(withRole.map(({ name, inputs }) => `${name} ${String(inputs.camRoleName)}`)).toEqual(
    [1, 2, 3].map((key) => `prod-etcd-${key} prod-etcd-snapshots`),
  );
  const [role] = ofType(registered, "camRole:CamRole");
  expect(JSON.parse(String(role?.inputs.document))).toMatchObject({
    statement: [{ principal: { service: ["cvm.qcloud.com"] } }],
  });
  const [policy] = ofType(registered, "camPolicy:CamPolicy");
  expect(JSON.parse(String(policy?.inputs.document))).toEqual({
    version: "2.0",
    statement: [
      {
        action: ["name/cos:PutObject"],
        effect: "allow",
        resource: ["qcs::cos:ap-guangzhou:uid/1250000000:backups-1250000000/prod/*"],
      },
    ],
  });
  expect(ofType(registered, "camRolePolicyAttachment:CamRolePolicyAttachment")).toHaveLength(1);
});

test("without one there is no role, and snapshots stay where they are", async () => {
  const registered = await made({});
  expect(registered.filter(({ type }) => type.includes("cam"))).toEqual([]);
  expect(instances(registered).filter(({ inputs }) => "camRoleName" in inputs)).toEqual([]);
  const step = registered.find(({ name }) => name === "prod-etcd-1-upkeep");
  const { files } = JSON.parse((step?.inputs as unknown as CommandInputs).stdin) as {
    files: { path: string; content: string }[];
  };
  const conf = files.find(({ path }) => path.endsWith("etcd-snapshot.conf"))?.content;
  expect(conf).toContain("STORE_URL=\n");
});

test.each([
  ["1.83.25", false],
  ["1.81.90", true],
])(
  "provider %s replaces a living host for another role: %s, which is seen to",
  async (version, kept) => {
    mockProvider.version = version;
    const [instance] = instances(await made(store));
    expect((instance?.options.ignoreChanges ?? []).includes("camRoleName")).toBe(kept);
  },
);
