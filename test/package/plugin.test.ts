import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { must, type RunResult, run } from "../../lab/process";
import resources from "../../toolchain/resources.json";
import { examples } from "../support/examples";
import { startMemoryLab, type MemoryLab } from "../support/memoryLab";
import { pack, stepsOf } from "./consumer";

jest.setTimeout(10 * 60_000);

const checkout = resolve(__dirname, "../..");
const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-plugin-"));
const plugin = join(dir, "plugin");
const program = join(dir, "program");
let lab: MemoryLab;

/** The example of one zone, as a program in YAML has it. */
function programText(): string {
  const { config } = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, Record<string, unknown>>;
  };
  const { name, entry, ...rest } = config["tencentcloud-kubernetes-ha:cluster"] ?? {};
  const { balancers } = entry as { balancers: object };
  const properties = { clusterName: name, entry: { balancers }, ...rest };
  return stringify({
    name: "in-yaml",
    runtime: "yaml",
    packages: { "kubernetes-ha": plugin },
    resources: { prod: { type: "kubernetes-ha:Cluster", properties } },
    outputs: { vpcId: "${prod.vpcId}", addresses: "${prod.addresses}" },
  });
}

const pulumi = (args: string[], cwd = program): Promise<RunResult> =>
  run(["pulumi", ...args, "--non-interactive"], {
    cwd,
    env: lab.environment(),
    netns: lab.identity.operatorNetns,
    timeoutSeconds: 300,
  });

/** The plugin as `pulumi package add` would install it, with the package's tarball and the SDK that can be had here. */
beforeAll(async () => {
  lab = await startMemoryLab({ name: "plugin-test" });
  const { tarball } = await pack(".", dir);
  cpSync(join(checkout, "plugin"), plugin, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  const file = join(plugin, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as { dependencies: object };
  Object.assign(manifest.dependencies, { "tencentcloud-kubernetes-ha": `file:${tarball}` });
  writeFileSync(file, JSON.stringify(manifest));
  // What it names there cannot be downloaded everywhere.
  const project = parse(readFileSync(join(plugin, "PulumiPlugin.yaml"), "utf8")) as object;
  Reflect.deleteProperty(project, "packages");
  writeFileSync(join(plugin, "PulumiPlugin.yaml"), stringify(project));
  cpSync(join(checkout, "node_modules/@pulumi/tencentcloud"), join(plugin, "sdks/tencentcloud"), {
    recursive: true,
  });
  const quiet = ["--no-audit", "--no-fund"];
  await must(["npm", "install", ...quiet], { cwd: plugin });
  await must(["npm", "install", ...quiet, "file:sdks/tencentcloud"], { cwd: plugin });
  mkdirSync(program);
  writeFileSync(join(program, "Pulumi.yaml"), programText());
});
afterAll(async () => {
  await lab.close();
  rmSync(dir, { recursive: true, force: true });
});

describe("the component for programs in any language", () => {
  test("asks for the resources that the components use", () => {
    const { packages } = parse(
      readFileSync(join(checkout, "plugin/PulumiPlugin.yaml"), "utf8"),
    ) as { packages: { tencentcloud: { parameters: string[] } } };
    expect(packages.tencentcloud.parameters.at(-1)?.split(",")).toEqual(resources);
  });

  test("has a schema of which an SDK is generated", async () => {
    const { code, stderr } = await pulumi([
      ...["package", "gen-sdk", plugin, "--language", "nodejs", "--out", join(dir, "sdk")],
    ]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const cluster = readFileSync(join(dir, "sdk/nodejs/cluster.ts"), "utf8");
    for (const name of ["clusterName", "masters", "kubeconfig"]) expect(cluster).toContain(name);
  });

  test("is previewed from a program in YAML", async () => {
    const made = await pulumi(["stack", "init", "yaml"]);
    expect({ code: made.code, stderr: made.stderr }).toMatchObject({ code: 0 });
    const steps = stepsOf(await pulumi(["preview", "--json", "--stack", "yaml"]));
    const types = steps.map(({ newState }) => newState.type);
    expect(types.filter((type) => type.endsWith(":Instance"))).toHaveLength(12);
    expect(types).toContain("kubernetes-ha:index:Cluster");
  });
});
