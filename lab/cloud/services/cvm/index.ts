import { service } from "../../action";
import { accountQuotaActions } from "./accountQuota";
import { imageActions } from "./images";
import { instanceActions } from "./instances";
import { instanceChangeActions } from "./instanceChanges";
import { instancePowerActions } from "./instancePower";
import { instanceResetActions } from "./instanceResets";
import { instanceTypeActions } from "./instanceTypes";
import { keyPairActions } from "./keyPairs";
import { keyPairBindingActions } from "./keyPairBindings";
import { placementGroupActions } from "./placementGroups";
import { runInstancesActions } from "./runInstances";
import { runInstancesPriceActions } from "./runInstancesPrice";
import { terminateInstancesActions } from "./terminateInstances";
import { zoneActions } from "./zones";

export const cvm = service("cvm", "2017-03-12", true, [
  ...runInstancesActions,
  ...runInstancesPriceActions,
  ...instanceActions,
  ...terminateInstancesActions,
  ...instancePowerActions,
  ...instanceChangeActions,
  ...instanceResetActions,
  ...imageActions,
  ...instanceTypeActions,
  ...keyPairActions,
  ...keyPairBindingActions,
  ...placementGroupActions,
  ...zoneActions,
  ...accountQuotaActions,
]);
