import { hostGroups } from "../hosts";
import { type HostGroup } from "../model";
import { hostKey } from "../names";
import { type ReadSections } from "../parse";
import { didYouMean, type Problem } from "../problems";
import { keptRoles } from "../roles";
import { quorum } from "../topology/quorum";

const namesOf = (groups: readonly HostGroup[]) =>
  groups.flatMap(({ pool, members }) => members.map(({ key }) => hostKey(pool, key)));

/** Names that no host has. */
function unknownHosts(
  path: string,
  got: readonly string[],
  what: string,
  groups: readonly HostGroup[],
): Problem[] {
  const names = namesOf(groups);
  return got.flatMap((name): Problem[] => {
    if (names.includes(name)) return [];
    const meant = didYouMean(name, names);
    const fix =
      meant === undefined ? `Leave it out; known are ${names.join(", ")}` : `Did you mean ${meant}`;
    return [{ path, message: `got "${name}", but no ${what} is called so`, fix }];
  });
}

/** Who may leave: hosts that are there and protected, and of those that vote no more than leave a quorum. Who is made anew: hosts that are there. */
export function leavingProblems(read: ReadSections): Problem[] {
  const { leaving, generations, etcd, masters, workers, entry } = read;
  // What could not be read names nobody.
  if (!leaving || !generations || !etcd || !masters || !workers || !entry) return [];
  const groups = hostGroups(read);
  const kept = groups.filter(({ role }) => keptRoles.includes(role));
  const unknown = [
    ...unknownHosts("generations", Object.keys(generations), "host", groups),
    ...unknownHosts("leaving", leaving, "host of etcd or master", kept),
  ];
  const voters = namesOf(kept.filter(({ duties }) => duties.includes("etcd")));
  const going = voters.filter((name) => leaving.includes(name));
  const most = Math.max(0, voters.length - quorum(voters.length));
  if (going.length <= most) return unknown;
  return [
    ...unknown,
    {
      path: "leaving",
      message: `${going.join(", ")} of ${voters.length} members of etcd may leave, and the rest would be no quorum`,
      fix: `Name ${most} of them at most, and the others once these have left`,
    },
  ];
}
