import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action } from "../../action";
import { usedAddresses } from "../../addressing";
import { page, vpcRules } from "../../query";
import * as s from "../../schema";
import { requireSubnet } from "./subnets";
import { requireVpc } from "./vpcs";

const describeUsedIpAddress = action<
  Models.DescribeUsedIpAddressRequest,
  Models.DescribeUsedIpAddressResponse
>(
  "DescribeUsedIpAddress",
  s.model<Models.DescribeUsedIpAddressRequest>({
    VpcId: s.id("vpc"),
    SubnetId: s.id("subnet").optional(),
    IpAddresses: s.optionalTexts,
    Filters: s.filters,
    Offset: s.optionalInteger,
    Limit: s.optionalInteger,
  }),
  ({ store }, request) => {
    const vpc = requireVpc(store, request.VpcId);
    const subnetId = request.SubnetId && requireSubnet(store, request.SubnetId).id;
    const found = usedAddresses(store, vpc.id).filter(
      (each) =>
        (!subnetId || each.subnetId === subnetId) &&
        (!request.IpAddresses?.length || request.IpAddresses.includes(each.ip)),
    );
    return {
      IpAddressStates: page(found, request.Offset, request.Limit, vpcRules).map((each) => ({
        VpcId: each.vpcId,
        SubnetId: each.subnetId,
        IpAddress: each.ip,
        ResourceType: each.resourceType,
        ResourceId: each.resourceId,
      })),
      TotalCount: found.length,
    };
  },
);

export const usedAddressActions = [describeUsedIpAddress];
