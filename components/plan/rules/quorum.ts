import { type Fault } from "../fault";
import { quorum, tolerated } from "../topology/quorum";

/** etcd sizes that make sense: odd, enough to lose one, not so many that writes slow down. */
export const etcdSizes = [3, 5, 7] as const;

/** Why a number of etcd members is refused; undefined when it is fine. */
export function etcdSizeFault(members: number): Fault | undefined {
  if ((etcdSizes as readonly number[]).includes(members)) return undefined;
  if (members < 3) {
    return {
      message: `etcd needs 3, 5 or 7 members: got ${members}, which loses its quorum with the first member`,
      fix: "Use 3 members",
    };
  }
  if (members > 7) {
    return {
      message: `etcd needs 3, 5 or 7 members: got ${members}; every write waits for ${quorum(members)} of them`,
      fix: "Use 7 members",
    };
  }
  return {
    message:
      `etcd needs 3, 5 or 7 members: got ${members}; an even count tolerates ${tolerated(members)} ` +
      `lost, no more than ${members - 1} do, and fails more often`,
    fix: `Use ${members - 1} or ${members + 1} members`,
  };
}

/** Why a number of masters is refused. Any count from 2 is fine: they elect leaders through etcd, not by a vote. */
export function mastersFault(members: number): Fault | undefined {
  if (members >= 2) return undefined;
  return {
    message: `masters need 2 or more members: got ${members}, and the API is gone with the first one lost`,
    fix: "Use 2 or more masters; 3 keep two while one is upgraded",
  };
}

/** Why a number of balancers is refused. `consequence` is what one more lost means. */
export function balancersFault(
  members: number,
  consequence = "the VIP has nowhere to go",
): Fault | undefined {
  return layerFault("balancers", members, consequence);
}

/** Why a number of LVS directors is refused. */
export function directorsFault(members: number): Fault | undefined {
  return layerFault("directors", members, "the VIP has nowhere to go");
}

/** Why a number of registry hosts is refused. */
export function registryFault(members: number): Fault | undefined {
  if (members >= 2) return undefined;
  return {
    message: `the registry needs 2 or more hosts: got ${members}, and nobody can pull or push when that one is lost`,
    fix: "Use 2 hosts",
  };
}

function layerFault(what: string, members: number, consequence: string): Fault | undefined {
  if (members >= 2) return undefined;
  return {
    message: `the API entry needs 2 or more ${what}: got ${members}, and ${consequence}`,
    fix: `Use 2 ${what}`,
  };
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
