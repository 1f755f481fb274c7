import type { Call } from "../../action";
import { ApiError } from "../../errors";
import { listHosts, place, type PhysicalHost, type PlacementRequest } from "../../physical";
import { checkQuota } from "../../quotas";
import type { InstanceRecord, PlacementGroupRecord } from "../../records";
import { memberQuotas, membersOf } from "./placementGroups";

/** Places one more instance, or says why not with the code of the real API. `except` leaves out an instance that moves. */
export function choosePhysicalHost(
  call: Call,
  request: Omit<PlacementRequest, "groups">,
  groups: PlacementGroupRecord[],
  except?: string,
): PhysicalHost {
  const { store, settings } = call;
  for (const group of groups) {
    const members = membersOf(store, group.id).filter((each) => each.id !== except);
    checkQuota(call, memberQuotas[group.type], members.length + 1, group.id);
  }
  const placed = store.tables.instances
    .list()
    .filter((each) => holdsRoom(each, except))
    .map((each) => ({ ...each, kind: kindOf(each.securityGroupIds) }));
  const dead = new Set(store.tables.deadHosts.list().map((each) => each.id));
  const result = place({ ...request, groups }, listHosts(settings.inventory), dead, placed);
  if ("host" in result) {
    return result.host;
  }
  switch (result.refused) {
    case "zone":
      throw new ApiError(
        "ResourceInsufficient.AvailabilityZoneSoldOut",
        `The zone ${request.zone} has nothing left to sell.`,
      );
    case "capacity":
      throw new ApiError(
        "ResourceInsufficient.SpecifiedInstanceType",
        `No host of ${request.zone} has room for ${request.cpus} vCPU and ${request.memoryGiB} GiB.`,
      );
    case "spread":
      throw new ApiError(
        "ResourceInsufficient.DisasterRecoverGroupCvmQuota",
        `No host with room is left in ${request.zone} that keeps ${groups
          .map((each) => `${each.id} (${each.type}, affinity ${each.affinity})`)
          .join(" and ")} spread.`,
      );
  }
}

/** Instances of the same security groups do the same job, as far as the cloud can tell. */
export function kindOf(securityGroupIds: string[]): string {
  return [...securityGroupIds].sort().join(" ");
}

function holdsRoom(instance: InstanceRecord, except: string | undefined): boolean {
  return (
    instance.id !== except && instance.state !== "TERMINATING" && instance.state !== "LAUNCH_FAILED"
  );
}
