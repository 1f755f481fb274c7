import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { credentials } from "../../lab/engine";
import { must } from "../../lab/process";
import { deployNode, vpcCidr, zone } from "./support/given";
import { OfflineLab } from "./support/offlineLab";

// One story: a bundle is made, carried to a deploy node that has no way out, and a cluster comes up there with nothing else. Each chapter needs the one before.
jest.setTimeout(30 * 60_000);

const checkout = join(__dirname, "../..");
const lab = new OfflineLab();
let vpcId: string;
let instanceId: string;

/** What people set on a deploy node: their credentials, and the API's name inside a VPC. */
const environment = {
  TENCENTCLOUD_SECRET_ID: credentials.secretId,
  TENCENTCLOUD_SECRET_KEY: credentials.secretKey,
  TENCENTCLOUD_REGION: "ap-guangzhou",
  TENCENTCLOUD_DOMAIN: "internal.tencentcloudapi.com",
  // The lab's API has no certificate for its names.
  TENCENTCLOUD_PROTOCOL: "HTTP",
  PULUMI_CONFIG_PASSPHRASE_FILE: "/root/passphrase",
};

const onProgram = (command: string) =>
  `. /root/environment && cd /opt/kubernetes-ha/current/program && ${command}`;

beforeAll(async () => {
  ({ vpcId, instanceId } = await lab.start());
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.down();
});

test("the deploy node reaches the cloud's API, and nothing outside of its VPC", async () => {
  expect(await lab.dials("vpc.internal.tencentcloudapi.com", 80)).toBe(true);
  // A mirror of the platform's, as other labs have one, and whoever is outside.
  expect(await lab.dials("169.254.0.3", 80)).toBe(false);
  const outside = await lab.serveOutside(8000);
  try {
    expect(await outside.dials()).toBe(false);
  } finally {
    outside.end();
  }
});

test("a bundle is made, signed, and carried there", async () => {
  const bundle = join(lab.luggage, "bundle.tar");
  await must(
    [
      ...[process.execPath, "--import", "tsx", "operations/bundle.ts"],
      ...["--out", bundle, "--sign", lab.key],
    ],
    { cwd: checkout },
  );
  const signers = join(lab.luggage, "signers");
  writeFileSync(signers, `kubernetes-ha-bundle ${readFileSync(`${lab.key}.pub`, "utf8")}`);
  await lab.carry(bundle, `${bundle}.sha256`, signers);
  await lab.mustOnNode("cd /home/deployer && sha256sum --check bundle.tar.sha256");
});

test("bundle install sets the deploy node up, and up again", async () => {
  const install = "cd /home/deployer && tar -xf bundle.tar bundle && ./bundle install bundle.tar";
  const began = performance.now();
  await lab.mustOnNode(`${install} --allowed-signers signers`, { timeoutSeconds: 600 });
  console.log(`bundle install: ${Math.round((performance.now() - began) / 1000)} s`);
  const again = await lab.mustOnNode(`${install} 2>&1`, { timeoutSeconds: 600 });
  expect(again).toContain("is unpacked already");
  expect(await lab.mustOnNode("systemctl is-enabled kubernetes-ha-mirror")).toBe("enabled\n");
});

test("pulumi up on it makes a cluster beside it, with nothing else", async () => {
  const settings = parse(await lab.mustOnNode("/home/deployer/bundle settings")) as object;
  const { config } = parse(readFileSync(join(checkout, "Pulumi.lab.yaml"), "utf8")) as {
    config: Record<string, object>;
  };
  const cluster = {
    ...config["tencentcloud-kubernetes-ha:cluster"],
    ...settings,
    network: {
      ...{ vpcCidr, existing: { vpcId } },
      zones: [{ zone, subnetCidr: "10.40.1.0/24" }],
    },
    bastion: {
      ...{ instanceType: "S5.SMALL1", publicAddress: false },
      allowedCidrs: [`${deployNode.address}/32`],
    },
    etcd: { topology: "stacked", disk: { type: "CLOUD_HSSD", sizeGiB: 50 } },
    entry: { kind: "vip", on: "masters" },
    workers: [{ pool: "worker", members: 1, instanceType: "S5.MEDIUM4" }],
  };
  const file = "/opt/kubernetes-ha/current/program/Pulumi.prod.yaml";
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${value}`);
  await lab.mustOnNode("cat >/root/environment", { input: `${exports.join("\n")}\n` });
  await lab.mustOnNode("umask 077 && head -c 24 /dev/urandom | base64 >/root/passphrase");
  await lab.mustOnNode(onProgram("pulumi stack init prod"));
  const text = { config: { "tencentcloud-kubernetes-ha:cluster": cluster } };
  await lab.mustOnNode(`cat >>${file}`, { input: stringify(text) });
  await lab.mustOnNode(onProgram("npm run --silent preflight -- --stack prod"));
  const up = "pulumi up --stack prod --yes --skip-preview --policy-pack policy --parallel 64";
  const began = performance.now();
  await lab.mustOnNode(onProgram(`${up} --non-interactive --suppress-progress`), {
    timeoutSeconds: 1200,
  });
  console.log(`pulumi up on the deploy node: ${Math.round((performance.now() - began) / 1000)} s`);
  const status = "npm run --silent status -- --stack prod --wait --timeout 300";
  await lab.mustOnNode(onProgram(status), { timeoutSeconds: 400 });
});

test("every node is Ready, and had all it has from the deploy node's mirror", async () => {
  const nodes = await lab.mustOnNode(
    onProgram("npm run --silent kubectl -- --stack prod get nodes --no-headers"),
  );
  const states = nodes
    .trim()
    .split("\n")
    .map((line) => line.split(/\s+/).slice(0, 2).join(" "));
  expect(states).toEqual([
    ...["lab-master-1 Ready", "lab-master-2 Ready", "lab-master-3 Ready", "lab-worker-1 Ready"],
  ]);
  const requests = await lab.mustOnNode("cat /var/log/kubernetes-ha-mirror/requests");
  for (const host of ["10.40.1.64", "10.40.1.65", "10.40.1.66", "10.40.1.128"]) {
    const own = requests.split("\n").filter((line) => line.startsWith(host));
    const asked = (path: RegExp): boolean => own.some((line) => path.test(line));
    expect([host, asked(/GET \/artifacts\/.*\/kubelet /), asked(/GET \/apt\/.*\.deb/)]).toEqual([
      ...[host, true, true],
    ]);
    expect(asked(/GET \/v2\/kubernetes-ha\/[a-z-]+\/blobs\//)).toBe(true);
  }
});

test("a second up changes nothing", async () => {
  await lab.mustOnNode(
    onProgram("pulumi preview --stack prod --expect-no-changes --non-interactive"),
    { timeoutSeconds: 300 },
  );
});

test("destroy takes the cluster, and leaves what was there before", async () => {
  const destroy = "pulumi destroy --stack prod --yes --skip-preview --ignore-protect --parallel 16";
  await lab.mustOnNode(onProgram(`${destroy} --non-interactive --suppress-progress`), {
    timeoutSeconds: 600,
  });
  const left = JSON.parse(await lab.asOperator("test/offline/support/left.ts")) as unknown;
  expect(left).toEqual({
    vpcs: [vpcId],
    subnets: ["deploy"],
    instances: [instanceId],
    groups: ["deploy"],
  });
});
