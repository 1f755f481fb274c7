import { type MemberConfig } from "../fields";
import { hostGroups } from "../hosts";
import { type Problem } from "../problems";
import { type ReadSections } from "../parse";

/** Zones: each once, and members in known ones only. */
export function zoneProblems(read: ReadSections): Problem[] {
  const { network } = read;
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
  ];
}

function zonesOf(path: string, members: readonly MemberConfig[]) {
  return members.flatMap(({ zone }, index) =>
    zone === undefined ? [] : [{ path: `${path}.${index}.zone`, zone }],
  );
}
