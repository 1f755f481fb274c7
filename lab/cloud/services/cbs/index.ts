import { service } from "../../action";
import { diskActions } from "./disks";
import { diskAttachmentActions } from "./diskAttachments";
import { diskChangeActions } from "./diskChanges";
import { diskConfigActions } from "./diskConfigs";
import { diskPriceActions } from "./diskPrices";
import { snapshotActions } from "./snapshots";

export const cbs = service("cbs", "2017-03-12", true, [
  ...diskActions,
  ...diskAttachmentActions,
  ...diskChangeActions,
  ...diskConfigActions,
  ...diskPriceActions,
  ...snapshotActions,
]);
