import { service } from "../../action";
import { createLoadBalancerActions } from "./createLoadBalancer";
import { limitActions } from "./limits";
import { listenerActions } from "./listeners";
import { loadBalancerChangeActions } from "./loadBalancerChanges";
import { loadBalancerPriceActions } from "./loadBalancerPrices";
import { loadBalancerActions } from "./loadBalancers";
import { targetGroupAssociationActions } from "./targetGroupAssociations";
import { targetGroupInstanceActions } from "./targetGroupInstances";
import { targetGroupActions } from "./targetGroups";
import { targetHealthActions } from "./targetHealth";
import { targetActions } from "./targets";
import { taskActions } from "./tasks";

export const clb = service("clb", "2018-03-17", true, [
  ...createLoadBalancerActions,
  ...loadBalancerActions,
  ...loadBalancerPriceActions,
  ...loadBalancerChangeActions,
  ...listenerActions,
  ...targetActions,
  ...targetHealthActions,
  ...targetGroupActions,
  ...targetGroupInstanceActions,
  ...targetGroupAssociationActions,
  ...taskActions,
  ...limitActions,
]);
