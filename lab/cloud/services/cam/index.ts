import { service } from "../../action";
import { accountActions } from "./account";
import { policyActions } from "./policies";
import { rolePolicyActions } from "./rolePolicies";
import { roleActions } from "./roles";

export const cam = service("cam", "2019-01-16", false, [
  ...roleActions,
  ...policyActions,
  ...rolePolicyActions,
  ...accountActions,
]);
