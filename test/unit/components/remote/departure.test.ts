import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { HaCluster } from "../../../../components/cluster";
import type { ClusterConfigInput } from "../../../../components/plan/config";
import { type CommandInputs, record, type Registered, settled } from "../support/recording";

function labConfig(): ClusterConfigInput {
  const file = join(__dirname, "..", "..", "..", "..", "Pulumi.lab.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as {
    config: Record<string, ClusterConfigInput>;
  };
  return config["tencentcloud-kubernetes-ha:cluster"] as ClusterConfigInput;
}

async function registeredBy(config: ClusterConfigInput): Promise<Registered[]> {
  const registered = await record();
  new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

const departuresIn = (registered: Registered[]) =>
  registered.filter(({ name }) => name.endsWith("-departure"));

const inputsOf = (registered: Registered[], name: string) => {
  const found = registered.find((each) => each.name === name);
  if (found === undefined) throw new Error(`nothing is called ${name}`);
  return found.inputs as unknown as CommandInputs;
};

let lab: Registered[];
beforeAll(async () => {
  lab = await registeredBy(labConfig());
});

test("everybody has one but those who pass connections on, whom nobody counts", () => {
  expect(departuresIn(lab).map(({ name }) => name.replace(/^lab-|-departure$/g, ""))).toEqual(
    expect.arrayContaining([
      ...["etcd-1", "etcd-2", "etcd-3", "master-1", "master-2", "master-3"],
      ...["worker-1", "worker-2"],
    ]),
  );
  expect(departuresIn(lab)).toHaveLength(8);
});

test("nothing runs when it is made or changed; what runs at the end is for this member, on the bastion", () => {
  const inputs = inputsOf(lab, "lab-etcd-2-departure");
  expect(inputs).toEqual({
    connection: expect.objectContaining({ host: "198.51.100.7", user: "kubernetes" }) as unknown,
    delete: expect.stringMatching(
      /; timeout --kill-after=10 2100 ssh-agent bash "\$dir\/run-departure\.sh" lab-etcd-2 10\.20\.1\.97 'ssh-ed25519 AAAA\S+' etcd 300 fail$/,
    ) as unknown,
    stdin: expect.stringMatching(/^-----BEGIN OPENSSH PRIVATE KEY-----/) as unknown,
    triggers: ["Instance-lab-etcd-2", { departure: "lab-etcd-2" }],
    addPreviousOutputInEnv: false,
    logging: "none",
  });
  expect(inputs.connection.proxy).toBeUndefined();
});

test("the key is secret, opens no account of the operator, and is the same for all", () => {
  const keys = departuresIn(lab).map(({ inputs }) => inputs.stdin);
  expect(new Set(keys).size).toBe(1);
  for (const { secretInputs } of departuresIn(lab))
    expect(secretInputs.sort()).toEqual(["connection", "stdin"]);
});

test("masters and members of etcd answer it, from the bastion, with one script", () => {
  for (const step of ["lab-etcd-1-etcd", "lab-master-3-control-plane"]) {
    const { files } = JSON.parse(inputsOf(lab, step).stdin) as {
      files: { path: string; content: string; mode?: string }[];
    };
    const at = (end: string) => files.find(({ path }) => path.endsWith(end));
    expect(at("/authorized_keys")?.content).toMatch(
      /^restrict,from="10\.20\.1\.20",command="sudo -n \/usr\/local\/lib\/kubernetes-ha\/take-out\.sh \\"\$SSH_ORIGINAL_COMMAND\\"" ssh-ed25519 AAAA\S+\n$/,
    );
    expect(at("/sudoers.d/kubernetes-ha-departure")).toMatchObject({ mode: "0440" });
  }
});

test("the bastion knows masters and members of etcd, and no worker", () => {
  const { files } = JSON.parse(inputsOf(lab, "lab-bastion-1-prepare").stdin) as {
    files: { path: string; content: string }[];
  };
  const peers = files.find(({ path }) => path === "/etc/kubernetes-ha/departures/peers");
  expect(peers?.content.replaceAll(/ssh-ed25519 AAAA\S+/g, "KEY").split("\n")).toEqual([
    "10.20.1.96 KEY lab-etcd-1 etcd",
    "10.20.1.97 KEY lab-etcd-2 etcd",
    "10.20.1.98 KEY lab-etcd-3 etcd",
    "10.20.1.64 KEY lab-master-1 controlPlane",
    "10.20.1.65 KEY lab-master-2 controlPlane",
    "10.20.1.66 KEY lab-master-3 controlPlane",
    "",
  ]);
});

test("another member changes nothing of the departures of those that are there", async () => {
  const config = labConfig();
  const more = await registeredBy({
    ...config,
    masters: { ...config.masters, members: 5 },
    workers: (config.workers ?? []).map((pool) => ({ ...pool, members: 4 })),
  });
  for (const departure of departuresIn(lab))
    expect(more.find(({ name }) => name === departure.name)).toEqual(departure);
});

test("another setting of the drain replaces none of them: that would have all of them leave", async () => {
  const changed = await registeredBy({
    ...labConfig(),
    drain: { timeoutSeconds: 60, onTimeout: "force" },
  });
  for (const { name, inputs } of departuresIn(lab)) {
    const after = inputsOf(changed, name);
    expect(after.triggers).toEqual(inputs.triggers);
    expect(after.delete).toMatch(/ 60 force$/);
  }
});

test("who is leaving is not protected, and nor is its disk; nothing else is touched", async () => {
  const changed = await registeredBy({ ...labConfig(), leaving: ["etcd-3", "master-1"] });
  const differ = changed
    .filter(
      ({ name, type, options }) =>
        lab.find((each) => each.name === name && each.type === type)?.options.protect !==
        options.protect,
    )
    .map(({ name }) => name);
  expect(differ.sort()).toEqual(["lab-etcd-3", "lab-etcd-3-data", "lab-master-1"]);
  for (const resource of changed.filter(({ type }) => type === "command:remote:Command"))
    expect(resource).toEqual(lab.find(({ name }) => name === resource.name));
});
