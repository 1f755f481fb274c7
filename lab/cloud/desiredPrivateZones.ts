import type { PrivateZoneSpec } from "../hosts/privateZone";
import type { Store } from "./store";

/** What the resolvers of VPCs should answer: zones bound to a VPC that exists, with their enabled records. */
export function desiredPrivateZones(store: Store): PrivateZoneSpec[] {
  const { tables } = store;
  const records = tables.privateRecords.list().filter(({ enabled }) => enabled);
  return tables.privateZones
    .list()
    .map((zone): PrivateZoneSpec => ({
      domain: zone.domain,
      vpcIds: zone.vpcs.map(({ vpcId }) => vpcId).filter((id) => tables.vpcs.get(id)),
      forward: zone.forward,
      records: records
        .filter(({ zoneId }) => zoneId === zone.id)
        .map(({ subDomain, type, value, ttl, mx, weight }) => ({
          name: subDomain,
          type,
          value,
          ttl,
          mx,
          weight,
        })),
    }))
    .filter(({ vpcIds }) => vpcIds.length > 0);
}
