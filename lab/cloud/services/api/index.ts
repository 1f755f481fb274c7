import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/api/v20201106/api_models";

import { action, service } from "../../action";
import * as s from "../../schema";
import { zoneId, zoneName, zoneNames } from "../cvm/zones";

const describeZones = action<Models.DescribeZonesRequest, Models.DescribeZonesResponse>(
  "DescribeZones",
  s.model<Models.DescribeZonesRequest>({ Product: s.text }),
  ({ settings }) => {
    const zones = zoneNames(settings);
    return {
      TotalCount: zones.length,
      ZoneSet: zones.map((zone) => ({
        Zone: zone,
        ZoneName: zoneName(zone),
        ZoneId: zoneId(zone),
        ZoneState: "AVAILABLE",
        ParentZone: "",
        ParentZoneId: "",
        ParentZoneName: "",
        ZoneType: "",
        MachineRoomTypeMC: "",
        ZoneIdMC: "",
      })),
    };
  },
);

export const api = service("api", "2020-11-06", false, [describeZones]);
