import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cvm/v20170312/cvm_models";

import { action } from "../../action";
import { applyFilters, cvmRules } from "../../query";
import * as s from "../../schema";
import { groupQuota } from "./placementGroups";
import { presentInstances } from "./presentInstances";
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
    const { store, settings } = call;
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
    const total = settings.quotas.instancesPerZone;
    return {
      AppId: Number(settings.account.appId),
      AccountQuotaOverview: {
        Region: settings.region,
        AccountQuota: {
          PostPaidQuotaSet: zonesOf("PostPaidQuotaSet").map((zone) => {
            const used = presentInstances(store).filter((each) => each.zone === zone).length;
            return {
              UsedQuota: used,
              RemainingQuota: Math.max(0, total - used),
              TotalQuota: total,
              Zone: zone,
            };
          }),
          // The lab sells by the hour only, and has no images of an account's own.
          PrePaidQuotaSet: zonesOf("PrePaidQuotaSet").map((zone) => ({
            UsedQuota: 0,
            OnceQuota: 0,
            RemainingQuota: 0,
            TotalQuota: 0,
            Zone: zone,
          })),
          SpotPaidQuotaSet: zonesOf("SpotPaidQuotaSet").map((zone) => ({
            UsedQuota: 0,
            RemainingQuota: 0,
            TotalQuota: 0,
            Zone: zone,
          })),
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
