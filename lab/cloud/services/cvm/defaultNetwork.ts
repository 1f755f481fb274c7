import type { Call } from "../../action";
import { ApiError } from "../../errors";
import type { SubnetRecord } from "../../records";

/** What the API takes in place of the ids of VPC and subnet for the account's default network. */
export const defaultId = "DEFAULT";

/**
 * The subnet of the default network in a zone. The account of the lab has none, so only who orders nothing (a dry run) may name it.
 * @throws ApiError when something is ordered in it.
 */
export function defaultSubnet({ now }: Call, zone: string, dryRun: boolean): SubnetRecord {
  if (!dryRun) {
    throw new ApiError(
      "UnsupportedOperation",
      "The lab has no default VPC: name a VPC and a subnet.",
    );
  }
  return {
    id: defaultId,
    seq: 0,
    createdAt: now.toISOString(),
    vpcId: defaultId,
    name: "Default-Subnet",
    cidr: "172.16.0.0/20",
    zone,
    broadcast: false,
    routeTableId: defaultId,
  };
}
