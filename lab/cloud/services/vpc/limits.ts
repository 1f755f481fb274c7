import type * as Models from "tencentcloud-sdk-nodejs/tencentcloud/services/vpc/v20170312/vpc_models";

import { action } from "../../action";
import { ApiError } from "../../errors";
import type { QuotaName } from "../../quotas";
import * as s from "../../schema";

/** Names under which DescribeVpcLimits knows the quotas that the lab enforces. */
const limitTypes: Record<string, QuotaName> = {
  "appid-max-vpcs": "vpcs",
  "vpc-max-subnets": "subnetsPerVpc",
  "vpc-max-route-tables": "routeTablesPerVpc",
  "route-table-max-policies": "routesPerTable",
  "vpc-max-havips": "haVipsPerVpc",
  "vpc-max-nat-gateways": "natGatewaysPerVpc",
  "nat-gateway-max-eips": "addressesPerNatGateway",
};

const describeVpcLimits = action<Models.DescribeVpcLimitsRequest, Models.DescribeVpcLimitsResponse>(
  "DescribeVpcLimits",
  s.model<Models.DescribeVpcLimitsRequest>({ LimitTypes: s.text.array().max(100) }),
  ({ settings }, request) => ({
    VpcLimitSet: request.LimitTypes.map((type) => {
      const name = limitTypes[type];
      if (name === undefined) {
        throw new ApiError(
          "InvalidParameterValue",
          `LimitTypes has '${type}'; the lab limits ${Object.keys(limitTypes).join(", ")}.`,
        );
      }
      return { LimitType: type, LimitValue: settings.quotas[name] };
    }),
  }),
);

const describeAddressQuota = action<object, Models.DescribeAddressQuotaResponse>(
  "DescribeAddressQuota",
  s.model<object>({}),
  ({ store, settings }) => ({
    QuotaSet: [
      {
        QuotaId: "TOTAL_EIP_QUOTA",
        QuotaCurrent: store.tables.addresses.list().length,
        QuotaLimit: settings.quotas.addresses,
        QuotaGroup: settings.region,
      },
    ],
  }),
);

const describeSecurityGroupLimits = action<object, Models.DescribeSecurityGroupLimitsResponse>(
  "DescribeSecurityGroupLimits",
  s.model<object>({}),
  ({ settings: { quotas } }) => ({
    SecurityGroupLimitSet: {
      SecurityGroupLimit: quotas.securityGroups,
      SecurityGroupPolicyLimit: quotas.rulesPerDirection,
      ReferedSecurityGroupLimit: quotas.referencedGroups,
      SecurityGroupInstanceLimit: quotas.instancesPerSecurityGroup,
      InstanceSecurityGroupLimit: quotas.securityGroupsPerInstance,
      // Not limited in the lab: what the other figures allow at most.
      SecurityGroupExtendedPolicyLimit: quotas.rulesPerDirection * quotas.instancesPerSecurityGroup,
      SecurityGroupReferedCvmAndEniLimit: quotas.instancesPerSecurityGroup,
      SecurityGroupReferedSvcLimit: quotas.instancesPerSecurityGroup,
    },
  }),
);

export const limitActions = [describeVpcLimits, describeAddressQuota, describeSecurityGroupLimits];
