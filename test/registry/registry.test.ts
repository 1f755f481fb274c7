import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { HostPlan } from "../../components/plan";
import { allWell, siteOf } from "../../drills/site";
import { probeImage } from "../../lab/probeImage";
import { toolchain } from "../../toolchain";
import { TestLab } from "../support/lab";
import { type Pushed, pusher, puller, type Try, triesOf, without } from "./clients";

// One story on one cluster: each chapter needs the one before it.
jest.setTimeout(30 * 60_000);

const lab = new TestLab("registry");
const name = "registry.lab.internal";
const pushName = `${name}:5443`;
/** The test program, as it is called here, and the large image that is pulled again and again. */
const probe = `${name}/app/probe:v1`;
const large = `${name}/app/large:v1`;
const bastion = "lab-bastion-1";

beforeAll(async () => {
  if (process.env["KEEP_LAB"]) return;
  await lab.must("down");
  await lab.must("up", "--registry", "distribution");
});
afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

const site = () => siteOf(lab);
const workers = () => site().plan.workers as [HostPlan, HostPlan];
const ofRegistry = () => site().plan.hosts.filter(({ role }) => role === "registry");
const ctr = "ctr --namespace k8s.io images";
const pull = (image: string) =>
  `timeout 30 ${ctr} pull --hosts-dir /etc/containerd/certs.d ${image} >/dev/null`;

test("two hosts on two physical machines, which a second up leaves alone", async () => {
  const rows = (await lab.admin.placement()).filter(({ name: host }) => host.includes("registry"));
  expect(rows).toHaveLength(2);
  expect(new Set(rows.map(({ physicalHost }) => physicalHost)).size).toBe(2);
  await lab.must("pulumi", "preview", "--expect-no-changes");
  expect(await lab.must("status")).toContain("registry");
});

describe("pushed by who has the password", () => {
  test("from the bastion: a program, and an image of several parts", async () => {
    await giveCrane();
    const worker = workers()[0].name;
    const archive = await lab.onHost(
      worker,
      `${pull(probeImage)} && ${ctr} export - ${probeImage} | base64 -w0`,
    );
    await lab.put(bastion, "/var/tmp/probe.tar", Buffer.from(archive, "base64"));
    await lab.onHost(
      bastion,
      `${crane} push /var/tmp/probe.tar ${pushName}/app/probe:v1
      ${crane} push /var/tmp/probe.tar ${pushName}/${probeImage.replace(":5000", "_5000").replace(/:v1$/, "")}:only-here
      head -c 25000000 /dev/urandom >/var/tmp/large && tar -C /var/tmp -czf /var/tmp/large.tgz large
      ${crane} append --new_layer /var/tmp/large.tgz --new_tag ${pushName}/app/large:v1
      ${crane} validate --remote ${large}`,
    );
  });

  test("nobody else: not with another password, not where images are pulled, not from a node", async () => {
    const push = (to: string, config = "/root/.docker") =>
      lab.ended(
        bastion,
        `DOCKER_CONFIG=${config} ${crane} push /var/tmp/probe.tar ${to}/app/other:v1`,
      );
    expect(await push(pushName, "/nowhere")).toMatch(/401|UNAUTHORIZED/i);
    expect(await push(name)).toMatch(/405|UNSUPPORTED/i);
    const worker = workers()[0].name;
    const dial = (host: string, port: number) =>
      lab.ended(worker, `timeout 3 bash -c 'exec 3<>/dev/tcp/${host}/${port}'`);
    expect(await dial(name, 443)).toContain("ended with 0");
    expect(await dial(name, 5443)).toContain("ended with 124");
    for (const { address } of ofRegistry())
      expect(await dial(address, 5000)).toContain("ended with 124");
  });
});

describe("nodes", () => {
  test("pull by its name, and ask it first for what others have", async () => {
    for (const { name: worker } of workers()) await lab.onHost(worker, pull(probe));
    // The source that it stands before has no such tag.
    await lab.onHost(workers()[0].name, pull(probeImage.replace(/v1$/, "only-here")));
  });

  test("go on to the source with what it has not", async () => {
    const image = site().plan.podNetwork.image;
    await lab.onHost(workers()[0].name, `${ctr} rm --sync ${image} && ${pull(image)}`);
  });
});

describe("each physical machine dies in turn", () => {
  const pushed: Pushed[] = [];

  test("a worker pulls on, and pushes go on where their host lives", async () => {
    for (const { name: machine } of await lab.admin.hosts()) {
      const dead = (await lab.admin.placement())
        .filter(({ physicalHost }) => physicalHost === machine)
        .map((row) => row.name);
      const worker = workers().find((each) => !dead.includes(each.name));
      if (worker === undefined) throw new Error(`all workers are on ${machine}`);
      await lab.onHost(worker.name, puller(large));
      await lab.onHost(bastion, pusher(`${pushName}/app/pushed`, machine));
      const [ofWorker, ofBastion] = [await lab.idOf(worker.name), await lab.idOf(bastion)];
      await delay(15_000);
      const killed = Date.now() / 1000;
      await lab.admin.power(machine, "kill");
      await delay(45_000);
      const pulls = triesOf(read(ofWorker, "/var/tmp/pulls"));
      await lab.admin.power(machine, "start");
      await allWell(site());
      await lab.onHost(worker.name, "systemctl stop puller");
      await lab.onHost(bastion, "systemctl stop pusher || true");
      const taken = pushesOf(read(ofBastion, "/var/tmp/pushes"), machine);
      pushed.push(...taken);
      report(machine, dead, { pulls, killed, taken });
      expect(pulls.filter(({ end, ok }) => ok && end < killed).length).toBeGreaterThan(0);
      expect(without(pulls, killed - 10, killed + 45)).toBeLessThan(20);
      if (!dead.includes(bastion))
        expect(taken.filter(({ end }) => end > killed + 15).length).toBeGreaterThan(0);
    }
  });

  test("and nothing is lost of what was acknowledged", async () => {
    expect(pushed.length).toBeGreaterThan(20);
    const asked = pushed.map(({ tag }) => `${crane} digest ${name}/app/pushed:${tag}`).join("\n");
    const digests = (await lab.onHost(bastion, asked)).trim().split("\n");
    expect(digests).toEqual(pushed.map(({ digest }) => digest));
    const last = pushed
      .slice(-5)
      .map(({ tag }) => `${crane} validate --remote ${name}/app/pushed:${tag}`);
    await lab.onHost(bastion, last.join("\n"));
  });
});

describe("with all of its hosts dead", () => {
  beforeAll(async () => {
    for (const { name: host } of ofRegistry())
      await lab.admin.instance(await lab.idOf(host), "kill");
    await delay(5000);
  });

  test("nodes start pods from images that they have", async () => {
    const labels = { app: "local" };
    const container = {
      ...{ name: "probe", image: probe, imagePullPolicy: "IfNotPresent" },
      args: ["serve", ":8080"],
    };
    await lab.apply({
      ...{ apiVersion: "apps/v1", kind: "Deployment" },
      metadata: { name: "local", namespace: "default" },
      spec: {
        replicas: 4,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    });
    await lab.rolledOut("deployment/local", { seconds: 60 });
  });

  test("they pull from the sources, as without it", async () => {
    const { image } = site().plan.podNetwork;
    const took = await timed(workers()[0].name, `${ctr} rm --sync ${image} && ${pull(image)}`);
    console.log(`pull from the source with the registry's hosts dead: ${took.toFixed(1)} s`);
    expect(took).toBeLessThan(20);
  });

  test("also when nothing answers at its address", async () => {
    const holders = site().plan.balancers.map(({ name: host }) => host);
    for (const host of holders) await lab.admin.instance(await lab.idOf(host), "kill");
    await delay(3000);
    const { image } = site().plan.podNetwork;
    const took = await timed(workers()[0].name, `${ctr} rm --sync ${image} && ${pull(image)}`);
    console.log(`pull from the source with the balancers dead, too: ${took.toFixed(1)} s`);
    expect(took).toBeLessThan(30);
    for (const host of holders) await lab.admin.instance(await lab.idOf(host), "start");
  });

  test("once they are back, all is as before", async () => {
    for (const { name: host } of ofRegistry())
      await lab.admin.instance(await lab.idOf(host), "start");
    await allWell(site());
    await lab.onHost(
      bastion,
      `for i in {1..60}; do ${crane} digest ${probe} && exit; sleep 1; done; exit 1`,
    );
    await lab.onHost(bastion, `${crane} push /var/tmp/probe.tar ${pushName}/app/back:v1`);
    await lab.onHost(workers()[1].name, pull(`${name}/app/back:v1`));
  });
});

/** crane on the bastion, which knows the registry by the cluster's CA. */
const crane = "SSL_CERT_FILE=/var/tmp/ca.crt HOME=/root /var/tmp/crane";

/** Gives the bastion what somebody who pushes has: a client, the CA, and the password. */
async function giveCrane(): Promise<void> {
  const { registry, kubeconfig } = lab.operator.outputs;
  expect(registry).toMatchObject({ name, pushName, username: "push" });
  const [, ca = ""] = /certificate-authority-data: (\S+)/.exec(kubeconfig) ?? [];
  await lab.put(bastion, "/var/tmp/ca.crt", Buffer.from(ca, "base64"));
  await lab.put(bastion, "/var/tmp/crane", readFileSync(toolchain().binary("crane")));
  await lab.put(bastion, "/var/tmp/password", Buffer.from(registry?.password ?? ""));
  await lab.onHost(
    bastion,
    `chmod 0755 /var/tmp/crane && ${crane} auth login ${pushName} --username push --password-stdin </var/tmp/password`,
  );
}

/** A file of a host as the machine below sees it, whoever is dead. */
function read(instanceId: string, path: string): string {
  const file = lab.hostFile(instanceId, path);
  if (file === undefined) throw new Error(`${instanceId} is off`);
  return readFileSync(file, "utf8");
}

/** Seconds that a script takes on a host. */
async function timed(host: string, script: string): Promise<number> {
  const text = await lab.onHost(host, `s=$EPOCHREALTIME\n${script}\necho "$s $EPOCHREALTIME"`);
  const [begin = NaN, end = NaN] = text.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  return end - begin;
}

/** Pushes that were acknowledged while a machine was to die. */
function pushesOf(text: string, machine: string): Pushed[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${machine}-`) && line.split(" ").length === 4)
    .map((line) => {
      const [tag = "", digest = "", begin, end] = line.split(" ");
      return { tag, digest, begin: Number(begin), end: Number(end) };
    });
}

function report(
  machine: string,
  dead: readonly string[],
  { pulls, killed, taken }: { pulls: readonly Try[]; killed: number; taken: readonly Pushed[] },
): void {
  const after = pulls.filter(({ begin }) => begin > killed - 10);
  const failed = after.filter(({ ok }) => !ok).length;
  const gap = without(pulls, killed - 10, killed + 45);
  console.log(
    `${machine} killed with ${dead.join(", ")}: ${failed} of ${after.length} pulls failed, ` +
      `longest time without one ${gap.toFixed(1)} s; ${taken.length} pushes acknowledged`,
  );
}
