import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import { applyFilters, cvmRules } from "../../query";
import * as s from "../../schema";
import { usedQuota } from "./charges";
import { groupQuota } from "./placementGroups";
import type { ChargeType } from "./sold";
import { zoneNames } from "./zones";

const quotaTypes = [
  "PostPaidQuotaSet",
  "PrePaidQuotaSet",
  "SpotPaidQuotaSet",
  "ImageQuotaSet",
  "DisasterRecoverGroupQuotaSet",
];

const describeAccountQuota = action<
  Models.DescribeAccountQuotaRequest,
  Models.DescribeAccountQuotaResponse
>(
  "DescribeAccountQuota",
  s.model<Models.DescribeAccountQuotaRequest>({ Filters: s.filters }),
  (call, request) => {
    const { settings } = call;
    const rows = quotaTypes.flatMap((type) =>
      // Images and placement groups belong to no zone, so a filter by zone leaves them in.
      zoneNames(settings).map((zone) => ({ type, zone })),
    );
    const found = applyFilters(
      rows,
      request.Filters,
      { zone: (v) => v.zone, "quota-type": (v) => v.type },
      cvmRules,
    );
    const zonesOf = (type: string): string[] =>
      found.filter((each) => each.type === type).map((each) => each.zone);
    const { instancesPerZone, prepaidPerZone, spotCoresPerZone } = settings.quotas;
    const quota = (zone: string, charge: ChargeType, total: number) => {
      const used = usedQuota(call, zone, charge);
      return {
        UsedQuota: used,
        RemainingQuota: Math.max(0, total - used),
        TotalQuota: total,
        Zone: zone,
      };
    };
    return {
      AppId: Number(settings.account.appId),
      AccountQuotaOverview: {
        Region: settings.region,
        AccountQuota: {
          PostPaidQuotaSet: zonesOf("PostPaidQuotaSet").map((zone) =>
            quota(zone, "POSTPAID_BY_HOUR", instancesPerZone),
          ),
          PrePaidQuotaSet: zonesOf("PrePaidQuotaSet").map((zone) => ({
            ...quota(zone, "PREPAID", prepaidPerZone),
            OnceQuota: prepaidPerZone,
          })),
          // In cores.
          SpotPaidQuotaSet: zonesOf("SpotPaidQuotaSet").map((zone) =>
            quota(zone, "SPOTPAID", spotCoresPerZone),
          ),
          // The lab has no images of an account's own.
          ImageQuotaSet:
            zonesOf("ImageQuotaSet").length > 0 ? [{ UsedQuota: 0, TotalQuota: 0 }] : [],
          DisasterRecoverGroupQuotaSet:
            zonesOf("DisasterRecoverGroupQuotaSet").length > 0 ? [groupQuota(call)] : [],
        },
      },
    };
  },
);

export const accountQuotaActions = [describeAccountQuota];
