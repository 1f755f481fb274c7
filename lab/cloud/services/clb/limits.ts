import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/clb/v20180317/clb_models";

import { action, type Call } from "../../action";
import * as s from "../../schema";
import type { LoadBalancerRecord } from "./records";

const present = ({ store }: Call, type: LoadBalancerRecord["type"]): number =>
  store.tables.loadBalancers.list().filter((each) => each.type === type).length;

const describeQuota = action<object, Models.DescribeQuotaResponse>(
  "DescribeQuota",
  s.model<object>({}),
  (call) => {
    const { quotas } = call.settings;
    const rows: [id: string, current: number, limit: number][] = [
      ["TOTAL_OPEN_CLB_QUOTA", present(call, "OPEN"), quotas.openLoadBalancers],
      ["TOTAL_INTERNAL_CLB_QUOTA", present(call, "INTERNAL"), quotas.internalLoadBalancers],
      // Counted for each load balancer and listener: there is no figure for the account.
      ["TOTAL_LISTENER_QUOTA", 0, quotas.listenersPerLoadBalancer],
      ["TOTAL_TARGET_BIND_QUOTA", 0, quotas.targetsPerListener],
    ];
    return {
      QuotaSet: rows.map(([QuotaId, QuotaCurrent, QuotaLimit]) => ({
        QuotaId,
        QuotaCurrent,
        QuotaLimit,
      })),
    };
  },
);

export const limitActions = [describeQuota];
