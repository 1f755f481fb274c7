import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse, stringify } from "yaml";
import type { HostPlan } from "../../components/plan";
import { allWell, siteOf } from "../../drills/site";
import { askStorage } from "../../lab/buckets";
import { mirrorAddress } from "../../lab/hosts/addresses";
import { run } from "../../lab/process";
import { probeImage } from "../../lab/probeImage";
import { keepLabSettings } from "../../lab/settings";
import { waitFor } from "../../lab/wait";
import { ensureDistribution, ensureToolchain, toolchain } from "../../toolchain";
import { TestLab } from "../support/lab";
import { pushHarborImages } from "./images";
import { buildHarbor, type HarborSource } from "./programs";
import { Services } from "./services";

/*
 * Harbor on real hosts, from a checkout of its source: HARBOR_SOURCE=<checkout of v2.15.2> npm run test:harbor. Its own images cannot be had here, so they
 * are put together from what is built (images.ts). PostgreSQL, Redis and a registry with those images stand beside the lab's mirror.
 *
 * One story on one cluster: each chapter needs the one before it.
 */
jest.setTimeout(60 * 60_000);

const lab = new TestLab("harbor");
const name = "registry.lab.internal";
const release = "v2.15.2";
const bucket = { bucket: "images-1300000001", endpoint: "http://cos.ap-guangzhou.myqcloud.com" };
const [databasePort, redisPort, imagesPort] = [5432, 6379, 5001];
const passwords = { database: "of-the-database", redis: "of/redis" };
const bastion = "lab-bastion-1";
/** What stands before the mirror's registry, and is asked first: it has Harbor's images and no others. */
const images = `${mirrorAddress}:${imagesPort}`;

let scratch: string;
let services: Services;

beforeAll(async () => {
  const checkout = process.env["HARBOR_SOURCE"];
  if (checkout === undefined)
    throw new Error(
      `HARBOR_SOURCE is not set: a checkout of github.com/goharbor/harbor at ${release}`,
    );
  await ensureToolchain({});
  const source = await buildHarbor(checkout, release);
  if (process.env["KEEP_LAB"]) return;
  await lab.must("down");
  scratch = mkdtempSync(join(tmpdir(), "harbor-test-"));
  chmodSync(scratch, 0o711);
  mkdirSync(lab.identity.dir, { recursive: true });
  keepLabSettings(lab.identity.dir, { registry: true });
  const up = lab.start(["up", "--config-file", configured()]);
  const failed = up.ended.then(({ code, output }) => {
    if (code !== 0)
      throw new Error(`npm run lab -- up ended with ${code}:\n${output.slice(-8000)}`);
  });
  // Hosts ask for the images some minutes from here, and for the rest after that.
  await Promise.race([failed, beside(source)]);
  await failed;
});
afterAll(async () => {
  if (process.env["KEEP_LAB"]) return;
  await lab.must("down");
  await services.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** The lab's configuration with a Harbor. */
function configured(): string {
  const stack = parse(readFileSync(join(lab.identity.checkout, "Pulumi.lab.yaml"), "utf8")) as {
    config: Record<string, Record<string, object>>;
  };
  const key = "tencentcloud-kubernetes-ha:cluster";
  const cluster = stack.config[key] ?? {};
  stack.config[key] = {
    ...cluster,
    versions: { ...cluster["versions"], harbor: release },
    images: { ...cluster["images"], mirrors: { [`${mirrorAddress}:5000`]: [`http://${images}`] } },
    registry: {
      ...{ kind: "harbor", members: 2, instanceType: "S5.MEDIUM4", cos: bucket },
      database: { host: mirrorAddress, port: databasePort, sslMode: "disable" },
      redis: { host: mirrorAddress, port: redisPort },
    },
  };
  stack.config["tencentcloud-kubernetes-ha:registryPasswords"] = passwords as never;
  const file = join(scratch, "Pulumi.yaml");
  writeFileSync(file, stringify(stack));
  return file;
}

/** What the cluster needs beside it, as soon as there is a network for it. */
async function beside(source: HarborSource): Promise<void> {
  const netns = lab.identity.fabricNetns;
  await waitFor({ what: "the lab's network", deadlineSeconds: 900 }, async () => {
    const { stdout } = await run(["ip", "-4", "addr"], { netns });
    return stdout.includes(mirrorAddress) ? true : undefined;
  });
  services = new Services(netns, mirrorAddress, join(scratch, "services"));
  const distribution = (await ensureDistribution())["registry"] ?? "";
  await services.registry(imagesPort, distribution);
  const crane = toolchain().binary("crane");
  await pushHarborImages(source, { to: `${images}/kubernetes-ha`, netns, crane, scratch });
  await services.postgres(databasePort, passwords.database);
  await services.redis(redisPort, passwords.redis);
}

const site = () => siteOf(lab);
const workers = () => site().plan.workers as [HostPlan, HostPlan];
const ofRegistry = () => site().plan.hosts.filter(({ role }) => role === "registry");
const ctr = "ctr --namespace k8s.io images";
const pull = (image: string, login = "") =>
  `timeout 60 ${ctr} pull ${login} --hosts-dir /etc/containerd/certs.d ${image} >/dev/null`;
const crane = "SSL_CERT_FILE=/var/tmp/ca.crt HOME=/root /var/tmp/crane";
/** Asks Harbor's API as its administrator, by a file that has the password. */
const ask = (method: string, path: string, body?: object) =>
  lab.onHost(
    bastion,
    `curl --silent --show-error --fail-with-body --cacert /var/tmp/ca.crt --config /var/tmp/admin --request ${method} \
      --header 'Content-Type: application/json' --data '${JSON.stringify(body ?? {})}' https://${name}/api/v2.0/${path}`,
  );

test("two hosts on two physical machines, which a second up leaves alone", async () => {
  const rows = (await lab.admin.placement()).filter(({ name: host }) => host.includes("registry"));
  expect(new Set(rows.map(({ physicalHost }) => physicalHost)).size).toBe(2);
  await lab.must("pulumi", "preview", "--expect-no-changes");
  await allWell(site());
});

test("nothing secret is in a process's arguments or in the pod; the files are Harbor's user's alone", async () => {
  const secrets = [...Object.values(passwords), lab.operator.outputs.registry?.password ?? ""];
  for (const { name: host } of ofRegistry()) {
    const seen = await lab.onHost(
      host,
      `ps -eww -o args; cat /etc/kubernetes/manifests/harbor.yaml /etc/kubernetes-ha/harbor/pod.yaml; grep -rh . /var/log/kubernetes-ha`,
    );
    for (const secret of secrets) expect(seen).not.toContain(secret);
    const files = "/etc/kubernetes-ha/harbor/core/{secret.env,key,private_key.pem}";
    const modes = await lab.onHost(host, `stat -c '%a %u' ${files}`);
    expect(modes.trim().split("\n")).toEqual(Array<string>(3).fill("600 10000"));
  }
});

describe("pushed by who may", () => {
  test("the administrator, from the bastion, whose images are in the object storage", async () => {
    await giveCrane();
    const worker = workers()[0].name;
    const archive = await lab.onHost(
      worker,
      `${pull(probeImage)} && ${ctr} export - ${probeImage} | base64 -w0`,
    );
    await lab.put(bastion, "/var/tmp/probe.tar", Buffer.from(archive, "base64"));
    await lab.onHost(
      bastion,
      `${crane} push /var/tmp/probe.tar ${name}/library/probe:v1
      head -c 25000000 /dev/urandom >/var/tmp/large && tar -C /var/tmp -czf /var/tmp/large.tgz large
      ${crane} append --new_layer /var/tmp/large.tgz --new_tag ${name}/library/large:v1
      ${crane} validate --remote ${name}/library/large:v1`,
    );
    const host = `${bucket.bucket}.${new URL(bucket.endpoint).host}`;
    const { body } = await askStorage(lab.identity, "GET", host);
    expect(body.toString()).toContain("lab-harbor/docker/registry/v2/");
  });

  test("nobody without a login, and no node reaches what is behind HAProxy", async () => {
    const other = `DOCKER_CONFIG=/nowhere ${crane} push /var/tmp/probe.tar ${name}/library/other:v1`;
    expect(await lab.ended(bastion, other)).toMatch(/401|UNAUTHORIZED/i);
    for (const { address } of ofRegistry())
      for (const port of [5000, 8080, 8082])
        expect(
          await lab.ended(
            workers()[0].name,
            `timeout 3 bash -c 'exec 3<>/dev/tcp/${address}/${port}'`,
          ),
        ).toContain("ended with 124");
  });
});

describe("nodes", () => {
  const mirrored = `${mirrorAddress}_5000`;
  const onlyHere = probeImage.replace(/v1$/, "only-here");

  test("pull from a public project by its name, and from another one as a robot", async () => {
    for (const { name: worker } of workers())
      await lab.onHost(worker, pull(`${name}/library/large:v1`));
    await ask("POST", "projects", { project_name: "own", metadata: { public: "false" } });
    await lab.onHost(bastion, `${crane} push /var/tmp/probe.tar ${name}/own/probe:v1`);
    const access = [{ resource: "repository", action: "pull" }];
    const robot = JSON.parse(
      await ask("POST", "robots", {
        ...{ name: "nodes", duration: -1, level: "system" },
        permissions: [{ kind: "project", namespace: "own", access }],
      }),
    ) as { name: string; secret: string };
    const [worker] = workers();
    expect(await lab.ended(worker.name, pull(`${name}/own/probe:v1`))).not.toContain(
      "ended with 0",
    );
    await lab.onHost(
      worker.name,
      pull(`${name}/own/probe:v1`, `--user '${robot.name}:${robot.secret}'`),
    );
  });

  test("go on to the source while there is no project of its name, and have from it what only that has once there is", async () => {
    const [worker] = workers();
    const { image } = site().plan.podNetwork;
    await lab.onHost(worker.name, `${ctr} rm --sync ${image} && ${pull(image)}`);
    await ask("POST", "projects", { project_name: mirrored, metadata: { public: "true" } });
    const path = onlyHere.replace(":5000", "_5000");
    await lab.onHost(bastion, `${crane} push /var/tmp/probe.tar ${name}/${path}`);
    await lab.onHost(worker.name, pull(onlyHere));
    await lab.onHost(worker.name, `${ctr} rm --sync ${image} && ${pull(image)}`);
  });
});

test("with either host dead, images are pushed and pulled", async () => {
  for (const { name: host } of ofRegistry()) {
    await lab.admin.instance(await lab.idOf(host), "kill");
    await delay(6000);
    await lab.onHost(bastion, `${crane} push /var/tmp/probe.tar ${name}/library/without:${host}`);
    await lab.onHost(workers()[0].name, pull(`${name}/library/without:${host}`));
    await lab.onHost(
      workers()[0].name,
      `${ctr} rm --sync ${name}/library/large:v1 && ${pull(`${name}/library/large:v1`)}`,
    );
    await lab.admin.instance(await lab.idOf(host), "start");
    await allWell(site());
    await servesAgain(host);
  }
});

test("with both dead, nodes pull from the sources", async () => {
  for (const { name: host } of ofRegistry()) await lab.admin.instance(await lab.idOf(host), "kill");
  await delay(5000);
  const { image } = site().plan.podNetwork;
  await lab.onHost(workers()[0].name, `${ctr} rm --sync ${image} && ${pull(image)}`);
  for (const { name: host } of ofRegistry())
    await lab.admin.instance(await lab.idOf(host), "start");
  await allWell(site());
  await servesAgain(ofRegistry()[0]?.name ?? "");
  await lab.onHost(workers()[1].name, pull(`${name}/library/probe:v1`));
});

/** After a boot the kubelet starts Harbor anew; the host itself says when it serves. */
async function servesAgain(host: string): Promise<void> {
  const { address } = ofRegistry().find((each) => each.name === host) ?? {};
  const url = `http://${address}:5000/api/v2.0/ping`;
  await lab.onHost(
    host,
    `for i in {1..120}; do curl --silent --fail --max-time 2 ${url} && exit; sleep 1; done; exit 1`,
  );
  await delay(4000);
}

/** Gives the bastion what somebody who pushes has: a client, the CA, and the password. */
async function giveCrane(): Promise<void> {
  const { registry, kubeconfig } = lab.operator.outputs;
  expect(registry).toMatchObject({ name, pushName: name, username: "admin" });
  const [, ca = ""] = /certificate-authority-data: (\S+)/.exec(kubeconfig) ?? [];
  const password = registry?.password ?? "";
  await lab.put(bastion, "/var/tmp/ca.crt", Buffer.from(ca, "base64"));
  await lab.put(bastion, "/var/tmp/crane", readFileSync(toolchain().binary("crane")));
  await lab.put(bastion, "/var/tmp/password", Buffer.from(password));
  await lab.put(bastion, "/var/tmp/admin", Buffer.from(`user = "admin:${password}"\n`));
  await lab.onHost(
    bastion,
    `chmod 0755 /var/tmp/crane && ${crane} auth login ${name} --username admin --password-stdin </var/tmp/password`,
  );
}
