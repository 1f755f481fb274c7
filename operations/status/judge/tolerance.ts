import { type Facts, lookOf } from "../facts";
import { etcdStatus } from "./etcd";
import { masterStatuses } from "./masters";

/** How many more may be lost before the API or the data is, of how many at best. */
export type Tolerance = Record<string, { left: number; of: number }>;

/** Roles of hosts that stand before the masters. */
const entryRoles = ["balancer", "director"];

/**
 * What may still be lost, by what the stack promises of a cluster that has all its hosts (`faultTolerance`). Where every role is spread strictly a
 * machine takes one of each with it at most, so of machines as many may go as of the weakest role; where it is not, none may, as the stack says.
 */
export function toleranceOf(facts: Facts): Tolerance {
  const { faultTolerance, nodes } = facts.outputs;
  const { serving, quorum } = etcdStatus(facts);
  const away = nodes.filter(
    ({ name, role }) => entryRoles.includes(role) && !passesOn(facts, name),
  ).length;
  const left: Record<string, number> = {
    etcdMembers: serving - quorum,
    masters: masterStatuses(facts).filter(({ ready }) => ready).length - 1,
    balancers: (faultTolerance["balancers"] ?? 0) - away,
  };
  const known = Object.keys(left).filter((what) => faultTolerance[what] !== undefined);
  left["physicalHosts"] = Math.min(...known.map((what) => left[what] ?? 0));
  return Object.fromEntries(
    Object.entries(faultTolerance).map(([what, of]) => [
      what,
      { left: Math.min(of, Math.max(0, left[what] ?? 0)), of },
    ]),
  );
}

/** Whether a host before the masters has all its services. */
function passesOn(facts: Facts, name: string): boolean {
  const look = lookOf(facts, name);
  return look !== undefined && Object.values(look.services).every((state) => state === "active");
}
