import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { type ClusterPlan, planCluster } from "../../components/plan/cluster";
import { type ClusterConfigInput, parseClusterConfig } from "../../components/plan/config";
import { Engine } from "../../lab/engine";
import { exampleConfig } from "../../lab/examples";
import { clusterReady } from "../../lab/up";
import { longestGap, lostWrites, startWriter, stopWriter } from "../support/drill";
import { TestLab } from "../support/lab";

// One story on one cluster: members come, go and are made anew while somebody writes. Each chapter needs the one before it.
jest.setTimeout(40 * 60_000);

const lab = new TestLab("day2-scale");
const clusterKey = "tencentcloud-kubernetes-ha:cluster";
const file = join(resolve(__dirname, "../.."), "Pulumi.lab.yaml");
/** Two physical hosts each, so that five members of etcd have one each. */
const zones = "3";
/** Writes all the while; never one that leaves. */
const writer = "lab-worker-2";

type Cluster = Required<ClusterConfigInput>;
const wanted = (parse(readFileSync(file, "utf8")) as { config: Record<string, Cluster> }).config[
  clusterKey
] as Cluster;

beforeAll(async () => {
  await lab.must("down");
  await lab.must(...configured(), "--zones", zones);
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** Arguments that bring the lab to the wanted configuration. */
function configured(): string[] {
  const changed = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  changed.config[clusterKey] = wanted;
  const path = `/tmp/${lab.identity.id}.yaml`;
  writeFileSync(path, stringify(changed));
  return ["up", "--config", path];
}

/** What the cluster is to be. */
function planned(): ClusterPlan {
  const text = stringify({ config: { [clusterKey]: wanted } });
  return planCluster(parseClusterConfig(exampleConfig(text, {}, Number(zones)).config[clusterKey]));
}

const changes = () => new Engine(lab.identity, {}).changes();
const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(0);

/**
 * Edits the configuration, has `up` carry it out while somebody writes, and looks at what has come of it: a second `up` changes nothing, etcd and the API
 * list exactly who is configured, nothing acknowledged is lost, and nobody waited long.
 */
async function change(what: string, edit: (cluster: Cluster) => void): Promise<void> {
  edit(wanted);
  await startWriter(lab, writer, { pauseSeconds: 0.2, seconds: 2400 });
  const began = performance.now();
  await lab.must(...configured());
  const took = seconds(began);
  const records = await stopWriter(lab, writer);
  const gap = longestGap(records);
  console.log(
    `${what}: up ${took} s, longest time without an acknowledged write ${gap.toFixed(1)} s`,
  );
  expect(await lostWrites(lab, records)).toEqual([]);
  expect(gap).toBeLessThan(10);
  await settled();
}

async function settled(): Promise<void> {
  const plan = planned();
  const sorted = (names: string[]) => names.filter((name) => name !== "").sort();
  const { stdout } = await lab.operator.ssh(
    plan.etcd[1]?.name ?? "",
    ["sudo", "bash", "-c", `'${memberList}'`],
    { timeoutSeconds: 120 },
  );
  expect(sorted(stdout.split("\n"))).toEqual(
    sorted(plan.etcd.map(({ name }) => `${name} started false`)),
  );
  const nodes = await lab.kubectl("get", "nodes", "-o", "name");
  expect(sorted(nodes.split("\n"))).toEqual(
    sorted([...plan.masters, ...plan.workers].map(({ name }) => `node/${name}`)),
  );
  await clusterReady(lab.operator, plan.hosts);
  await lab.must(...configured());
  expect(changes()).toEqual([]);
}

const pki = "/etc/kubernetes/pki/etcd";
/** Name, status and whether it is a learner, a line each. */
const memberList =
  `etcdctl --cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key member list | ` +
  `while IFS=, read -r _ status name _ _ learner; do echo $name $status $learner; done`;

/** A machine dies and does not come back. */
async function kill(name: string): Promise<void> {
  const row = (await lab.admin.placement()).find((each) => each.name === name);
  if (row === undefined) throw new Error(`${name} is placed nowhere`);
  await lab.admin.instance(row.instanceId, "kill");
}

const [pool] = wanted.workers;

test("a pool of workers comes, with pods on it, and goes: drained first", async () => {
  await change("pool added", (cluster) => {
    cluster.workers = [
      ...cluster.workers,
      { ...pool, pool: "extra", members: 1, addressBlock: 2 } as never,
    ];
  });
  await change("pool removed", (cluster) => {
    cluster.workers = cluster.workers.slice(0, 1);
  });
});

describe("etcd", () => {
  test("3 -> 5, by learners", () =>
    change("etcd 3 -> 5", ({ etcd }) => Object.assign(etcd, { members: 5 })));

  test("5 -> 3, in two edits: who may leave, and that they do", async () => {
    await change("etcd-4 and etcd-5 may leave", (cluster) => {
      cluster.leaving = ["etcd-4", "etcd-5"];
    });
    await change("etcd 5 -> 3", (cluster) => {
      cluster.leaving = [];
      Object.assign(cluster.etcd, { members: 3 });
    });
  });
});

describe("masters", () => {
  test("3 -> 2, the first one leaves; then it comes back", async () => {
    await change("master-1 may leave", (cluster) => {
      cluster.leaving = ["master-1"];
    });
    await change("masters 3 -> 2", (cluster) => {
      cluster.leaving = [];
      cluster.masters.members = ["2", "3"];
    });
    await change("masters 2 -> 3", (cluster) => {
      cluster.masters.members = ["1", "2", "3"];
    });
  });
});

describe("the first of each role is dead for good, and made anew", () => {
  test.each(["worker-1", "etcd-1", "master-1", "balancer-1"])("%s", async (host) => {
    const kept = host.startsWith("etcd") || host.startsWith("master");
    await kill(`lab-${host}`);
    await change(`${host} replaced while dead`, (cluster) => {
      cluster.generations = { ...cluster.generations, [host]: 2 };
      cluster.leaving = kept ? [host] : [];
    });
    if (kept)
      await change(`${host} protected again`, (cluster) => {
        cluster.leaving = [];
      });
  });
});
