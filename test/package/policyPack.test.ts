import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../../lab/process";
import { Consumer, pack, type Packed } from "./consumer";

jest.setTimeout(10 * 60_000);

const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-policy-"));
const installed = "node_modules/kubernetes-ha-policy";
let packed: Packed;
let foreign: Consumer;

/** A project that has Pulumi, the provider's SDK and the pack. */
const manifest = {
  name: "foreign",
  private: true,
  dependencies: { "@pulumi/pulumi": "^3.244.0", "@pulumi/tencentcloud": "file:sdks/tencentcloud" },
  devDependencies: { "@types/node": "^22", typescript: "^5.0.0" },
};

beforeAll(async () => {
  packed = await pack("policy", dir);
  foreign = new Consumer(join(dir, "foreign"), "foreign-stack");
  writeFileSync(join(foreign.directory, "package.json"), JSON.stringify(manifest));
  await foreign.install("npm", packed);
  await foreign.init();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const preview = (...args: string[]) => foreign.pulumi("preview", "--policy-pack", ...args);

describe("the policy pack by itself, on a stack that has nothing else of ours", () => {
  test("is one bundle with its sample configuration", () => {
    expect(packed.files.sort()).toEqual([
      "PulumiPolicy.yaml",
      "README.md",
      "dist/index.cjs",
      "index.cjs",
      "package.json",
      "policy-config.example.json",
    ]);
  });

  test("denies a bad stack from where npm has installed it", async () => {
    const { code, stdout } = await preview(installed);
    expect(code).not.toBe(0);
    expect(stdout).toContain("kubernetes-ha@v0.1.0");
    for (const rule of ["quorum-etcd-odd-members", "network-no-open-ports"])
      expect(stdout).toContain(rule);
  });

  test("takes the sample configuration", async () => {
    const { stdout } = await preview(
      ...[installed, "--policy-pack-config", `${installed}/policy-config.example.json`],
    );
    expect(stdout).toMatch(/\[advisory\]\s+data-etcd-own-disk/);
  });

  test("passes a good one from its unpacked tarball", async () => {
    await foreign.configure({
      ...{ etcdMembers: "3", etcdDisk: "CLOUD_HSSD", spread: "true", apiFrom: "10.8.0.0/16" },
    });
    const unpacked = join(foreign.directory, "policy-pack");
    mkdirSync(unpacked);
    await must(["tar", "-xzf", packed.tarball, "--strip-components=1", "-C", unpacked]);
    const { code, stdout } = await preview("policy-pack");
    expect(stdout).not.toContain("[mandatory]");
    expect(stdout).toContain("kubernetes-ha@v0.1.0");
    expect(code).toBe(0);
  });
});
