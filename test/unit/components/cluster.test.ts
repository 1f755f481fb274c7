import type { ClusterConfigInput } from "../../../components/plan/config";
import { HaCluster } from "../../../components/cluster";
import { parseClusterConfig, planCluster } from "../../../components/plan";
import { fixedSettings, poolSettings } from "../../../components/plan/changes";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as pulumi from "@pulumi/pulumi";
import { type CommandInputs, record, type Registered, settled } from "./support/recording";

const repository = join(__dirname, "..", "..", "..");
const labConfig = () =>
  (
    parse(readFileSync(join(repository, "Pulumi.lab.yaml"), "utf8")) as {
      config: Record<string, ClusterConfigInput>;
    }
  ).config["tencentcloud-kubernetes-ha:cluster"] as ClusterConfigInput;

async function registeredBy(config: ClusterConfigInput): Promise<Registered[]> {
  const registered = await record();
  new HaCluster(config.name, { config });
  await settled(registered);
  return registered;
}

const plan = planCluster(parseClusterConfig(labConfig()));
const fixed = fixedSettings(plan);
const pools = poolSettings(plan);

const count = (registered: Registered[]) => {
  const counts: Record<string, number> = {};
  for (const { type } of registered) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};
const command = "command:remote:Command";

describe("HaCluster", () => {
  let lab: Registered[];
  beforeAll(async () => {
    lab = await registeredBy(labConfig());
  });
  const steps = () =>
    lab
      .filter(({ type, name }) => type === command && !name.endsWith("-departure"))
      .map(({ name, inputs }) => ({ name, inputs: inputs as unknown as CommandInputs }));
  const step = (name: string) => {
    const found = steps().find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`no step ${name}`);
    return found;
  };
  const request = (name: string) =>
    JSON.parse(step(name).inputs.stdin) as {
      params: Record<string, unknown>;
      files: { path: string; mode?: string; content: string }[];
    };

  test("makes exactly what the lab's configuration asks for", () => {
    expect(count(lab)).toMatchObject({
      "tencentcloud:index/vpc:Vpc": 1,
      "tencentcloud:index/subnet:Subnet": 1,
      // Of each role there is, and of directors, which there may come to be.
      "tencentcloud:index/securityGroup:SecurityGroup": 6,
      "tencentcloud:index/securityGroupRuleSet:SecurityGroupRuleSet": 6,
      "tencentcloud:index/placementGroup:PlacementGroup": 3,
      "tencentcloud:index/keyPair:KeyPair": 1,
      "tencentcloud:index/instance:Instance": 11,
      "tencentcloud:index/cbsStorage:CbsStorage": 3,
      "tencentcloud:index/cbsStorageAttachment:CbsStorageAttachment": 3,
      "tencentcloud:index/haVip:HaVip": 1,
      "tencentcloud:index/eip:Eip": 1,
      "tencentcloud:index/eipAssociation:EipAssociation": 1,
      // Preflight, authorities, clients, two releases, how far six keys are, and what stands for a setting that stays, or for those of a pool.
      "command:local:Command": 11 + fixed.length + pools.length,
      // Every host: its scripts and two steps, members of etcd three, the bastion and the workers one; of all but bastion and balancers what their leaving takes.
      "command:remote:CopyToRemote": 11,
      [command]: 22 + 8,
      // Every pool, the bastion's included.
      "kubernetes-ha:index:PoolPreparation": 5,
    });
  });

  test("each setting that no living cluster takes up has a protected resource, which another value would replace", () => {
    const settings = fixed.map(([setting, value]) => ({
      name: `lab-fixed-${setting}`,
      triggers: [value],
      protect: true,
    }));
    const made = lab
      .filter(({ name }) => name.startsWith("lab-fixed-"))
      .map(({ name, inputs, options }) => ({
        ...{ name, triggers: inputs.triggers, protect: options.protect },
      }));
    expect(made).toEqual(settings);
    expect(made).toContainEqual({
      ...{ name: "lab-fixed-network.podCidr", triggers: ['"10.244.0.0/16"'], protect: true },
    });
  });

  test("nothing is made before the preflight has passed and no setting is refused, not even keys", () => {
    const settings = fixed.map(([setting]) => `lab-fixed-${setting}`);
    const last = settings.at(-1) as string;
    const others = [...settings.slice(0, -1), ...pools.map(([pool]) => `lab-pools-${pool}`)];
    const awaited = (name: string) => {
      if (name === "lab-preflight") return [];
      if (name === last) return ["lab-preflight", ...others];
      return [others.includes(name) ? "lab-preflight" : last];
    };
    const early = lab.flatMap(({ type, name, options }) =>
      (/^(tencentcloud|command:local):/.test(type) ? awaited(name) : [])
        .filter((each) => !options.dependencies.includes(each))
        .map((each) => `${name} before ${each}`),
    );
    expect(early).toEqual([]);
  });

  test("a preflight that is switched off is there, so that it is no first time when it is switched on", async () => {
    const registered = await registeredBy({ ...labConfig(), preflight: { cloud: false } });
    const { inputs } = registered.find(({ name }) => name === "lab-preflight") ?? {};
    expect(inputs).toMatchObject({ create: "true", update: "true" });
    const asking = lab.find(({ name }) => name === "lab-preflight")?.inputs;
    expect(asking?.["create"]).toBe(`${String(asking?.["update"])} --new`);
  });

  test("every step goes through the bastion with both host keys pinned, and can be undone by nothing", () => {
    for (const { inputs, name } of steps()) {
      expect(inputs.connection.hostKey).toMatch(/^ssh-ed25519 AAAA/);
      expect(inputs.connection.user).toBe("kubernetes");
      expect(inputs.delete).toBeUndefined();
      expect(inputs.addPreviousOutputInEnv).toBe(false);
      expect(inputs.logging).toBe("none");
      if (name.startsWith("lab-bastion")) continue;
      expect(inputs.connection.proxy?.hostKey).toMatch(/^ssh-ed25519 AAAA/);
      expect(inputs.connection.proxy?.host).toBe("198.51.100.7");
    }
  });

  test("every step that failed runs again, whatever its inputs: no earlier run of it stays in the state", () => {
    const kept = lab.filter(
      ({ type, options }) => type === command && !options.deleteBeforeReplace,
    );
    expect(kept.map(({ name }) => name)).toEqual([]);
  });

  test("no secret is in a command's text, its triggers or a component's inputs", () => {
    const secrets = ["SECRET", "PRIVATE KEY"];
    for (const { inputs, name } of steps()) {
      const text = String(inputs.create) + JSON.stringify(inputs.triggers);
      for (const secret of secrets)
        expect({ name, leaks: text.includes(secret) }).toEqual({ name, leaks: false });
    }
    for (const { inputs, type } of lab.filter(({ type }) => type.startsWith("kubernetes-ha:"))) {
      const text = JSON.stringify(inputs);
      for (const secret of secrets) {
        expect({ type, leaks: text.includes(secret) }).toEqual({
          type,
          leaks: false,
        });
      }
    }
  });

  test("masters get every authority's key but etcd's; etcd gets no other", () => {
    const paths = (name: string) => request(name).files.map(({ path }) => path);
    for (const key of ["1", "2", "3"]) {
      const master = paths(`lab-master-${key}-control-plane`);
      expect(master).toEqual(
        expect.arrayContaining([
          "/etc/kubernetes/pki/ca.key",
          "/etc/kubernetes/pki/front-proxy-ca.key",
          "/etc/kubernetes/pki/sa.key",
          "/etc/kubernetes/pki/etcd/ca.crt",
          "/etc/kubernetes/pki/etcd-clients/etcd/ca.key",
        ]),
      );
      expect(master).not.toContain("/etc/kubernetes/pki/etcd/ca.key");
      expect(paths(`lab-etcd-${key}-etcd`).filter((path) => path.endsWith(".key"))).toEqual([
        "/etc/kubernetes/pki/etcd/ca.key",
      ]);
    }
  });

  test("keys are for root alone", () => {
    for (const { name } of steps()) {
      for (const { path, mode } of request(name).files) {
        if (/\.key$|discovery|encryption/.test(path))
          expect({ path, mode }).toEqual({ path, mode: "0600" });
      }
    }
  });

  test("all masters run the same step: only name and address differ", () => {
    const same = (key: string) =>
      JSON.stringify(request(`lab-master-${key}-control-plane`))
        .replaceAll(`lab-master-${key}`, "NAME")
        .replaceAll(`10.20.1.${63 + Number(key)}`, "ADDRESS")
        .replaceAll(/lab-master-\d|10\.20\.1\.6[4-6]/g, "");
    const strip = (text: string) => text.replaceAll(/NAME|ADDRESS/g, "");
    expect(strip(same("2"))).toBe(strip(same("1")));
    expect(strip(same("3"))).toBe(strip(same("1")));
  });

  test("shows what an importing stack attaches to", async () => {
    const registered = await record();
    const cluster = new HaCluster("lab", { config: labConfig() });
    await settled(registered);
    const { vpcId, subnetIds, securityGroupIds, keyPairId, privateIps, nodes } = cluster;
    const outputs = pulumi.output({ vpcId, subnetIds, securityGroupIds, keyPairId, nodes });
    const value = await new Promise((resolve) => outputs.apply(resolve));
    const group = (role: string) => `SecurityGroup-lab-${role}`;
    expect(value).toMatchObject({
      vpcId: "Vpc-lab",
      subnetIds: { "ap-guangzhou-3": "Subnet-lab-ap-guangzhou-3" },
      securityGroupIds: {
        ...{ bastion: group("bastion"), etcd: group("etcd"), master: group("master") },
        ...{ balancer: group("balancer"), worker: group("worker") },
      },
      keyPairId: "KeyPair-lab-operator",
    });
    expect(privateIps.master).toEqual({
      ...{ "lab-master-1": "10.20.1.64", "lab-master-2": "10.20.1.65" },
      ...{ "lab-master-3": "10.20.1.66" },
    });
    expect(Object.values(privateIps).flatMap(Object.keys)).toHaveLength(nodes.length);
    for (const node of (value as { nodes: { name: string }[] }).nodes)
      expect(node).toMatchObject({ instanceId: `Instance-${node.name}` });
  });

  test("one more worker adds its own resources and changes nothing else", async () => {
    const config = labConfig();
    const pool = config.workers?.[0];
    if (pool === undefined) throw new Error("the lab has workers");
    const more = await registeredBy({ ...config, workers: [{ ...pool, members: 3 }] });
    const key = ({ type, name }: Registered) => `${type} ${name}`;
    const before = new Map(lab.map((resource) => [key(resource), resource]));
    const added = more
      .filter((resource) => !before.has(key(resource)))
      .map(key)
      .sort();
    expect(added).toEqual(
      [
        "command:remote:Command lab-worker-3-departure",
        "command:remote:Command lab-worker-3-worker",
        "command:remote:CopyToRemote lab-worker-3-scripts",
        "kubernetes-ha:index:Host lab-worker-3",
        "tencentcloud:index/instance:Instance lab-worker-3",
      ].sort(),
    );
    for (const resource of more) {
      const old = before.get(key(resource));
      // The whole configuration is an input of the cluster itself, and of nothing below it but the question whether it can be had.
      if (old === undefined || resource.type === "kubernetes-ha:index:HaCluster") continue;
      if (resource.name === "lab-preflight") continue;
      // Who waits for the new one is no change.
      const dependencies = expect.any(Array) as string[];
      expect(resource).toEqual({ ...old, options: { ...old.options, dependencies } });
    }
  });
});

test("data disks are encrypted if that is asked for, and not said to be anything otherwise", async () => {
  const disksOf = async (encrypt: boolean) => {
    const config = labConfig();
    config.etcd = { ...config.etcd, disk: { ...config.etcd.disk, encrypt } };
    const registered = await registeredBy(config);
    return registered.filter(({ type }) => type === "tencentcloud:index/cbsStorage:CbsStorage");
  };
  expect((await disksOf(true)).map(({ inputs }) => inputs.encrypt)).toEqual([true, true, true]);
  for (const { inputs } of await disksOf(false)) expect(inputs).not.toHaveProperty("encrypt");
});
