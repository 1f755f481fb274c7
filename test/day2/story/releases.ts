import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { planCluster } from "../../components/plan/cluster";
import { parseClusterConfig } from "../../components/plan/config";
import { imageOf } from "../../components/plan/images";
import { Engine } from "../../lab/engine";
import { clusterKey } from "../../lab/examples";
import { Edits } from "../support/edits";
import { type Blow, endedBy, type Moment, nodeHas } from "../support/interruption";
import { clusterReady } from "../../lab/up";
import { TestLab } from "../support/lab";
import {
  apiservers,
  etcdReleases,
  kubelets,
  members,
  releases,
  seenMeanwhile,
  toEtcdRelease,
  toRelease,
} from "../support/upgrade";
import { probeWorkload } from "../support/workload";

// etcd and Kubernetes go a minor release up on real hosts, in turn, while a client writes. Some 30 minutes on an idle machine of two cores, besides building
// these releases once: `npx jest --selectProjects day2 --testPathPatterns upgrade`.
jest.setTimeout(60 * 60_000);

const lab = new TestLab("upgrade");
const own = readFileSync(join(resolve(__dirname, "../.."), "Pulumi.lab.yaml"), "utf8");
const { config } = parse(own) as { config: Record<string, unknown> };
const plan = planCluster(parseClusterConfig(config[clusterKey]));
const { sources, versions } = plan.config;
/** What the apiservers of the next release are made of: the spoilt master has another image under its name. */
const wantedImage = imageOf(
  { sources, versions: { ...versions, kubernetes: releases.to } },
  "kube-apiserver",
);
const [first, spoilt] = ["lab-master-1", "lab-master-2"];
const writer = "lab-worker-1";
const addresses = plan.masters.map(({ address }) => address);
const nodes = [...plan.masters, ...plan.workers].map(({ name }) => name).sort();

/** What ends the run that goes on, one after another. */
const blows: [Blow, Moment][] = [
  ["kill -9 of the engine", nodeHas(first, ".status.nodeInfo.kubeletVersion", releases.to)],
  ["Ctrl-C", nodeHas(writer, ".spec.unschedulable", "true")],
];

const edits = new Edits(lab);

beforeAll(async () => {
  await lab.must("down");
  const made = edits.arguments(toEtcdRelease(etcdReleases.from));
  await lab.must(...made, "--next-kubernetes", "--former-etcd");
  await lab.apply({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "hello", namespace: "default" },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: "hello" } } },
  });
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** Has the image of another release's apiserver be something else on a master, as a mirror that is damaged may hand out. */
const spoil = (host: string): Promise<string> =>
  lab.onHost(
    host,
    `ctr --namespace k8s.io images tag ${imageOf(plan.config, "pause")} ${wantedImage}`,
  );
const mend = (host: string): Promise<string> =>
  lab.onHost(host, `ctr --namespace k8s.io images rm ${wantedImage}`);

const up = (release: string) => lab.run(...edits.arguments(toRelease(release)));

const etcdRuns = async (): Promise<string[]> =>
  (await members(lab, plan.etcd[0]?.name ?? "")).map(({ release }) => release);

test("etcd goes a minor up, the leader last, also when it is ended on the way: no write lost, and no way down again", async () => {
  const hosts = plan.etcd.map(({ name }) => name);
  const before = await members(lab, hosts[0] ?? "");
  expect(before.map(({ release }) => release)).toEqual(hosts.map(() => etcdReleases.from));
  const leader = plan.etcd.find(({ address }) =>
    before.some((member) => member.leads && member.address === address),
  );
  const half: Moment = {
    name: `a member runs ${etcdReleases.to}`,
    come: async () => (await etcdRuns()).includes(etcdReleases.to),
  };
  const args = edits.arguments(toEtcdRelease(etcdReleases.to));
  const seen = await seenMeanwhile(lab, writer, async () => {
    await endedBy(lab, [["kill -9 of the engine", half]], args);
    await lab.must(...args);
  });
  console.log(`etcd ${etcdReleases.from} to ${etcdReleases.to}: ${JSON.stringify(seen)}`);
  expect(seen.lostWrites).toBe(0);
  expect(seen.longestGapMs).toBeLessThan(10_000);
  expect(await etcdRuns()).toEqual(hosts.map(() => etcdReleases.to));
  const changed = await Promise.all(
    hosts.map(async (host) => ({
      host,
      at: Number(await lab.onHost(host, "stat --format %Y /etc/kubernetes/manifests/etcd.yaml")),
    })),
  );
  expect(changed.sort((one, other) => one.at - other.at).at(-1)?.host).toBe(leader?.name);
  await edits.up();
  expect(new Engine(lab.identity, {}).changes()).toEqual([]);
  const down = await lab.run(...edits.arguments(toEtcdRelease(etcdReleases.from)));
  expect(down.code).not.toBe(0);
  expect(down.output).toContain("etcd does not go down by a minor release over its data");
  expect(await etcdRuns()).toEqual(hosts.map(() => etcdReleases.to));
  await edits.up(toEtcdRelease(etcdReleases.to));
});

test("two minors up, or one down, are refused by hosts before anything is done", async () => {
  for (const release of ["v1.38.0", "v1.35.4"]) {
    const { code, output } = await up(release);
    expect(code).not.toBe(0);
    expect(output).toContain(
      `versions.kubernetes is ${release}, but this host runs ${releases.from}`,
    );
  }
  expect(await kubelets(lab)).toEqual(nodes.map((name) => `${name} ${releases.from} True`));
});

test("a master whose apiserver does not come up stops it: everything serves, no write is lost", async () => {
  await spoil(spoilt);
  const seen = await seenMeanwhile(lab, writer, async () => {
    const { code, output } = await up(releases.to);
    expect(code).not.toBe(0);
    expect(output).toContain("the one of before is back");
  });
  console.log(`stopped by ${spoilt}: ${JSON.stringify(seen)}`);
  expect(seen.lostWrites).toBe(0);
  expect(seen.longestGapMs).toBeLessThan(10_000);
  const served = await apiservers(lab, first, addresses);
  expect(served[1]).toBe(releases.from);
  for (const release of served) expect([releases.from, releases.to]).toContain(release);
  // Its kubelet asks its own apiserver, which is back for a moment only.
  await clusterReady(lab.operator, plan.hosts);
  expect(await kubelets(lab)).toEqual(nodes.map((name) => `${name} ${releases.from} True`));
});

test("the next up goes on, also when it is ended on the way: everything of the new release, no write lost", async () => {
  await mend(spoilt);
  const args = edits.arguments(toRelease(releases.to));
  const seen = await seenMeanwhile(lab, writer, async () => {
    await endedBy(lab, blows, args);
    const { code, output } = await up(releases.to);
    if (code !== 0) throw new Error(output.slice(-8000));
  });
  console.log(`${releases.from} to ${releases.to}: ${JSON.stringify(seen)}`);
  expect(seen.lostWrites).toBe(0);
  expect(seen.longestGapMs).toBeLessThan(10_000);
  expect(await apiservers(lab, first, addresses)).toEqual(addresses.map(() => releases.to));
  expect(await kubelets(lab)).toEqual(nodes.map((name) => `${name} ${releases.to} True`));
  await lab.rolledOut("daemonset/kube-proxy", { namespace: "kube-system" });
  const images = await lab.kubectl(
    ...["get", "pods", "-n", "kube-system", "-o", "jsonpath={.items[*].spec.containers[*].image}"],
  );
  expect(
    images
      .split(" ")
      .filter((image) => image.includes("/kube-") && !image.endsWith(`:${releases.to}`)),
  ).toEqual([]);
});

test("a second up changes nothing", async () => {
  const { code } = await up(releases.to);
  expect(code).toBe(0);
  expect(new Engine(lab.identity, {}).changes()).toEqual([]);
});

test("pods reach one another by name and by NodePort on the new release", async () => {
  await probeWorkload(lab, nodes);
});
