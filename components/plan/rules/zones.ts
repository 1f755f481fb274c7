import { type Fault } from "../fault";
import { type MemberConfig } from "../fields";
import { hostGroups } from "../hosts";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";
import { quorum } from "../topology/quorum";

/** Zones: known ones only, and no zone of several that holds a quorum of etcd. */
export function zoneProblems(read: ReadSections): Problem[] {
  const { network, etcd } = read;
  if (network === undefined) return [];
  const known = network.zones.map(({ zone }) => zone);
  const named = hostGroups(read).flatMap(({ path, zone, members }) => [
    ...(zone === undefined ? [] : [{ path: `${path}.zone`, zone }]),
    ...zonesOf(`${path}.members`, members),
  ]);
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
    ...quorumInOneZone(known[0], etcd?.members ?? []),
  ];
}

function zonesOf(path: string, members: readonly MemberConfig[]) {
  return members.flatMap(({ zone }, index) =>
    zone === undefined ? [] : [{ path: `${path}.${index}.zone`, zone }],
  );
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
