import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action, type Call } from "../../action";
import { ApiError } from "../../errors";
import { applyFilters, page, vpcRules } from "../../query";
import * as s from "../../schema";

/** Records a task on an address. @returns its id: a number written as text, which the provider parses. */
export function newTask({ store, now }: Call, addressId: string): string {
  const id = String(100_000_000 + store.next("task"));
  store.tables.tasks.put({ id, seq: store.next(), createdAt: now.toISOString(), addressId });
  return id;
}

const describeTaskResult = action<
  Models.DescribeTaskResultRequest,
  Models.DescribeTaskResultResponse
>(
  "DescribeTaskResult",
  s.model<Models.DescribeTaskResultRequest>({
    TaskId: s.optionalInteger,
    DealName: s.ignored,
  }),
  ({ store }, request) => {
    const task = store.tables.tasks.get(String(request.TaskId ?? ""));
    if (!task) {
      throw new ApiError("InvalidParameterValue", `There is no task '${request.TaskId ?? ""}'.`);
    }
    const status = store.tables.addresses.get(task.addressId)?.status;
    const busy = status === "BINDING" || status === "UNBINDING";
    return { TaskId: Number(task.id), Result: busy ? "RUNNING" : "SUCCESS" };
  },
);

const describeVpcTaskResult = action<
  Models.DescribeVpcTaskResultRequest,
  Models.DescribeVpcTaskResultResponse
>(
  "DescribeVpcTaskResult",
  s.model<Models.DescribeVpcTaskResultRequest>({ TaskId: s.text }),
  // What has such a task in the lab (NAT gateways' addresses) is done before it is answered.
  () => ({ Status: "SUCCESS", Output: "", Result: [] }),
);

const describeBandwidthPackages = action<
  Models.DescribeBandwidthPackagesRequest,
  Models.DescribeBandwidthPackagesResponse
>(
  "DescribeBandwidthPackages",
  s.model<Models.DescribeBandwidthPackagesRequest>({
    BandwidthPackageIds: s.optionalTexts,
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  (_, request) => {
    const none: never[] = [];
    const names = ["bandwidth-package_id", "bandwidth-package-name", "network-type", "charge-type"];
    names.push("resource.resource-type", "resource.resource-id", "resource.address-ip");
    const fields = Object.fromEntries(names.map((name) => [name, (): string[] => []]));
    const found = applyFilters<never>(none, request.Filters, fields, vpcRules, () => ({}));
    return {
      TotalCount: 0,
      BandwidthPackageSet: page(found, request.Offset, request.Limit, vpcRules),
    };
  },
);

export const taskActions = [describeTaskResult, describeVpcTaskResult, describeBandwidthPackages];
