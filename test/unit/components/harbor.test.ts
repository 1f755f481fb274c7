import bcrypt from "bcryptjs";
import { createPrivateKey } from "node:crypto";
import { HaCluster } from "../../../components/cluster";
import type { ClusterConfigInput } from "../../../components/plan/config";
import { minimalConfig } from "../plan/fixture";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const registry: ClusterConfigInput["registry"] = {
  ...{ kind: "harbor", members: 2, instanceType: "S5.MEDIUM4" },
  cos: { bucket: "images-1250000000" },
  ...{ database: { host: "10.0.9.5" }, redis: { host: "10.0.9.6" } },
};
const registryPasswords = { database: "given-to-the-database", redis: "given-to-redis" };

let registered: Registered[];
let without: Registered[];
let cluster: HaCluster;
let password: string;
beforeAll(async () => {
  const plain = await record();
  new HaCluster("prod", { config: minimalConfig() });
  await settled(plain);
  without = plain;
  registered = await record();
  const config = { ...minimalConfig(), registry };
  cluster = new HaCluster("prod", { config, registryPasswords });
  await settled(registered);
  password = await new Promise((resolve) => cluster.registry?.password.apply(resolve));
});

const [remote, local] = ["command:remote:Command", "command:local:Command"];
const count = (all: Registered[], type: string) => all.filter((each) => each.type === type).length;
const more = (type: string) => count(registered, type) - count(without, type);
const stepOf = (key: string) => {
  const name = `prod-registry-${key}-registry`;
  const found = registered.find((each) => each.name === name && each.type === remote);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
};
const inputsOf = (key: string) => stepOf(key).inputs as unknown as CommandInputs;
interface Sent {
  params: Record<string, unknown>;
  files: { path: string; content: string; mode?: string }[];
}
const sentTo = (key: string) => JSON.parse(inputsOf(key).stdin) as Sent;
const filesOf = (key: string) => new Map(sentTo(key).files.map((file) => [file.path, file]));
const contentOf = (path: string) => filesOf("1").get(`/etc/kubernetes-ha/${path}`)?.content ?? "";

test("makes exactly what a Harbor takes", () => {
  expect(more("tencentcloud:index/instance:Instance")).toBe(2);
  expect(more("tencentcloud:index/placementGroup:PlacementGroup")).toBe(1);
  expect(more("tencentcloud:index/camRole:CamRole")).toBe(1);
  expect(more("tencentcloud:index/cbsStorage:CbsStorage")).toBe(0);
  expect(more(remote)).toBe(4);
  // The key that tokens are signed with, and what the registry has been brought to.
  expect(more(local)).toBe(2);
  expect(more("kubernetes-ha:index:Registry")).toBe(1);
});

test("one host after the other", () => {
  expect(stepOf("2").options.dependencies).toContain("prod-registry-1-registry");
  expect(stepOf("1").options.dependencies).not.toContain("prod-registry-2-registry");
  expect(inputsOf("1").create).toContain('run-step.sh" harbor ');
});

test("a step knows where the database and Redis are, and the releases for which it runs again", () => {
  expect(sentTo("1").params).toMatchObject({
    ...{ RELEASE: "v2.15.2", STORAGE_RELEASE: "v3.1.2", KUBERNETES_RELEASE: "v1.36.3" },
    ...{ DATABASE: "10.0.9.5 5432", REDIS: "10.0.9.6 6379", ADDRESS: "10.0.0.58", PORT: 5000 },
    CHECKS: ["/api/v2.0/ping", "/kubernetes-ha/storage"],
  });
});

const secretPaths = [
  ...["registry/secret.env", "registry/users", "harbor/core/secret.env"],
  ...["harbor/jobservice/secret.env", "harbor/core/key", "harbor/core/private_key.pem"],
].map((path) => `/etc/kubernetes-ha/${path}`);

test("all hosts have the same secrets, in files of root's: what one gives out the others take", () => {
  for (const path of secretPaths) {
    const file = filesOf("1").get(path);
    expect(file?.content).toMatch(/\S/);
    expect(file?.mode).toBe("0600");
    expect(filesOf("2").get(path)).toEqual(file);
  }
  const modes = [...filesOf("1").values()].filter(({ mode }) => mode === "0600");
  expect(modes.map(({ path }) => path).sort()).toEqual([...secretPaths].sort());
});

test("secrets are as Harbor wants them: an RSA key, keys of 32 characters, one password for both ends", () => {
  const pem = contentOf("harbor/core/private_key.pem");
  // As PKCS #1: core reads PKCS #8 when it starts, and fails at each token.
  expect(pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  const key = createPrivateKey(pem);
  expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength]).toEqual(["rsa", 3072]);
  expect(contentOf("harbor/core/key")).toMatch(/^[0-9a-f]{32}$/);
  const [core, jobservice] = ["core", "jobservice"].map((each) =>
    contentOf(`harbor/${each}/secret.env`),
  );
  expect(core).toMatch(/^CSRF_KEY='[0-9a-f]{32}'$/m);
  const valueOf = (text: string | undefined, name: string) =>
    new RegExp(`^${name}='(.*)'$`, "m").exec(text ?? "")?.[1] ?? "";
  for (const name of ["CORE_SECRET", "JOBSERVICE_SECRET", "REGISTRY_CREDENTIAL_PASSWORD"])
    expect(valueOf(core, name)).toBe(valueOf(jobservice, name));
  const users = contentOf("registry/users").trim().replace("harbor_registry_user:", "");
  expect(bcrypt.compareSync(valueOf(core, "REGISTRY_CREDENTIAL_PASSWORD"), users)).toBe(true);
  expect(valueOf(core, "POSTGRESQL_PASSWORD")).toBe(registryPasswords.database);
  const all = ["CORE_SECRET", "JOBSERVICE_SECRET", "CSRF_KEY", "HARBOR_ADMIN_PASSWORD"];
  expect(new Set(all.map((name) => valueOf(core, name).slice(0, 16))).size).toBe(all.length);
});

test("the administrator's first password is an output, and nothing secret is in a trigger", () => {
  expect(cluster.registry).toMatchObject({
    ...{ name: "registry.prod.internal", pushName: "registry.prod.internal", username: "admin" },
  });
  expect(contentOf("harbor/core/secret.env")).toContain(`HARBOR_ADMIN_PASSWORD='${password}'`);
  const { triggers, create } = inputsOf("1");
  const plain = JSON.stringify([triggers, create]);
  for (const secret of [password, ...Object.values(registryPasswords), "PRIVATE KEY", "$2b$"])
    expect(plain).not.toContain(secret);
  expect(plain).toContain("POSTGRESQL_HOST");
  expect(stepOf("1").secretInputs).toContain("stdin");
});

test("the certificate of the cluster's CA is where containers trust it, and where Harbor hands it out", () => {
  const certificate = contentOf("harbor/trusted/cluster.crt");
  expect(certificate).toContain("BEGIN CERTIFICATE");
  expect(contentOf("harbor/core/ca/ca.crt")).toBe(certificate);
  expect(filesOf("1").has("/etc/kubernetes-ha/harbor/trusted/configured.crt")).toBe(true);
});

test("without its passwords nothing is begun", () => {
  const config = { ...minimalConfig(), registry };
  expect(() => new HaCluster("prod", { config })).toThrow(/registryPasswords: is missing/);
  expect(() => new HaCluster("prod", { config: minimalConfig(), registryPasswords })).toThrow(
    /registryPasswords: got passwords, but there is no registry of kind harbor/,
  );
});
