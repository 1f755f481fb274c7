import { type MemberConfig } from "../fields";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { quorum } from "../topology/quorum";
import { type Fault } from "../fault";

/** Zones: known ones only, balancers of one VIP together, and no zone of several that holds a quorum of etcd. */
export function zoneProblems({ network, etcd, masters, entry, workers }: ReadSections): Problem[] {
  if (network === undefined) return [];
  const known = network.zones.map(({ zone }) => zone);
  const named = [
    ...zonesOf("etcd.members", etcd?.members),
    ...zonesOf("masters.members", masters?.members),
    ...zonesOf("entry.balancers.members", entry?.balancers.members),
    ...(workers ?? []).flatMap((pool, index) => [
      ...(pool.zone === undefined ? [] : [{ path: `workers.${index}.zone`, zone: pool.zone }]),
      ...zonesOf(`workers.${index}.members`, pool.members),
    ]),
  ];
  return [
    ...known.flatMap((zone, index) =>
      known.indexOf(zone) === index
        ? []
        : [
            {
              path: `network.zones.${index}`,
              message: `zone ${zone} is there twice`,
              fix: "List every zone once, with one subnet",
            },
          ],
    ),
    ...named
      .filter(({ zone }) => !known.includes(zone))
      .map(({ path, zone }) => ({
        path,
        message: `got zone ${zone}, but the network has ${known.join(", ")}`,
        fix: "Add the zone to network.zones, or use one of those",
      })),
    ...vipAcrossZones(known[0], entry?.balancers.members ?? []),
    ...quorumInOneZone(known[0], etcd?.members ?? []),
  ];
}

function zonesOf(path: string, members: readonly MemberConfig[] = []) {
  return members.flatMap(({ zone }, index) =>
    zone === undefined ? [] : [{ path: `${path}.${index}.zone`, zone }],
  );
}

function vipAcrossZones(first: string | undefined, balancers: readonly MemberConfig[]): Problem[] {
  const zones = [...new Set(balancers.map(({ zone }) => zone ?? first))];
  if (zones.length <= 1) return [];
  return [
    {
      path: "entry.balancers.members",
      message: `the balancers are in ${zones.join(", ")}, but a HAVIP belongs to one subnet, so to one zone`,
      fix: "Put all balancers in one zone",
    },
  ];
}

function quorumInOneZone(first: string | undefined, etcd: readonly MemberConfig[]): Problem[] {
  return zoneQuorumFaults(etcd.map(({ zone }) => zone ?? first ?? "")).map((fault) => ({
    path: "etcd.members",
    ...fault,
  }));
}

/** Zones of several that hold a quorum of the etcd members, given the zone of every member. */
export function zoneQuorumFaults(zones: readonly string[]): Fault[] {
  const distinct = [...new Set(zones)];
  if (distinct.length <= 1) return [];
  const needed = quorum(zones.length);
  return distinct
    .map((zone) => ({ zone, count: zones.filter((other) => other === zone).length }))
    .filter(({ count }) => count >= needed)
    .map(({ zone, count }) => ({
      message: `${zone} holds ${count} of ${zones.length} etcd members, a quorum, so the other zones add nothing`,
      fix: `Leave at most ${needed - 1} in one zone, or put all in one`,
    }));
}
