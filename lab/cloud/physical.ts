import type { PlacementGroupRecord } from "./records";
import type { Inventory } from "./settings";

/** A physical machine and where it stands. */
export interface PhysicalHost {
  name: string;
  zone: string;
  switch: string;
  rack: string;
  cpus: number;
  memoryGiB: number;
}

/** A virtual machine as placement sees it. */
export interface PlacedInstance {
  physicalHost: string;
  cpus: number;
  memoryGiB: number;
  groupIds: string[];
  /** What instances of one job have in common: their security groups. */
  kind?: string;
}

/** All hosts of the inventory, in its order. Names of racks and switches need to be unique within their parent only. */
export function listHosts(inventory: Inventory): PhysicalHost[] {
  return inventory.zones.flatMap((zone) =>
    zone.switches.flatMap((sw) =>
      sw.racks.flatMap((rack) =>
        rack.hosts.map((host) => ({
          ...host,
          zone: zone.name,
          switch: `${zone.name}/${sw.name}`,
          rack: `${zone.name}/${sw.name}/${rack.name}`,
        })),
      ),
    ),
  );
}

type GroupType = PlacementGroupRecord["type"];

/** The fault domain of a host that a group of this type spreads over. */
export function domainOf(host: PhysicalHost, type: GroupType): string {
  return type === "HOST" ? host.name : type === "SW" ? host.switch : host.rack;
}

export interface PlacementRequest {
  zone: string;
  cpus: number;
  memoryGiB: number;
  groups: Pick<PlacementGroupRecord, "id" | "type" | "affinity">[];
  kind?: string;
}

/** Why no host could be found. */
export type Refusal = "zone" | "capacity" | "spread";

export type PlacementResult = { host: PhysicalHost } | { refused: Refusal };

/**
 * Chooses a host for one more instance: one with room, on which no group of the instance would have more than `affinity`
 * members in one fault domain (strict: nothing is chosen otherwise). Among those: the domain with the fewest members of the
 * groups, then the host with the fewest instances of the same kind, then the fewest of any, then the most free memory. Only
 * the groups are a promise; the rest is best effort, as the real scheduler's is, so that a pool outside any group does not
 * stand on one host while others are empty.
 *
 * Members may be placed one by one: the domains of the group types nest, so taking the emptiest place never makes a later
 * member fail that another choice would have had room for.
 *
 * @param hosts All hosts.
 * @param dead Names of hosts without power; nothing is placed there.
 * @param placed Instances that exist, members of the groups in other zones included.
 */
export function place(
  request: PlacementRequest,
  hosts: readonly PhysicalHost[],
  dead: ReadonlySet<string>,
  placed: readonly PlacedInstance[],
): PlacementResult {
  const byName = new Map(hosts.map((host) => [host.name, host]));
  const none = { count: 0, kin: 0, cpus: 0, memoryGiB: 0 };
  const load = new Map(hosts.map((host) => [host.name, { ...none }]));
  for (const instance of placed) {
    const sum = load.get(instance.physicalHost);
    if (sum) {
      sum.count += 1;
      sum.kin += request.kind !== undefined && instance.kind === request.kind ? 1 : 0;
      sum.cpus += instance.cpus;
      sum.memoryGiB += instance.memoryGiB;
    }
  }
  const members = request.groups.map((group) => {
    const counts = new Map<string, number>();
    for (const instance of placed) {
      const host = byName.get(instance.physicalHost);
      if (host && instance.groupIds.includes(group.id)) {
        const domain = domainOf(host, group.type);
        counts.set(domain, (counts.get(domain) ?? 0) + 1);
      }
    }
    return { group, counts };
  });
  const inZone = hosts.filter((host) => host.zone === request.zone && !dead.has(host.name));
  if (inZone.length === 0) {
    return { refused: "zone" };
  }
  const withRoom = inZone.filter((host) => {
    const used = load.get(host.name) ?? none;
    return (
      used.cpus + request.cpus <= host.cpus && used.memoryGiB + request.memoryGiB <= host.memoryGiB
    );
  });
  if (withRoom.length === 0) {
    return { refused: "capacity" };
  }
  const ranked = withRoom
    .filter((host) =>
      members.every(
        ({ group, counts }) => (counts.get(domainOf(host, group.type)) ?? 0) < group.affinity,
      ),
    )
    .map((host) => ({
      host,
      crowd: members.reduce(
        (sum, { group, counts }) => sum + (counts.get(domainOf(host, group.type)) ?? 0),
        0,
      ),
      used: load.get(host.name) ?? none,
    }))
    .sort(
      (a, b) =>
        a.crowd - b.crowd ||
        a.used.kin - b.used.kin ||
        a.used.count - b.used.count ||
        b.host.memoryGiB - b.used.memoryGiB - (a.host.memoryGiB - a.used.memoryGiB),
    );
  return ranked[0] ? { host: ranked[0].host } : { refused: "spread" };
}

/** A part of the region that fails as one. */
export type FaultDomain = "host" | "rack" | "switch" | "zone";

function pathOf(host: PhysicalHost, kind: FaultDomain): string {
  return kind === "host" ? host.name : host[kind];
}

/**
 * Hosts of one host, rack, switch or zone, by its name or its 1-based number in the inventory. A rack or switch is named by its
 * path (`ap-guangzhou-3/switch-1/rack-1`) or, if no other ends so, by the end of it (`rack-1`).
 * @throws Error telling what there is, when it is none or not only one.
 */
export function hostsOf(
  hosts: readonly PhysicalHost[],
  kind: FaultDomain,
  nameOrNumber: string,
): PhysicalHost[] {
  const paths = [...new Set(hosts.map((host) => pathOf(host, kind)))];
  const exact = paths.find((path) => path === nameOrNumber) ?? paths[Number(nameOrNumber) - 1];
  const named = paths.filter((path) => path.endsWith(`/${nameOrNumber}`));
  const path = exact ?? (named.length === 1 ? named[0] : undefined);
  if (path === undefined) {
    const what = kind === "host" ? "physical host" : kind;
    throw new Error(
      named.length > 1
        ? `several are called '${nameOrNumber}': ${named.join(", ")}; give the whole path`
        : `no ${what} '${nameOrNumber}'; there are: ${paths.join(", ")}`,
    );
  }
  return hosts.filter((host) => pathOf(host, kind) === path);
}
