import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import * as s from "../../schema";
import type { CloudSettings } from "../../settings";

/** Number of a zone as the API gives it: 100003 for ap-guangzhou-3. */
export function zoneId(zone: string): string {
  return String(100_000 + Number(/\d+$/.exec(zone)?.[0] ?? 0));
}

/** Name of a zone for people. */
export function zoneName(zone: string): string {
  return `Guangzhou Zone ${/\d+$/.exec(zone)?.[0] ?? zone}`;
}

export function zoneNames(settings: CloudSettings): string[] {
  return settings.inventory.zones.map((zone) => zone.name);
}

const describeZones = action<object, Models.DescribeZonesResponse>(
  "DescribeZones",
  s.model<object>({}),
  ({ settings }) => {
    const zones = zoneNames(settings);
    return {
      TotalCount: zones.length,
      ZoneSet: zones.map((zone) => ({
        Zone: zone,
        ZoneName: zoneName(zone),
        ZoneId: zoneId(zone),
        ZoneState: "AVAILABLE",
      })),
    };
  },
);

const describeRegions = action<object, Models.DescribeRegionsResponse>(
  "DescribeRegions",
  s.model<object>({}),
  ({ settings }) => ({
    TotalCount: 1,
    RegionSet: [
      {
        Region: settings.region,
        RegionName: "South China (Guangzhou)",
        RegionState: "AVAILABLE",
      },
    ],
  }),
);

export const zoneActions = [describeZones, describeRegions];
