import {
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Toolchain } from "../../../toolchain";
import { groupNames, groupOf, type GroupName, kubernetesPlugin } from "../../../toolchain/groups";
import type { Obtained } from "../../../toolchain/obtain";
import { execute } from "../../../toolchain/execute";
import { parallel } from "../../../toolchain/progress";

let cache: string;
const before = process.env["KUBERNETES_HA_CACHE"];

beforeEach(() => {
  cache = realpathSync(mkdtempSync(join(tmpdir(), "kha-cache-")));
  process.env["KUBERNETES_HA_CACHE"] = cache;
});

afterEach(() => {
  if (before === undefined) delete process.env["KUBERNETES_HA_CACHE"];
  else process.env["KUBERNETES_HA_CACHE"] = before;
  rmSync(cache, { recursive: true });
});

function obtained(name: GroupName, source: "built" | "official" = "built", key = "k"): Obtained {
  const group = groupOf(name);
  const directory = join(cache, "toolchain", name, key);
  mkdirSync(directory, { recursive: true });
  for (const program of Object.values(group.programs))
    writeFileSync(join(directory, program), name);
  return { group, key, directory, origin: { source, version: group.version } };
}

const toolchain = (...all: Obtained[]): Toolchain =>
  new Toolchain(new Map(all.map((each) => [each.group.name, each])));

test("plugins lie where the engine and the bridge look before they download", () => {
  const env = toolchain(...groupNames.map((name) => obtained(name))).env();
  for (const path of [
    "plugins/resource-terraform-provider-v1.1.3/pulumi-resource-terraform-provider",
    "plugins/resource-command-v1.2.1/pulumi-resource-command",
    "dynamic_tf_plugins/registry.opentofu.org/tencentcloudstack/tencentcloud/1.81.90/linux_amd64/terraform-provider-tencentcloud_v1.81.90",
  ])
    expect(readlinkSync(join(env["PULUMI_HOME"] as string, path))).toContain(
      join(cache, "toolchain"),
    );
  const engine = (env["PATH"] as string).split(":")[0] as string;
  for (const program of ["pulumi", "pulumi-language-nodejs"])
    expect(statSync(join(engine, program)).isFile()).toBe(true);
  expect(env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"]).toBe("true");
});

test("a plugin that few need lies beside those that all do, in a PULUMI_HOME of its own", () => {
  const chain = toolchain(...groupNames.map((name) => obtained(name)));
  const plugin = {
    ...{
      group: kubernetesPlugin,
      key: "k",
      directory: join(cache, "toolchain/kubernetes-plugin/k"),
    },
    origin: { source: "built" as const, version: "4.25.0" },
  };
  const home = chain.env([plugin])["PULUMI_HOME"] as string;
  const path = "plugins/resource-kubernetes-v4.25.0/pulumi-resource-kubernetes";
  expect(readlinkSync(join(home, path))).toBe(join(plugin.directory, "pulumi-resource-kubernetes"));
  expect(
    readlinkSync(join(home, "plugins/resource-command-v1.2.1/pulumi-resource-command")),
  ).toContain("toolchain/command");
  expect(chain.env()["PULUMI_HOME"]).not.toBe(home);
});

test("the engine keeps no logs of its runs, and those it kept go", () => {
  const chain = toolchain(...groupNames.map((name) => obtained(name)));
  const logs = join(chain.env()["PULUMI_HOME"] as string, "logs");
  expect(statSync(logs).isFile()).toBe(true);
  rmSync(logs);
  mkdirSync(logs);
  writeFileSync(join(logs, "lab-20261121T000000.log"), "what a run said");
  chain.env();
  expect(statSync(logs).isFile()).toBe(true);
});

test("another stand-in gets another PULUMI_HOME, and official plugins may be downloaded", () => {
  const all = (key: string): Toolchain =>
    toolchain(
      obtained("pulumi"),
      obtained("language-nodejs"),
      obtained("language-yaml"),
      ...(["bridge", "provider"] as const).map((name) => obtained(name, "official")),
      obtained("command", "official", key),
    );
  const [one, two] = [all("one").env(), all("two").env()];
  expect(one["PULUMI_HOME"]).not.toBe(two["PULUMI_HOME"]);
  expect(one["PATH"]).toBe(two["PATH"]);
  expect(one["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"]).toBeUndefined();
});

test("a tool that was not asked for is named", () => {
  const tools = toolchain(obtained("kubernetes"), obtained("etcd"));
  expect(tools.binary("etcdctl")).toBe(join(cache, "toolchain/etcd/k/etcdctl"));
  expect(Object.keys(tools.binaries)).toContain("kube-proxy");
  expect(tools.origins.etcd).toEqual({ source: "built", version: groupOf("etcd").version });
  expect(() => tools.binary("crane")).toThrow(/asked for kubernetes, etcd only: add "crane"/);
});

test("a failed step names its exit, the end of its log, the log and what to do", async () => {
  const log = join(cache, "logs", "step.log");
  const failed = execute("building it", ["sh", "-c", "echo first; echo why >&2; exit 3"], {
    log,
    remedy: "do this",
  });
  await expect(failed).rejects.toThrow(
    `building it failed: exit code 3\n  first\n  why\nlog: ${log}\nwhat to do: do this`,
  );
  await expect(execute("x", ["no-such-program"], { log, remedy: "y" })).rejects.toThrow(/ENOENT/);
});

test("at most so many at a time, and no new one after a failure", async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const work = async (item: number): Promise<void> => {
    seen.push(item);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    if (item === 3) throw new Error("third");
  };
  await expect(parallel([1, 2, 3, 4, 5, 6, 7, 8], 2, work)).rejects.toThrow("third");
  expect(most).toBe(2);
  expect(seen.length).toBeLessThan(8);
});
