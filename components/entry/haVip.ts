import type * as pulumi from "@pulumi/pulumi";
import * as tencentcloud from "@pulumi/tencentcloud";
import type { Host } from "../host";
import type { Network } from "../network";
import { associateHaVip, haVipExtras } from "../provider";

/** Where a HAVIP is. */
export interface HaVipArgs {
  network: Network;
  /** Its name in the cloud. */
  vipName: string;
  vip: string;
  zone: string;
}

/** A virtual address that keepalived moves between instances by announcing it. */
export function createHaVip(
  name: string,
  { network, vipName, vip, zone }: HaVipArgs,
  parent: pulumi.Resource,
): tencentcloud.HaVip {
  return new tencentcloud.HaVip(
    name,
    {
      name: vipName,
      vpcId: network.vpcId,
      subnetId: network.subnet(zone).id,
      vip,
      ...haVipExtras(),
    },
    {
      parent,
      // It is held by one HAVIP at a time. Not protected: another kind of entry takes its place while the cluster lives, and then it goes, as the last
      // thing. That it goes otherwise, the plan check denies.
      deleteBeforeReplace: true,
      // One that an older provider has made does not say: that a newer one does is no reason to make it anew.
      ignoreChanges: ["checkAssociate"],
    },
  );
}

/**
 * Lets a host take a HAVIP.
 * @returns what has to be there before the host announces it: an announcement of an address that the platform does not know yet is dropped.
 */
export function letTake(
  haVip: tencentcloud.HaVip,
  host: Host,
  parent: pulumi.Resource,
): pulumi.Resource {
  const association = associateHaVip(
    `${host.plan.name}-vip`,
    { haVipId: haVip.id, instanceId: host.instance.id },
    { parent, deleteBeforeReplace: true },
  );
  return association ?? haVip;
}
