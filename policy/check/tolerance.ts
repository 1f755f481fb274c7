import { type Duty, spreadRoles } from "../../components/plan/roles";
import { spreadFault } from "../../components/plan/rules/spread";
import {
  type FaultTolerance,
  faultTolerance,
  layersTolerated,
} from "../../components/plan/topology/tolerance";
import { groupOf } from "../facts/groups";
import { number, text } from "../facts/values";
import type { World } from "./world";

/** What may be lost of a cluster before the API or the data is, by the same sum the plan makes; undefined when it is not there. */
export function toleranceOf(world: World, cluster: string): FaultTolerance | undefined {
  const count = (duty: Duty) => world.membersOf(cluster, duty).length;
  const [etcd, masters] = [count("etcd"), count("controlPlane")];
  const [directors, balancers] = [count("director"), count("balancer")];
  if (etcd + masters + directors + balancers === 0) return undefined;
  const strictlySpread = spreadRoles.every((role) => {
    const groups = world.members
      .filter((member) => member.cluster === cluster && member.role === role)
      .map(({ resource }) => groupOf(world.stack, resource));
    const [first] = groups;
    if (groups.length === 0) return true;
    if (typeof first !== "object" || groups.some((group) => group !== first)) return false;
    const { type, affinity } = first.props;
    return spreadFault(role, { type: text(type), affinity: number(affinity) }) === undefined;
  });
  return faultTolerance({
    etcd,
    masters,
    // An entry without hosts is the platform's, and redundant by itself; whether there is one is a rule's matter.
    entry: layersTolerated([directors, balancers]),
    strictlySpread,
  });
}
