import { service } from "../../action";
import { addressActions } from "./addresses";
import { addressBindingActions } from "./addressBindings";
import { addressPriceActions } from "./addressPrices";
import { haVipActions } from "./haVips";
import { haVipBindingActions } from "./haVipBindings";
import { limitActions } from "./limits";
import { natGatewayAddressActions } from "./natGatewayAddresses";
import { natGatewayActions } from "./natGateways";
import { routeActions } from "./routes";
import { routeTableActions } from "./routeTables";
import { securityGroupActions } from "./securityGroups";
import { securityGroupPolicyActions } from "./securityGroupPolicies";
import { subnetActions } from "./subnets";
import { taskActions } from "./tasks";
import { usedAddressActions } from "./usedAddresses";
import { vpcActions } from "./vpcs";

export const vpc = service("vpc", "2017-03-12", true, [
  ...vpcActions,
  ...subnetActions,
  ...routeTableActions,
  ...routeActions,
  ...securityGroupActions,
  ...securityGroupPolicyActions,
  ...haVipActions,
  ...haVipBindingActions,
  ...addressActions,
  ...addressBindingActions,
  ...addressPriceActions,
  ...natGatewayActions,
  ...natGatewayAddressActions,
  ...taskActions,
  ...usedAddressActions,
  ...limitActions,
]);
