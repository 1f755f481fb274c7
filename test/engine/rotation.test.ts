import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { RotatedKey, RotationPhase } from "../../components/plan/rotation";
import { examples } from "../support/examples";
import { type MemoryLab, startMemoryLab } from "../support/memoryLab";
import type { TestConfig } from "../unit/plan/fixture";

jest.setTimeout(30 * 60_000);

const settingsKey = "tencentcloud-kubernetes-ha:cluster";
let lab: MemoryLab;
beforeAll(async () => {
  lab = await startMemoryLab({ name: "rotation-test" });
  await configure({});
  expect(await lab.engine.up()).toBe(0);
});
afterAll(() => lab.close());

interface At {
  generation: number;
  phase: RotationPhase;
  overlap?: string;
}

/** The example of one zone, small, with its keys at these phases. */
async function configure(rotation: Partial<Record<RotatedKey, At>>): Promise<void> {
  const stack = parse(readFileSync(examples.oneZone, "utf8")) as {
    config: Record<string, TestConfig>;
  };
  const config = stack.config[settingsKey];
  if (config === undefined) throw new Error(`${examples.oneZone} has no ${settingsKey}`);
  for (const pool of config.workers) pool.members = 1;
  config.pki = { rotation };
  const file = join(lab.identity.dir, "wanted.yaml");
  writeFileSync(file, stringify(stack));
  await lab.engine.prepare(file);
}

const all = ({ overlap = "0m", ...at }: At) => ({
  encryptionKey: at,
  serviceAccountKey: { ...at, overlap },
  etcdCa: at,
  frontProxyCa: at,
});

/** Brings the keys to a phase. @returns what changed. */
async function brought(rotation: Partial<Record<RotatedKey, At>>): Promise<string[]> {
  await configure(rotation);
  expect(await lab.engine.up()).toBe(0);
  // Of a replacement the engine tells three times, and components only say what they were given.
  return lab.engine
    .changes()
    .map((change) => [change.split(" ")[0], change.split(" ").at(-1)].join(" "))
    .filter((change) => !/^(create-replacement|delete-replaced) |^update prod(-pki)?$/.test(change))
    .sort();
}

/** An `up` that begins with its preview, as it does for people, and that is refused. @returns why. */
async function refusal(rotation: Partial<Record<RotatedKey, At>>): Promise<string> {
  const before = (await lab.sshLog()).length;
  await configure(rotation);
  const { code, said } = await lab.tryUp();
  expect(code).not.toBe(0);
  expect((await lab.sshLog()).length).toBe(before);
  return said;
}

const masters = ["prod-master-1", "prod-master-2", "prod-master-3"];
const members = ["prod-etcd-1", "prod-etcd-2", "prod-etcd-3"];
const steps = [
  ...masters.map((name) => `replace ${name}-control-plane`),
  ...members.map((name) => `replace ${name}-etcd`),
];
const standing = ["encryptionKey", "serviceAccountKey", "etcdCa", "frontProxyCa"].map(
  (key) => `update prod-rotation-${key}`,
);

const inTurn = [...steps, ...standing].sort();

test("a phase that is skipped is refused in the preview, with the one that comes next", async () => {
  const said = await refusal(all({ generation: 2, phase: "use" }));
  expect(said).toContain(
    "pki.rotation.encryptionKey: got generation 2, phase use, but this cluster is at generation 1, phase retire",
  );
  expect(said).toContain("set it to generation 2, phase trust");
});

test("trust makes the new keys, and reaches masters and members of etcd alone", async () => {
  expect(await brought(all({ generation: 2, phase: "trust" }))).toEqual(
    [
      ...["encryption-key", "service-account-key", "etcd-ca", "front-proxy-ca"].map(
        (key) => `create prod-pki-${key}-2`,
      ),
      ...inTurn,
    ].sort(),
  );
});

test("use and retire make nothing, and reach masters and members of etcd alone; then nothing is left to do", async () => {
  expect(await brought(all({ generation: 2, phase: "use" }))).toEqual(inTurn);
  const early = await refusal(all({ generation: 2, phase: "retire", overlap: "25h" }));
  expect(early).toContain("pki.rotation.serviceAccountKey.overlap is 25h");
  expect(await brought(all({ generation: 2, phase: "retire" }))).toEqual(inTurn);
  expect(await brought(all({ generation: 2, phase: "retire" }))).toEqual([]);
});

test("a generation never goes: snapshots of its days are read with it", async () => {
  expect(await refusal({})).toContain("this cluster is at generation 2, phase retire");
});

describe("the authority of Kubernetes", () => {
  const kept = all({ generation: 2, phase: "retire" });
  const at = (phase: RotationPhase, overlap = "0m") => ({
    ...kept,
    kubernetesCa: { generation: 2, phase, overlap },
  });
  /** What is done with resources other than steps, and which steps are carried out again: those of every host but what members of etcd do as such. */
  async function phase(rotation: Partial<Record<RotatedKey, At>>) {
    const changes = await brought(rotation);
    const step = /^replace prod-.+-\d+-.+$/;
    const steps = changes.filter((change) => step.test(change));
    return {
      steps: [...new Set(steps.map((change) => change.replace(/-\d+-/, "-N-")))].sort(),
      others: changes.filter((change) => /-(pki|rotation)-/.test(change) && !step.test(change)),
    };
  }
  const everywhere = expect.arrayContaining([
    "replace prod-master-N-control-plane",
    expect.stringMatching(/^replace prod-\w+-N-worker$/),
  ]) as string[];

  test("goes phase by phase over all nodes, and has the administrator's certificate made anew with use", async () => {
    expect(await phase(at("trust"))).toEqual({
      steps: everywhere,
      others: ["create prod-pki-kubernetes-ca-2", "update prod-rotation-kubernetesCa"],
    });
    expect(await refusal(at("use", "25h"))).toContain("pki.rotation.kubernetesCa.overlap is 25h");
    const used = await phase(at("use"));
    expect(used).toEqual({
      steps: everywhere,
      others: [
        "create prod-pki-clients-ca-2",
        "delete prod-pki-clients",
        "update prod-rotation-kubernetesCa",
      ],
    });
    expect(used.steps).not.toContain("replace prod-etcd-N-etcd");
    expect(await phase(at("retire"))).toEqual({
      steps: everywhere,
      others: ["update prod-rotation-kubernetesCa"],
    });
    expect(await brought(at("retire"))).toEqual([]);
  });
});
