import type { ClusterPlan } from "../plan/cluster";
import type { HostNeeds } from "../plan/needs";
import { registryUnits } from "../render";

/** What a host of the registry needs before the programs start: no more than those, as it runs no containers. */
export function registryNeeds({ registry }: Pick<ClusterPlan, "registry">): HostNeeds {
  if (registry === undefined) return {};
  return {
    artifacts: [{ name: "distribution", version: registry.version, binary: "registry" }],
    laterServices: Object.values(registryUnits),
  };
}
