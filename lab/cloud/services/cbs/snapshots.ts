import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/cbs/v20170312/cbs_models";

import { action } from "../../action";
import { applyFilters, cbsRules, page, refuseBoth } from "../../query";
import * as s from "../../schema";

const filterNames = ["snapshot-id", "snapshot-name", "snapshot-state", "disk-usage", "project-id"];
filterNames.push("disk-id", "zone", "encrypt", "snapshot-type");

const describeSnapshots = action<Models.DescribeSnapshotsRequest, Models.DescribeSnapshotsResponse>(
  "DescribeSnapshots",
  s.model<Models.DescribeSnapshotsRequest>({
    SnapshotIds: s.id("snap", "InvalidParameterValue").array().optional(),
    Filters: s.filters,
    Limit: s.optionalInteger,
    OrderField: s.ignored,
    Offset: s.optionalInteger,
    Order: s.ignored,
  }),
  (_, request) => {
    refuseBoth(request.SnapshotIds, request.Filters);
    // The lab makes no snapshots: every question finds none.
    const fields = Object.fromEntries(filterNames.map((name) => [name, (): string[] => []]));
    const none = applyFilters<never>([], request.Filters, fields, cbsRules, () => ({}));
    return { TotalCount: 0, SnapshotSet: page(none, request.Offset, request.Limit, cbsRules) };
  },
);

export const snapshotActions = [describeSnapshots];
