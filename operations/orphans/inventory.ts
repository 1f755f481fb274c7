import { setTimeout as delay } from "node:timers/promises";
import type { ClusterPlan } from "../../components/plan/cluster";
import { entryKindOf } from "../../components/plan/entry";
import { keyPairNames } from "../../components/plan/names";
import { tagNames } from "../../components/plan/roles";
import { type Clients, type CloudResource, type Kind, kinds } from "./kinds";

/** What tells a cluster's resources from others. */
export interface ClusterNames {
  /** Value of the tag `kubernetes-ha/cluster`. */
  cluster: string;
  /** Every name that the plan gives: HAVIPs have no tags, other kinds get theirs in a call of its own, and may have died before it. */
  names: ReadonlySet<string>;
  /** Parts of the plan whose kinds are looked for, too. @default none */
  parts?: readonly Kind["with"][];
}

export function clusterNames(plan: ClusterPlan): ClusterNames {
  const storageRoles = [plan.snapshotStore, plan.registry?.store].flatMap(
    (store) => store?.role ?? [],
  );
  return {
    cluster: plan.name,
    parts: storageRoles.length === 0 ? [] : ["storageRole"],
    names: new Set([
      plan.network.name,
      ...(plan.network.nat === undefined ? [] : [plan.network.nat]),
      ...plan.network.subnets.flatMap(({ name, id }) => (id === undefined ? [name] : [])),
      ...plan.securityGroups.map(({ name }) => name),
      ...plan.placementGroups.map(({ name }) => name),
      ...entryKindOf(plan.entry)
        .makes(plan.entry)
        .map(({ name }) => name),
      ...keyPairNames(plan),
      ...storageRoles,
      ...plan.hosts.flatMap(({ name, dataDisk }) => (dataDisk ? [name, dataDisk.name] : [name])),
    ]),
  };
}

/** Everything in the account's region that belongs to the cluster: by its tag, or untagged by its exact name. */
export async function readInventory(
  clients: Clients,
  { cluster, names, parts = [] }: ClusterNames,
): Promise<CloudResource[]> {
  const isOurs = ({ name, tags }: CloudResource) =>
    tags[tagNames.cluster] === undefined ? names.has(name) : tags[tagNames.cluster] === cluster;
  const found = await Promise.all(
    kinds
      .filter((kind) => kind.with === undefined || parts.includes(kind.with))
      .map(async (kind) => {
        const ours = (await kind.list(clients)).filter(isOurs);
        return Promise.all(
          ours.map(async (each) => ({ ...each, parts: (await kind.parts?.(clients, each)) ?? {} })),
        );
      }),
  );
  return found.flat();
}

/** What is in the cloud and in no state. */
export function orphansOf(
  inventory: readonly CloudResource[],
  known: Iterable<string>,
): CloudResource[] {
  const ids = new Set(known);
  return inventory.filter(({ id }) => !ids.has(id));
}

/** Seconds until the last of the orphans has to be gone: instances take a minute or two, and hold on to the rest. */
const removalSeconds = 300;

/**
 * Removes resources, dependants first, and waits until they are gone. What something else still holds is tried again.
 *
 * @param seconds how long that may take.
 * @throws Error naming what is left and why.
 */
export async function removeAll(
  clients: Clients,
  orphans: readonly CloudResource[],
  seconds = removalSeconds,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (const kind of kinds) {
    let left = orphans.filter(({ type }) => type === kind.type);
    let last = "";
    while (left.length > 0) {
      const there = new Map((await kind.list(clients)).map((each) => [each.id, each]));
      left = left.flatMap(({ id }) => there.get(id) ?? []);
      for (const resource of left)
        await kind.remove(clients, resource).catch((error: unknown) => {
          last = error instanceof Error ? error.message : String(error);
        });
      if (left.length === 0) break;
      if (performance.now() > deadline)
        throw new Error(
          `not removed after ${seconds} s: ${left.map(({ id, name }) => `${id} (${name})`).join(", ")}; the cloud's last answer: ${last}`,
        );
      await delay(500);
    }
  }
}
