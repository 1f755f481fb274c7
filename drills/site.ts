import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { planCluster, type ClusterPlan, type HostPlan } from "../components/plan/cluster";
import { parseClusterConfig } from "../components/plan/config";
import type { Placement } from "../lab/admin";
import type { LabCluster } from "../lab/cluster";
import { clusterKey } from "../lab/examples";
import { clusterReady } from "../lab/up";
import { waitFor } from "../lab/wait";

/** A living cluster that faults are tried on, and how it was planned. */
export interface Site {
  cluster: LabCluster;
  plan: ClusterPlan;
}

/** The cluster of a lab as it was brought up last. */
export function siteOf(cluster: LabCluster): Site {
  const text = readFileSync(join(cluster.identity.dir, "wanted.yaml"), "utf8");
  const { config } = parse(text) as { config: Record<string, unknown> };
  return { cluster, plan: planCluster(parseClusterConfig(config[clusterKey])) };
}

/** Whom the faults of a cluster strike, and who looks on. All that stands on one physical machine is struck as one; the bastion stands elsewhere. */
export interface Cast {
  /** Name of the physical machine that has a master, and what holds the virtual address if anything does. */
  machine: string;
  /** The master on it. */
  struck: HostPlan;
  /** A master and a worker that outlive it. */
  master: HostPlan;
  worker: HostPlan;
  /** Who holds the virtual address; undefined where no host does. */
  holder: HostPlan | undefined;
}

/** Chooses whom to strike. Where the holder of the virtual address shares a machine with the bastion, another one takes its place first. */
export async function castOf({ cluster, plan }: Site): Promise<Cast> {
  const placement = await cluster.admin.placement();
  const machineOf = ({ name }: HostPlan): string | undefined =>
    placement.find((row) => row.name === name)?.physicalHost;
  const home = machineOf(plan.bastion);
  let holder = await holderOf({ cluster, plan });
  if (holder !== undefined && machineOf(holder) === home) {
    const from = holder;
    await cluster.onHost(from.name, "systemctl stop keepalived");
    holder = await waitFor({ what: "the virtual address to move", deadlineSeconds: 60 }, () =>
      holderOf({ cluster, plan }),
    );
    await cluster.onHost(from.name, "systemctl start keepalived");
  }
  // In another zone than the bastion's, where there are several: zones are struck as well.
  const apart = (each: HostPlan, other: HostPlan): boolean =>
    machineOf(each) !== machineOf(other) &&
    (plan.network.subnets.length === 1 || each.zone !== other.zone);
  const elsewhere = plan.masters.filter((each) => apart(each, plan.bastion));
  const struck =
    elsewhere.find((each) => holder !== undefined && machineOf(each) === machineOf(holder)) ??
    elsewhere[0];
  const machine = struck && machineOf(struck);
  const outlives = (each: HostPlan): boolean => struck !== undefined && apart(each, struck);
  const [master, worker] = [plan.masters.find(outlives), plan.workers.find(outlives)];
  if (struck === undefined || machine === undefined || master === undefined || worker === undefined)
    throw new Error(
      `nobody would be left to look on: ${[plan.bastion, ...plan.masters, ...plan.workers].map((each) => `${each.name} is on ${machineOf(each) ?? "no machine"}`).join(", ")}`,
    );
  return { machine, struck, master, worker, holder };
}

/** The host that has the virtual address on an interface. */
export async function holderOf({ cluster, plan }: Site): Promise<HostPlan | undefined> {
  const { entry, entryHosts } = plan;
  if (!("vip" in entry)) return undefined;
  // Real servers of direct routing have it on their loopback.
  const look = `ip -4 -o address show to ${entry.vip}/32 | grep -v ' lo ' || true`;
  const candidates = entryHosts.filter(({ duties, role }) =>
    entry.kind === "lvs" ? role === "director" : duties.includes("balancer"),
  );
  const found = await Promise.all(
    candidates.map(async (host) => ((await cluster.onHost(host.name, look)) === "" ? [] : [host])),
  );
  return found.flat()[0];
}

/** A host of it, by its whole name. */
export function hostOf({ plan }: Pick<Site, "plan">, name: string): HostPlan {
  const found = plan.hosts.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no host is called ${name}`);
  return found;
}

/** Where an instance runs. */
export async function placeOf(
  { cluster }: Pick<Site, "cluster">,
  { name }: Pick<HostPlan, "name">,
): Promise<Placement> {
  const row = (await cluster.admin.placement()).find((each) => each.name === name);
  if (row === undefined) throw new Error(`${name} is placed nowhere`);
  return row;
}

/** Waits until an apiserver answers that it is ready. @returns when, in seconds since the epoch. */
export async function untilApiAnswers(
  { cluster }: Pick<Site, "cluster">,
  deadlineSeconds: number,
): Promise<number> {
  await waitFor({ what: "the API to answer", deadlineSeconds }, async () => {
    await cluster.kubectl("get", "--raw", "/readyz", "--request-timeout=5s");
    return true;
  });
  return Date.now() / 1000;
}

/**
 * Waits until nothing of the last fault is left: hosts let us in, every node and pod is ready, each apiserver says that it is (etcd included), and
 * the Service `kubernetes` leads to all of them.
 */
export async function allWell({ cluster, plan }: Site, masters = plan.masters): Promise<void> {
  const limits = { deadlineSeconds: 420, everyMs: 1000 };
  const what = (of: string): { what: string } & typeof limits => ({ what: of, ...limits });
  await waitFor(what(`${plan.bastion.name} to let us in`), async () => {
    await cluster.onHost(plan.bastion.name, "true");
    return true;
  });
  const ready = masters.map(
    ({ address }) =>
      `curl --silent --fail --insecure --max-time 3 https://${address}:${plan.apiserverPort}/readyz >/dev/null || echo ${address}`,
  );
  await waitFor(what("every apiserver to be ready"), async (seen) => {
    const bad = await cluster.onHost((masters[0] as HostPlan).name, ready.join("\n"));
    seen(bad);
    return bad === "" ? true : undefined;
  });
  if (masters.length === plan.masters.length)
    await clusterReady(cluster.operator, cluster.operator.outputs.nodes);
  await waitFor(what("the Service kubernetes to lead to these masters"), async (seen) => {
    const path = "jsonpath={.endpoints[*].addresses[*]}";
    const listed = await cluster.kubectl("get", "endpointslice", "kubernetes", "-o", path);
    seen(listed);
    const wanted = masters.map(({ address }) => address).sort();
    return listed.split(" ").sort().join() === wanted.join() ? true : undefined;
  });
}
