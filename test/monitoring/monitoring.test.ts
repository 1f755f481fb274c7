import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { createAdaptorServer } from "@hono/node-server";
import { parse } from "yaml";
import { Engine } from "../../lab/engine";
import { LabPrometheus } from "../../lab/prometheus";
import { createDashboards } from "../../lab/ui/dashboards";
import { waitFor } from "../../lab/wait";
import { browserPackages, ensureDebianPackages } from "../../toolchain/debian";
import { Browser } from "../page/browser";
import { TestLab } from "../support/lab";

// A cluster that is watched, on real hosts: `npm run test:monitoring`. Some 15 minutes on an idle machine of two cores.
jest.setTimeout(40 * 60_000);

const lab = new TestLab("monitoring");
const members = ["lab-etcd-1", "lab-etcd-2", "lab-etcd-3"];
let prometheus: LabPrometheus;

beforeAll(async () => {
  await lab.must("down");
  await lab.must("up", "--monitoring");
  prometheus = new LabPrometheus(lab.identity, lab.operator);
  await prometheus.start();
});
afterAll(async () => {
  await prometheus.stop();
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** Waits until what is asked for is so. What it was last is in the error. */
async function until<T>(what: string, ask: () => Promise<T>, good: (found: T) => boolean) {
  return waitFor({ what, deadlineSeconds: 900, everyMs: 5000 }, async (seen) => {
    const found = await ask();
    if (good(found)) return found;
    seen(JSON.stringify(found));
    return undefined;
  });
}

/** What a machine raises that is full, or has much else to do: that is no matter of this test. */
const ofTheMachine = [
  ...["EtcdSyncSlow", "EtcdCommitSlow", "EtcdLeaderChanges", "ApiErrors"],
  ...["FilesystemFillingUp", "FilesystemFull"],
];
const firing = async () =>
  (await prometheus.alerts())
    .filter(({ state, labels }) => state === "firing" && !ofTheMachine.includes(labels.alertname))
    .map(({ labels }) => [labels.alertname, labels.of ?? labels.instance].join(" "))
    .sort();
const tolerance = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await prometheus.query("kubernetes_ha:tolerance_left")).map(({ metric, value }) => [
      metric["of"] ?? "",
      value,
    ]),
  );
const whole = { etcd: 1, masters: 2, entry: 1 };

test("everything that is to be read is read, through the bastion", async () => {
  const wanted = lab.operator.outputs.monitoring?.targets ?? [];
  const kubelets = wanted.filter(({ job }) => job === "kubelet").length;
  const targets = await until(
    "all targets up",
    () => prometheus.targets(),
    (found) => found.length > 0 && found.every(({ health }) => health === "up"),
  );
  // What kubelets say of probes is a page of their own.
  expect(targets).toHaveLength(wanted.length + kubelets);
});

test("a cluster that is well raises no alert, and may lose one of each", async () => {
  await until("what may be lost", tolerance, (found) => isDeepStrictEqual(found, whole));
  expect(await until("no alert", firing, (found) => found.length === 0)).toEqual([]);
});

test("one host holds the virtual address, as its kernel says", async () => {
  const holders = await prometheus.query(
    'node_network_address_info{device!="lo"} and on (cluster, instance, address) kubernetes_ha_vip_info',
  );
  expect(holders).toHaveLength(1);
});

test("what rules ask for is there", async () => {
  for (const member of members)
    await lab.onHost(
      member,
      "systemctl start kubernetes-ha-etcd-snapshot kubernetes-ha-etcd-space",
    );
  const directory = join(__dirname, "../../monitoring/alerts");
  const asked = readdirSync(directory).flatMap((name) => {
    const { groups } = parse(readFileSync(join(directory, name), "utf8")) as {
      groups: { rules: { expr: string }[] }[];
    };
    return groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
  });
  const names = new Set(
    asked.flatMap((expr) => expr.match(/\b[a-z][a-z_]+_[a-z_:]+\b(?=[{ [)\n]|$)/gm) ?? []),
  );
  for (const name of ["group_left", "max_over_time", "histogram_quantile"]) names.delete(name);
  expect(names.size).toBeGreaterThan(25);
  await until(
    "series of all names",
    async () => {
      const missing: string[] = [];
      for (const name of names)
        if ((await prometheus.query(`count(${name})`)).length === 0) missing.push(name);
      return missing;
    },
    (missing) => missing.length === 0,
  );
});

test("nobody else reaches what asks for nothing", async () => {
  const { targets } = lab.operator.outputs.monitoring ?? { targets: [] };
  for (const { job, address } of targets.filter(({ host }) => host === "lab-etcd-1")) {
    const dial = `timeout 3 bash -c 'exec 3<>/dev/tcp/${address.replace(":", "/")}' 2>/dev/null && echo open || echo shut`;
    expect([job, (await lab.onHost("lab-worker-1", dial)).trim()]).toEqual([job, "shut"]);
    expect([job, (await lab.onHost("lab-bastion-1", dial)).trim()]).toEqual([job, "open"]);
  }
});

test("a member of etcd is lost: it is told, and that none more may go; it is back, and both end", async () => {
  const placement = await lab.admin.placement();
  const lost = placement.find(({ name }) => name === "lab-etcd-2")?.instanceId ?? "";
  await lab.admin.instance(lost, "kill");
  const wanted = ["EtcdMemberDown lab-etcd-2", "HostDown lab-etcd-2", "ToleranceUsedUp etcd"];
  await until("alerts of the loss", firing, (found) =>
    wanted.every((each) => found.includes(each)),
  );
  await until("what may be lost then", tolerance, (found) =>
    isDeepStrictEqual(found, { ...whole, etcd: 0 }),
  );
  await look("member-lost");
  await lab.admin.instance(lost, "start");
  expect(await until("no alert", firing, (found) => found.length === 0)).toEqual([]);
  await until("what may be lost again", tolerance, (found) => isDeepStrictEqual(found, whole));
  await look("member-back");
});

/** Every dashboard in a browser, to be looked at; none of its panels has nothing to show for what there must be. */
async function look(name: string): Promise<void> {
  await ensureDebianPackages(browserPackages);
  const cluster = lab.operator.outputs.monitoring?.cluster ?? "";
  const { fetch } = createDashboards(prometheus, cluster);
  const server = createAdaptorServer({ fetch, createServer }) as ReturnType<typeof createServer>;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const browser = await Browser.open();
  try {
    await browser.show(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const shown = (at: number) =>
      until(
        `panels of dashboard ${at}`,
        () =>
          browser.value(
            `document.querySelectorAll('#choice .chosen').length === 1 && document.querySelectorAll('.panel:not([data-shown])').length`,
          ),
        (left) => left === 0,
      );
    const count = (await until(
      "dashboards",
      () => browser.value("document.querySelectorAll('#choice button').length"),
      (found) => found === 4,
    )) as number;
    for (let at = 0; at < count; at++) {
      await browser.value(`document.querySelectorAll('#choice button')[${at}].click()`);
      await shown(at);
      console.log(`to be looked at: ${await browser.screenshot(`dashboards-${name}-${at}.png`)}`);
      expect(
        await browser.value(
          "[...document.querySelectorAll('.none')].map((each) => each.textContent).filter((text) => text !== 'none')",
        ),
      ).toEqual([]);
    }
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

test("a second up changes nothing; without the section nothing is served, and the cluster is what it was", async () => {
  await lab.must("up");
  expect(new Engine(lab.identity, {}).changes()).toEqual([]);
  await prometheus.stop();
  await lab.must("up", "--monitoring", "default");
  const listens = async (host: string, port: number) =>
    (await lab.onHost(host, `ss -Hltn 'sport = :${port}'`))
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(/\s+/)[3]);
  for (const host of [...members, "lab-master-1", "lab-worker-1", "lab-bastion-1"])
    expect(await listens(host, 9100)).toEqual([]);
  for (const member of members) expect(await listens(member, 2381)).toEqual(["127.0.0.1:2381"]);
  for (const balancer of ["lab-balancer-1", "lab-balancer-2"])
    expect(await listens(balancer, 8405)).toEqual([]);
  expect(
    await lab.kubectl("get", "clusterrole", "kubernetes-ha:metrics", "--ignore-not-found"),
  ).toBe("");
  const { code, output } = await lab.run("status");
  expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
});
