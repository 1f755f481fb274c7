import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { HaCluster } from "../../../components/cluster";
import type { ClusterConfigInput } from "../../../components/plan/config";
import type { RotationPhase } from "../../../components/plan/rotation";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const file = join(__dirname, "..", "..", "..", "Pulumi.lab.yaml");
const { config } = parse(readFileSync(file, "utf8")) as {
  config: Record<string, ClusterConfigInput>;
};
const lab = config["tencentcloud-kubernetes-ha:cluster"] as ClusterConfigInput;

/** What the program registers with both keys at a phase; without one, as a cluster begins. */
async function registered(generation?: number, phase?: RotationPhase): Promise<Registered[]> {
  const made = await record();
  const rotation = { generation, phase };
  const pki = phase && { rotation: { encryptionKey: rotation, serviceAccountKey: rotation } };
  new HaCluster(lab.name, { config: { ...lab, ...(pki && { pki }) } });
  await settled(made);
  return made;
}

interface Request {
  params: Record<string, unknown>;
  files: { path: string; mode: string; content: string }[];
}

function masterStep(made: Registered[]) {
  const found = made.find(({ name }) => name === "lab-master-1-control-plane");
  const inputs = found?.inputs as CommandInputs | undefined;
  const { params, files } = JSON.parse(inputs?.stdin ?? "{}") as Request;
  const of = (path: string) => files.find((each) => each.path === `/etc/kubernetes/${path}`);
  return {
    params,
    text: (path: string) => of(path)?.content,
    mode: (path: string) => of(path)?.mode,
  };
}

/** What a master is given of keys, by name. */
function keysOf(made: Registered[]) {
  const { text } = masterStep(made);
  const { resources } = parse(text("encryption/config.yaml") ?? "") as {
    resources: [{ providers: [{ secretbox: { keys: { name: string; secret: string }[] } }] }];
  };
  const [{ secretbox }] = resources[0].providers;
  return {
    encryption: secretbox.keys.map(({ name }) => name),
    secrets: new Set(secretbox.keys.map(({ secret }) => secret)).size,
    signs: text("pki/sa.key"),
    accepted: text("pki/sa.pub"),
  };
}

const own = (made: Registered[]) =>
  made
    .filter(({ name }) => /^lab-pki-(encryption|service-account)-key-/.test(name))
    .map(({ name, options }) => ({ name, protect: options.protect }));
const patches = (made: Registered[]) => {
  const { text } = masterStep(made);
  return ["kube-apiserver+json.yaml", "kube-controller-manager+strategic.yaml"].map((patch) =>
    text(`patches/${patch}`),
  );
};

let never: Registered[];
const at = new Map<RotationPhase, Registered[]>();
const phase = (of: RotationPhase) => at.get(of) ?? [];
beforeAll(async () => {
  never = await registered();
  for (const each of ["trust", "use", "retire"] as const) at.set(each, await registered(2, each));
});

const [key1, key2] = ["SECRET sa", "SECRET sa 2"];
const [pub1, pub2] = ["sa public\n", "sa 2 public\n"];

test("a cluster that has replaced nothing has the keys that it was made with, and nothing else", () => {
  expect(own(never)).toEqual([]);
  expect(keysOf(never)).toEqual({
    ...{ encryption: ["key1"], secrets: 1, signs: key1, accepted: pub1 },
  });
  expect(patches(never)[1]).toBeUndefined();
});

test("another generation is made once, is protected, and stays through all of its phases", () => {
  const made = [
    { name: "lab-pki-encryption-key-2", protect: true },
    { name: "lab-pki-service-account-key-2", protect: true },
  ];
  for (const each of at.values()) expect(own(each)).toEqual(made);
});

test("no other resource comes, goes or moves", () => {
  const names = (made: Registered[]) => made.map(({ type, name }) => `${type} ${name}`).sort();
  for (const each of at.values())
    expect(names(each).filter((name) => !/-key-2$/.test(name))).toEqual(names(never));
});

test("trust: both are accepted, the former is used", () => {
  expect(keysOf(phase("trust"))).toEqual({
    ...{ encryption: ["key1", "key2"], secrets: 2, signs: key1, accepted: pub1 + pub2 },
  });
});

test("use: the new one is used, both are accepted", () => {
  expect(keysOf(phase("use"))).toEqual({
    ...{ encryption: ["key2", "key1"], secrets: 2, signs: key2, accepted: pub2 + pub1 },
  });
});

test("retire: the new one is all there is", () => {
  expect(keysOf(phase("retire"))).toEqual({
    ...{ encryption: ["key2"], secrets: 1, signs: key2, accepted: pub2 },
  });
});

test("each phase has apiservers and controller-managers started anew, and says so in plain text", () => {
  const all = [never, ...at.values()].map(patches);
  for (const which of [0, 1]) expect(new Set(all.map((each) => each[which])).size).toBe(4);
  expect(masterStep(never).params["ROTATIONS"]).toEqual([
    "encryptionKey 1 retire",
    "serviceAccountKey 1 retire",
  ]);
  expect(masterStep(phase("use")).params["ROTATIONS"]).toEqual([
    "encryptionKey 2 use",
    "serviceAccountKey 2 use",
  ]);
});

test("keys are on hosts as the first ones are: nobody but root reads one", () => {
  for (const each of [never, ...at.values()]) {
    const { mode } = masterStep(each);
    expect(["pki/sa.key", "encryption/config.yaml", "pki/sa.pub"].map(mode)).toEqual([
      ...["0600", "0600", "0644"],
    ]);
  }
});

test("how far each key is stands by itself, after all masters", () => {
  const phases = (made: Registered[]) =>
    made
      .filter(({ name }) => name.startsWith("lab-rotation-"))
      .map(({ name, inputs }) => [name, inputs["environment"]]);
  expect(phases(phase("use"))).toEqual([
    ["lab-rotation-encryptionKey", { PHASE: "2 use" }],
    ["lab-rotation-serviceAccountKey", { PHASE: "2 use" }],
  ]);
});
