import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { parseClusterConfig } from "../../components/plan/config";
import { planCluster, type HostPlan } from "../../components/plan/cluster";
import { untilApiAnswers } from "../../drills/site";
import { Engine } from "../../lab/engine";
import { probeImage } from "../../lab/probeImage";
import { must, run, type RunOptions } from "../../lab/process";
import { clusterReady } from "../../lab/up";
import { waitFor } from "../../lab/wait";
import { holdsContract } from "../support/contract";
import { longestGap, lostWrites, startWriter, stopWriter, writesAfter } from "../support/drill";
import {
  apiEndpoints,
  deployMovable,
  leaseHolder,
  leaseMoves,
  leases,
  leasesOf,
  movablesLeave,
  type Lease,
} from "../support/failover";
import { Edits, madeAnew } from "../support/edits";
import { kubectlFromBelow, type Kubectl } from "../support/fromBelow";
import { changedStates, hostStates, undo } from "../support/hostState";
import { expectedReach, reachFrom } from "../support/reach";
import {
  apiAnswers,
  clusterUid,
  instancesOrdered,
  interrupt,
  stepBegun,
  type Blow,
  type Moment,
} from "../support/interruption";
import { TestLab } from "../support/lab";
import { machineState, type MachineState } from "../support/machine";
import { toolchain } from "../../toolchain";
import { probeWorkload } from "../support/workload";

// One story on one cluster: each chapter needs the one before it.
jest.setTimeout(20 * 60_000);

const lab = new TestLab("e2e");
const checkout = resolve(__dirname, "../..");
const configFile = join(checkout, "Pulumi.lab.yaml");
const clusterKey = "tencentcloud-kubernetes-ha:cluster";

interface StackConfig {
  config: Record<string, unknown>;
}

const stackConfig = parse(readFileSync(configFile, "utf8")) as StackConfig;
const plan = planCluster(parseClusterConfig(stackConfig.config[clusterKey]));
let before: MachineState;
/** Of the cluster as it was when it was first interrupted with data in etcd. */
let uid: string;

beforeAll(async () => {
  await lab.must("down");
  before = await machineState(lab.identity.id);
});

afterAll(async () => {
  if (!process.env["KEEP_LAB"]) await lab.must("down");
});

/** What the last `up` changed. */
function changes(): string[] {
  return new Engine(lab.identity, {}).changes();
}

/** Logins each host's sshd has accepted so far. */
async function logins(names: string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const count = "journalctl -b -u ssh | grep -c 'Accepted publickey' || true";
  await Promise.all(
    names.map(async (name) => (counts[name] = Number(await lab.onHost(name, count)))),
  );
  return counts;
}

const notBastion = plan.hosts.filter(({ role }) => role !== "bastion").map(({ name }) => name);
const names = (hosts: { name: string }[]): string[] => hosts.map(({ name }) => name);

const everythingReady = (): Promise<void> => clusterReady(lab.operator, plan.hosts);

/** The way to all hosts is open: the bastion answers, and this host behind it. */
async function letsUsIn(host: string): Promise<void> {
  await waitFor({ what: "the bastion to let us in", deadlineSeconds: 300 }, async () => {
    const { code } = await lab.operator.ssh(host, ["true"], { timeoutSeconds: 15 });
    return code === 0 ? true : undefined;
  });
}

/** Ends kube-proxy, and waits until another one has written its rules. */
const kubeProxyAnew = `former=$(pgrep -x kube-proxy); kill "$former"
for _ in {1..300}; do
  sleep 0.2
  now=$(pgrep -x kube-proxy) && [[ $now != "$former" ]] || continue
  ! curl --silent --fail --max-time 2 http://127.0.0.1:10249/metrics |
    grep --quiet '^kubeproxy_sync_full_proxy_rules_duration_seconds_count{.*} [1-9]' || exit 0
done
echo "no other kube-proxy has written its rules after a minute"; exit 1`;

describe("npm run lab", () => {
  const blows: [Blow, Moment][] = [
    ["Ctrl-C", instancesOrdered(3)],
    ["kill -9 of the engine", stepBegun("lab-master-1", "prepare-host")],
    ["Ctrl-C", stepBegun("lab-etcd-2", "etcd")],
    ["kill -9 of the engine", stepBegun("lab-master-1", "control-plane")],
  ];
  test.each(blows.map(([blow, moment]) => [blow, moment.name, moment] as const))(
    "is ended by %s when %s, and says how to go on",
    async (blow, _, moment) => {
      const { code, output } = await interrupt(lab, moment, blow);
      expect(code).not.toBe(0);
      expect(output).toContain("run `npm run lab` again");
    },
  );

  test("loses the local cloud as the masters join: hosts and data live on", async () => {
    await interrupt(lab, apiAnswers("lab-master-1"), "kill -9 of the local cloud");
    expect(await lab.admin.alive()).toBe(false);
    uid = await clusterUid(lab, "lab-master-1");
  });

  test("run again, converges: 3 etcd, 3 masters, 2 workers, 2 balancers and a bastion on exactly 3 physical hosts", async () => {
    const output = await lab.must();
    expect(output).toContain("Entry: https://");
    expect(output).toContain("npm run lab -- kubectl get nodes");
    // The policy pack was loaded by the engine and found nothing to deny.
    expect(output).toMatch(/Policies:\s+✅ kubernetes-ha@/);
    const rows = await lab.admin.placement();
    expect(rows.map(({ name }) => name).sort()).toEqual(names(plan.hosts).sort());
    expect([
      plan.etcd.length,
      plan.masters.length,
      plan.workers.length,
      plan.balancers.length,
    ]).toEqual([3, 3, 2, 2]);
    expect(new Set(rows.map(({ physicalHost }) => physicalHost)).size).toBe(3);
    for (const group of [plan.etcd, plan.masters, plan.balancers]) {
      const places = rows
        .filter(({ name }) => names(group).includes(name))
        .map(({ physicalHost }) => physicalHost);
      expect(new Set(places).size).toBe(group.length);
    }
    await everythingReady();
    expect(await lab.must("kubectl", "get", "nodes")).toMatch(/ Ready /);
    expect(await clusterUid(lab, "lab-master-1")).toBe(uid);
  });

  test("a Deployment of two replicas answers by name from a pod on every node, and by NodePort", async () => {
    await probeWorkload(lab, [...names(plan.masters), ...names(plan.workers)]);
  });

  test("Services are there as before when kube-proxy is started anew", async () => {
    const nodes = [...names(plan.masters), ...names(plan.workers)];
    await Promise.all(nodes.map((name) => lab.onHost(name, kubeProxyAnew)));
    await probeWorkload(lab, nodes);
  });

  test("kubelets see the disks that were ordered, not the machine's", async () => {
    const { items } = JSON.parse(await lab.kubectl("get", "nodes", "-o", "json")) as {
      items: { metadata: { name: string }; status: { capacity: Record<string, string> } }[];
    };
    for (const { name, systemDisk } of [...plan.masters, ...plan.workers]) {
      const node = items.find(({ metadata }) => metadata.name === name);
      // In kibibytes; the file system's own tables are not counted.
      const seen = parseInt(node?.status.capacity["ephemeral-storage"] ?? "0", 10) / 2 ** 20;
      expect(Math.ceil(seen)).toBe(systemDisk.sizeGiB);
    }
  });

  /** As somebody with a real account works: with the engine's environment, outside the VPC. */
  const outside = (): RunOptions => {
    const env = new Engine(lab.identity, toolchain().env()).environment();
    const kubectl = dirname(toolchain().binary("kubectl"));
    return {
      cwd: checkout,
      netns: lab.identity.operatorNetns,
      env: { ...env, PATH: `${kubectl}:${env["PATH"] ?? ""}` },
      timeoutSeconds: 600,
    };
  };
  const tsx = [process.execPath, "--import", "tsx"];

  test("what `npm run access` writes with a real account works from outside, as it is printed", async () => {
    const out = lab.path("printed");
    // Beside the proxy that the tests' own kubectl has.
    const choice = ["--stack", "lab", "--out", out, "--socks-port", "1090"];
    const { stdout } = await must([...tsx, "operations/access.ts", ...choice], outside());
    const [socks = "", nodes = "", shell = ""] = stdout
      .split("\n")
      .filter((line) => line.startsWith("  "))
      .map((line) => line.replace(/#.*/, "").trim());
    // ssh in the background keeps its output open, for which we would wait.
    await must(["sh", "-c", `${socks} >${out}.log 2>&1`], outside());
    expect((await must(["sh", "-c", nodes], outside())).stdout).toMatch(/lab-master-1 +Ready /);
    const said = await must(["sh", "-c", `${shell} hostname`], outside());
    expect(names(plan.hosts)).toContain(said.stdout.trim());

    const line = ["--stack", "lab", "get", "nodes", "--no-headers"];
    const short = await must([...tsx, "operations/kubectl.ts", ...line], outside());
    expect(short.stdout).toMatch(/lab-master-1 +Ready /);
  });

  test("npm run status: a cluster that is healthy, one that has lost a host, and which", async () => {
    const status = (...args: string[]) =>
      run([...tsx, "operations/status.ts", "--stack", "lab", ...args], outside());
    const well = await status("--wait", "--timeout", "300");
    expect([well.code, well.stdout]).toEqual([0, expect.stringMatching(/^healthy\n/)]);
    const lost = (plan.etcd.at(-1) as HostPlan).name;
    const row = (await lab.admin.placement()).find(({ name }) => name === lost);
    await lab.admin.instance(row?.instanceId ?? "", "kill");
    const { code, stdout } = await status();
    expect(stdout).toContain(`${lost}: cannot be asked (etcd)`);
    expect(stdout).toContain("etcdMembers 0 of 1");
    expect(code).toBe(1);
    await lab.admin.instance(row?.instanceId ?? "", "start");
    const back = await status("--wait", "--timeout", "500");
    expect([back.code, back.stdout]).toEqual([0, expect.stringMatching(/^healthy\n/)]);
  });

  test("again: no change and no remote command", async () => {
    const first = await logins(notBastion);
    await lab.must();
    expect(changes()).toEqual([]);
    const second = await logins(notBastion);
    // The count itself logs in once.
    expect(second).toEqual(
      Object.fromEntries(Object.entries(first).map(([name, count]) => [name, count + 1])),
    );
  });
});

describe("security", () => {
  test("every role reaches exactly what the plan declares", async () => {
    expect(await reachFrom(lab, plan)).toEqual(expectedReach(plan));
  });

  test("etcd speaks TLS only", async () => {
    const [member] = plan.etcd;
    const [master] = plan.masters;
    if (member === undefined || master === undefined) throw new Error("no etcd");
    for (const port of [2379, 2380]) {
      const answer = await lab.onHost(
        member.name,
        `curl -sS -m 5 http://${member.address}:${port}/health 2>&1 || true`,
      );
      expect(answer).not.toContain('"health"');
      const anonymous = await lab.onHost(
        member.name,
        `curl -sSk -m 5 https://${member.address}:${port}/version 2>&1 || true`,
      );
      expect(anonymous).not.toContain("etcdserver");
    }
  });

  test("etcd's data is on its data disk", async () => {
    for (const { name, dataDisk } of plan.etcd) {
      const mounted = await lab.onHost(
        name,
        `findmnt --noheadings --output SOURCE,FSTYPE,TARGET ${dataDisk?.mountPoint ?? ""}`,
      );
      expect(mounted).toMatch(/\/dev\/(vd|loop)\w* +ext4 +\/var\/lib\/etcd/);
      expect(
        await lab.onHost(
          name,
          "ls /var/lib/etcd/member /var/lib/etcd/*/member 2>/dev/null || true",
        ),
      ).toContain("wal");
    }
  });

  test("no master holds the etcd CA's key", async () => {
    const modulus = (text: string): string => text.trim();
    const [member] = plan.etcd;
    const wanted = modulus(
      await lab.onHost(
        (member as { name: string }).name,
        "openssl pkey -in /etc/kubernetes/pki/etcd/ca.key -pubout | sha256sum",
      ),
    );
    const look = async (name: string): Promise<void> => {
      const keys = await lab.onHost(
        name,
        "find / -xdev -type f -size -64k \\( -name '*.key' -o -name '*.pem' -o -name '*.conf' \\) -print0 2>/dev/null | " +
          "while IFS= read -r -d '' f; do openssl pkey -in \"$f\" -pubout 2>/dev/null </dev/null | sha256sum; done | sort -u",
      );
      expect(keys.split("\n").length).toBeGreaterThan(3);
      expect(keys).not.toContain(wanted);
    };
    await Promise.all(names(plan.masters).map((name) => look(name)));
  });

  test("Secrets are encrypted at rest", async () => {
    await lab.kubectl(
      "create",
      "secret",
      "generic",
      "at-rest",
      "--from-literal=word=plain-words-in-etcd",
    );
    const [member] = plan.etcd;
    const held = await lab.onHost(
      (member as { name: string }).name,
      "grep -rlc plain-words-in-etcd /var/lib/etcd && echo found || echo absent",
    );
    expect(held.trim()).toBe("absent");
    expect(await lab.kubectl("get", "secret", "at-rest", "-o", "jsonpath={.data.word}")).toBe(
      Buffer.from("plain-words-in-etcd").toString("base64"),
    );
  });

  test("the audit log records who did it", async () => {
    const logs = await Promise.all(
      plan.masters.map(({ name }) =>
        lab.onHost(name, "grep -h '\"at-rest\"' /var/log/kubernetes/audit/*.log || true"),
      ),
    );
    expect(logs.join("")).toContain("kubernetes-admin");
    expect(logs.join("")).not.toContain(Buffer.from("plain-words-in-etcd").toString("base64"));
  });

  test("the API's certificate holds every name and address of the entry", async () => {
    const { address, name } = plan.masters[0] as { address: string; name: string };
    const text = await lab.onHost(
      name,
      `openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -ext subjectAltName; : ${address}`,
    );
    for (const wanted of plan.apiCertificateNames) expect(text).toContain(wanted);
  });
});

describe("the contract of the entry", () => {
  test("clients at all five positions get on when an apiserver and when a physical machine is killed", () =>
    holdsContract(lab, { entry: "vip", topology: "external" }));
});

describe("physical hosts die", () => {
  const moved = { leases: new Set<Lease>(), pods: new Set<string>() };

  beforeAll(() => deployMovable(lab, probeImage));

  /** Who is on a physical host, by role, and who can be asked meanwhile. */
  async function victims(host: string) {
    const rows = await lab.admin.placement();
    const lost = rows.filter(({ physicalHost }) => physicalHost === host).map(({ name }) => name);
    const [masters, workers] = [plan.masters, plan.workers].map((hosts) =>
      hosts.filter(({ name }) => lost.includes(name)),
    ) as [HostPlan[], HostPlan[]];
    const writer = plan.workers.find(({ name }) => !lost.includes(name))?.name;
    const witness = plan.masters.find(({ name }) => !lost.includes(name))?.name;
    const row = rows.find(({ name }) => name === writer);
    if (writer === undefined || row === undefined) throw new Error(`all workers are on ${host}`);
    if (witness === undefined) throw new Error(`all masters are on ${host}`);
    return { masters, workers, writer: row, witness };
  }

  test.each([1, 2, 3])(
    "host %i: writes resume, leases and endpoints follow, nothing acknowledged is lost, all comes back",
    async (number) => {
      const host = (await lab.admin.hosts())[number - 1];
      if (host === undefined) throw new Error(`no physical host ${number}`);
      const { masters, workers, writer, witness } = await victims(host.name);
      const addresses = masters.map(({ address }) => address);
      // The bastion may be among the dead.
      const kubectl = kubectlFromBelow(lab, witness);
      await startWriter(lab, writer.name);
      const held = await leasesOf(kubectl, names(masters));
      const killed = Date.now() / 1000;
      await lab.must("host", "kill", String(number));
      await writesAfter(lab, writer.instanceId, killed, 15);
      for (const lease of held) {
        await leaseMoves(kubectl, lease, names(masters));
        moved.leases.add(lease);
      }
      await apiEndpoints(kubectl, addresses, false);
      // One dead worker is enough: it takes most of a minute until a node counts as dead.
      const [dead] = moved.pods.size === 0 ? names(workers) : [];
      if (dead !== undefined) {
        await movablesLeave(kubectl, dead);
        moved.pods.add(dead);
      }
      await lab.must("host", "start", String(number));
      await letsUsIn(writer.name);
      await apiEndpoints(kubectl, addresses, true);
      await everythingReady();
      const records = await stopWriter(lab, writer.name);
      const gap = longestGap(records);
      console.log(
        `physical host ${host.name}: longest time without an acknowledged write ${gap.toFixed(1)} s`,
      );
      // What the gap is of: writes went on from before the death to well after it.
      const acknowledged = records.filter((record) => record.acknowledged);
      expect(acknowledged[0]?.end).toBeLessThan(killed);
      expect(acknowledged.at(-1)?.start).toBeGreaterThan(killed + 15);
      expect(gap).toBeLessThan(10);
      expect(await lostWrites(lab, records)).toEqual([]);
    },
  );

  // The drills have killed the holder of each, unless a lease has moved by itself between two of them.
  test.each(leases)("the machine that holds %s's lease dies: the lease moves", async (lease) => {
    if (moved.leases.has(lease)) return;
    const kubectl: Kubectl = (...args) => lab.kubectl(...args);
    const holder = await leaseHolder(kubectl, lease);
    const row = (await lab.admin.placement()).find(({ name }) => name === holder);
    if (row === undefined) throw new Error(`${holder} is placed nowhere`);
    await lab.admin.instance(row.instanceId, "kill");
    await leaseMoves(kubectl, lease, [holder]);
    await lab.admin.instance(row.instanceId, "start");
    await everythingReady();
  });

  test("pods of a dead worker run elsewhere", async () => {
    expect(moved.pods.size).toBe(1);
    await lab.kubectl("delete", "deployment", "moves", "--wait=false");
  });

  test("every host stopped and started at once: the cluster comes back alone, and every host as it was", async () => {
    const all = names(plan.hosts);
    const before = await hostStates(lab, all);
    const [member = ""] = names(plan.etcd);
    // What carries the API, its nodes and its data has the names it goes by undone.
    await undo(
      lab,
      all.filter((name) => name.endsWith("-1")),
      member,
    );
    await lab.must("all", "stop");
    await lab.must("all", "start");
    await letsUsIn(plan.bastion.name);
    await untilApiAnswers({ cluster: lab }, 300);
    await everythingReady();
    expect(changedStates(before, await hostStates(lab, all))).toEqual([]);
    expect(await lab.kubectl("get", "secret", "at-rest", "-o", "jsonpath={.metadata.name}")).toBe(
      "at-rest",
    );
  });
});

describe("growth", () => {
  test("one more worker in the configuration, the engine killed as it joins: only that host is touched", async () => {
    const cluster = structuredClone(stackConfig.config[clusterKey]) as {
      workers: { members: number }[];
    };
    const [pool] = cluster.workers;
    if (pool === undefined) throw new Error("the lab has no worker pool");
    pool.members += 1;
    const bigger = lab.path("bigger.yaml");
    writeFileSync(bigger, stringify({ config: { ...stackConfig.config, [clusterKey]: cluster } }));
    const up = ["up", "--config", bigger];
    const first = await logins(notBastion);
    const grown = planCluster(parseClusterConfig(cluster));
    const added = names(grown.workers).filter((name) => !names(plan.workers).includes(name));
    expect(added).toHaveLength(1);
    const [worker = ""] = added;
    await interrupt(lab, stepBegun(worker, "worker"), "kill -9 of the engine", up);
    await lab.must(...up);
    const second = await logins(notBastion);
    expect(second).toEqual(
      Object.fromEntries(Object.entries(first).map(([name, count]) => [name, count + 1])),
    );
    expect(
      changes().filter(
        (change) =>
          !change.includes(worker) && !/HaCluster|pulumi:pulumi:Stack|component/i.test(change),
      ),
    ).toEqual([]);
    expect(await lab.kubectl("get", "node", worker, "--no-headers")).toMatch(/ Ready /);
  });
});

// `npm run test:day2` tells the whole story, of all roles and to the other release.
describe("day 2, while somebody writes", () => {
  const edits = new Edits(lab);
  const writer = "lab-worker-2";

  test("the worker that came goes again: its pods, its node, its machine", () =>
    edits.change("one worker less", writer, () => undefined));

  test.each(["etcd-1", "master-1"])("%s, dead for good, is made anew", async (host) => {
    await edits.kill(`lab-${host}`);
    await edits.change(`${host} made anew`, writer, madeAnew(host));
  });
});

describe("down", () => {
  test("leaves nothing behind, and is fine twice", async () => {
    await lab.must("down");
    await lab.must("down");
    expect(await machineState(lab.identity.id)).toEqual(before);
    expect(before.processes).toEqual([]);
    expect(existsSync(lab.identity.dir)).toBe(false);
  });
});
