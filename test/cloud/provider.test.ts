import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ensureToolchain } from "../../toolchain";
import resources from "../../toolchain/resources.json";
import { credential, domain, startTestCloud, type TestCloud } from "./support/cloud";
import { region } from "./support/cos";
import { startTlsFront, type TlsFront } from "./support/tlsFront";

/** Longest a run of the engine may take, in ms. */
const runTimeoutMs = 180_000;
jest.setTimeout(15 * 60_000);

const checkout = path.resolve(__dirname, "../..");
let dir: string;
let cloud: TestCloud;
let front: TlsFront;
let environment: Record<string, string>;

beforeAll(async () => {
  const toolchain = await ensureToolchain({
    need: ["pulumi", "bridge", "provider", "language-nodejs", "command", "sdk"],
  });
  dir = mkdtempSync(path.join(tmpdir(), "kha-provider-"));
  cpSync(path.join(__dirname, "program"), dir, { recursive: true });
  symlinkSync(path.join(checkout, "node_modules"), path.join(dir, "node_modules"));
  mkdirSync(path.join(dir, "state"));
  cloud = await startTestCloud({ rateLimits: {} });
  front = await startTlsFront(region, cloud.cloud.apiPort);
  environment = {
    ...toolchain.env(),
    HOME: dir,
    PULUMI_BACKEND_URL: `file://${path.join(dir, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    TENCENTCLOUD_SECRET_ID: credential.secretId,
    TENCENTCLOUD_SECRET_KEY: credential.secretKey,
    TENCENTCLOUD_REGION: region,
    TENCENTCLOUD_PROTOCOL: "HTTP",
    TENCENTCLOUD_DOMAIN: domain,
    HTTP_PROXY: `http://127.0.0.1:${cloud.cloud.apiPort}`,
    // Where the provider has no setting for the object storage's address, and where it has one.
    HTTPS_PROXY: `http://127.0.0.1:${front.port}`,
    SSL_CERT_FILE: front.certificate,
    TENCENTCLOUD_COS_DOMAIN: `http://cos.${region}.${domain}`,
    NO_PROXY: "localhost,127.0.0.1",
  };
  await pulumi("stack", "init", "test");
  await pulumi("config", "set", "members", "3");
});

afterAll(async () => {
  await front.close();
  await cloud.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs the real engine. @throws Error with its output when it fails or takes too long. */
function pulumi(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", [...args, "--non-interactive"], { cwd: dir, env: environment });
    let output = "";
    const add = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    const timer = setTimeout(() => child.kill("SIGKILL"), runTimeoutMs);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) {
        resolve(output);
      } else {
        reject(new Error(`pulumi ${args.join(" ")} ended with ${String(code)}:\n${output}`));
      }
    });
  });
}

/** Data sources: read, not made. */
const read = ["images", "instance_types", "availability_zones_by_product", "user_info"];
/** Resources, as far as the provider at hand has them: the list is for all versions. */
const managed = (): string[] =>
  resources
    .filter((each) => !read.includes(each.replace("tencentcloud_", "")))
    .filter((each) => existsSync(path.join(checkout, sdk, `${moduleOf(each)}.js`)));
const sdk = "node_modules/@pulumi/tencentcloud/bin";
const moduleOf = (type: string): string =>
  type.replace("tencentcloud_", "").replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
/** Bindings: every change of one is a replacement. */
const fixed = [
  "tencentcloud_cbs_storage_attachment",
  "tencentcloud_ha_vip_eip_attachment",
  "tencentcloud_ha_vip_instance_attachment",
  "tencentcloud_eip_association",
  "tencentcloud_cam_role_policy_attachment",
  "tencentcloud_clb_target_group_attachment",
];

/** What a preview would do to each type of resource of the provider; the most that it does to one of the type. */
async function planned(): Promise<Record<string, string>> {
  const preview = JSON.parse(await pulumi("preview", "--json", "--show-sames")) as {
    steps: { op: string; urn: string }[];
  };
  const operations: Record<string, string> = {};
  for (const { op, urn } of preview.steps) {
    const token = /::tencentcloud:index\/(\w+):/.exec(urn)?.[1];
    if (token !== undefined) {
      const type = `tencentcloud_${token.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
      operations[type] = op === "same" ? (operations[type] ?? op) : op;
    }
  }
  return operations;
}

const up = (...more: string[]): Promise<string> => pulumi("up", "--yes", "--skip-preview", ...more);

test("the real provider makes each resource, finds no drift, changes it in place, nothing twice, and leaves nothing", async () => {
  await up();
  const placement = (await cloud.admin("GET", "/placement")) as {
    name: string;
    group?: string;
    physicalHost: string;
  }[];
  const members = placement.filter((each) => each.group === "group");
  expect(new Set(members.map((each) => each.physicalHost)).size).toBe(3);
  expect(cloud.world.desired.hosts).toHaveLength(4);

  await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  await up("--expect-no-changes");

  const { LoadBalancerSet } = await cloud.clb.DescribeLoadBalancers({ LoadBalancerName: "api" });
  const LoadBalancerId = LoadBalancerSet?.[0]?.LoadBalancerId as string;
  const weights = async (): Promise<unknown[] | undefined> =>
    (await cloud.clb.DescribeTargets({ LoadBalancerId })).Listeners?.flatMap((listener) =>
      listener.Targets?.map((each) => [each.Port, each.Weight]),
    );
  // Three instances, and one address of a target group.
  expect(await weights()).toEqual([1, 2, 3, 4].map(() => [6443, 10]));

  await pulumi("config", "set", "revised", "true");
  const expected = managed().map((type) => [type, fixed.includes(type) ? "same" : "update"]);
  expect(await planned()).toEqual(Object.fromEntries(expected));
  await up();
  expect(await weights()).toEqual([1, 2, 3, 4].map(() => [6443, 20]));
  await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  await up("--expect-no-changes");

  await cloud.admin("POST", "/hosts/2/kill");
  await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  await cloud.admin("POST", "/hosts/2/start");

  await pulumi("config", "set", "members", "4");
  await expect(up()).rejects.toThrow("ResourceInsufficient.DisasterRecoverGroupCvmQuota");
  await pulumi("config", "set", "members", "3");
  await up();
  await up("--expect-no-changes");

  await pulumi("destroy", "--yes", "--skip-preview");
  const left = (await cloud.admin("GET", "/resources")) as Record<string, string[]>;
  expect(Object.values(left).flat()).toEqual([]);
});
