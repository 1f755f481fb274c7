import {
  type Duty,
  isSpreadRole,
  type SpreadRole,
  spreadRoles,
} from "../../../components/plan/roles";
import { spreadFault } from "../../../components/plan/rules/spread";
import { faultTolerance, layersTolerated } from "../../../components/plan/topology/tolerance";
import { groupFacts, groupOf } from "../../facts/groups";
import { clusterName, groupBy, instancesOf, type TaggedInstance } from "../../facts/instances";
import { type Stack } from "../../facts/stack";
import { type Rule } from "../rule";

interface Parameters {
  /** Physical machines that may be lost. */
  physicalHosts: number;
}

/** Works out what a cluster tolerates, as its component does, from the instances and groups that would be made. */
export const survivesOneHost: Rule<Parameters> = {
  id: "quorum-survives-one-host",
  description: "A cluster goes on when a physical machine is lost, whichever it is.",
  level: "mandatory",
  why: "Machines die. That one of them must not take the API or the data with it is what all the rest is for.",
  source: "docs/architecture.md; components/plan/topology/tolerance.ts",
  fix: "Add members, and put those of a role in one strict group",
  scope: "stack",
  parameters: {
    physicalHosts: {
      type: "integer",
      minimum: 1,
      default: 1,
      description:
        "Physical machines that may be lost at once. 2 takes 5 etcd members, 3 masters and 3 balancers.",
    },
  },
  judge: (stack, { physicalHosts }) => {
    const voters = instancesOf(stack).filter(({ role }) => isSpreadRole(role));
    return [...groupBy(voters, ({ cluster }) => cluster)].flatMap(([cluster, hosts]) => {
      const count = (duty: Duty) => hosts.filter(({ duties }) => duties.includes(duty)).length;
      // A cluster without etcd or masters of its own has parts in another stack, and one without balancers an entry of
      // another kind: what is not here is judged by the rules about it.
      const size = (duty: Duty) => count(duty) || Number.MAX_SAFE_INTEGER;
      const strictlySpread = spread(stack, hosts);
      const [directors, balancers] = [count("director"), count("balancer")];
      const tolerance = faultTolerance({
        etcd: size("etcd"),
        masters: size("controlPlane"),
        entry: layersTolerated([directors, balancers]),
        strictlySpread,
      });
      if (tolerance.physicalHosts >= physicalHosts) return [];
      const message =
        `cluster ${clusterName(cluster)} survives the loss of ${tolerance.physicalHosts} physical machines, not ${physicalHosts}: ` +
        (strictlySpread
          ? `it has ${count("etcd")} etcd members, ${count("controlPlane")} masters and ${inFront(directors, balancers)}`
          : "members of a role may share a machine");
      return [{ message, urn: hosts[0]?.resource.urn }];
    });
  },
};

/** What stands before the masters, in words. */
function inFront(directors: number, balancers: number): string {
  if (directors === 0) return `${balancers} balancers`;
  return `${directors} directors${balancers === 0 ? "" : ` before ${balancers} balancers`}`;
}

/** Whether all members of each role are in one strict group. */
function spread(stack: Stack, hosts: readonly TaggedInstance[]): boolean {
  return spreadRoles.every((role) => {
    const members = hosts.filter((host) => host.role === role);
    const groups = new Set(members.map(({ resource }) => groupOf(stack, resource)));
    return groups.size <= 1 && [...groups].every((group) => isStrict(role, group));
  });
}

function isStrict(role: SpreadRole, group: ReturnType<typeof groupOf>): boolean {
  if (group === undefined || group === "foreign") return false;
  return spreadFault(role, groupFacts(group)) === undefined;
}
