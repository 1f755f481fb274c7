import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import { Consumer, pack, type Packed, resolutions, type Resolution, stepsOf } from "./consumer";

jest.setTimeout(10 * 60_000);

const dir = mkdtempSync(join(tmpdir(), "kubernetes-ha-package-"));
let lab: MemoryLab;
let packed: Packed;
let consumer: Consumer;

beforeAll(async () => {
  lab = await startMemoryLab({ name: "package-test" });
  packed = await pack(".", dir);
  consumer = new Consumer(join(dir, "npm"), "own-stack", {
    env: lab.environment(),
    netns: lab.identity.operatorNetns,
  });
  await consumer.install("npm", packed);
  await consumer.init();
});
afterAll(async () => {
  await lab.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Commands of the package's own programs in a preview, by the resource's name. */
function ownPrograms(steps: ReturnType<typeof stepsOf>): string[] {
  const local = steps.filter(({ newState }) => newState.type === "command:local:Command");
  const commands = local.map(({ newState }) => String(newState.inputs?.["create"]));
  // What stands for a setting, or for how far a key is, runs none.
  return [...new Set(commands.filter((each) => each.startsWith("node ")))].sort();
}

const byName = [
  "node node_modules/tencentcloud-kubernetes-ha/dist/pki/main.js",
  "node node_modules/tencentcloud-kubernetes-ha/dist/preflight/command.js --new",
];

describe("the package in a stack of somebody else's", () => {
  test("has JavaScript, declarations and the hosts' scripts, and nothing else", () => {
    const kinds = /^dist\/(.*\.(js|d\.ts)|scripts\/[\w-]+\.(sh|py))$/;
    expect(packed.files.filter((file) => !kinds.test(file)).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "components/README.md",
      "package.json",
    ]);
    expect(packed.files).toContain("dist/scripts/run-step.sh");
    expect(packed.unpackedKiB).toBeLessThan(1536);
  });

  test.each(Object.keys(resolutions) as Resolution[])(
    "compiles in %s resolution, declarations included",
    async (resolution) => expect(await consumer.compile(resolution)).toEqual([]),
  );

  test("previews under the default runtime", async () => {
    const steps = stepsOf(await consumer.pulumi("preview", "--json"));
    expect(steps.length).toBeGreaterThan(80);
    expect(ownPrograms(steps)).toEqual(byName);
  });

  test("ups, its own programs included, and then has nothing to change", async () => {
    const { code, stdout } = await consumer.pulumi("up", "--yes", "--skip-preview");
    expect({ code, end: code === 0 ? "" : stdout.slice(-3000) }).toEqual({ code: 0, end: "" });
    const again = await consumer.pulumi("preview", "--expect-no-changes");
    expect({ code: again.code, end: again.code === 0 ? "" : again.stdout }).toEqual({
      code: 0,
      end: "",
    });
    const outputs = await consumer.pulumi("stack", "output", "--json");
    expect(JSON.parse(outputs.stdout)).toMatchObject({
      runnerAddress: expect.stringMatching(/^10\.40\./) as string,
      hosts: 9,
      kubeconfig: "[secret]",
    });
  });

  test("previews when pnpm has installed it, and its programs run there", async () => {
    const other = new Consumer(join(dir, "pnpm"), "own-stack");
    await other.install("pnpm", packed);
    await other.init();
    expect(ownPrograms(stepsOf(await other.pulumi("preview", "--json")))).toEqual(byName);
    const made = await other.shell(
      byName[0] ?? "",
      JSON.stringify({ make: "authorities", days: 1 }),
    );
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: "" });
    expect(Object.keys(JSON.parse(made.stdout) as object)).toContain("kubernetes");
  });
});
