import { service } from "../../action";
import { zoneRecordActions } from "./zoneRecords";
import { zoneActions } from "./zones";

export const privatedns = service("privatedns", "2020-10-28", false, [
  ...zoneActions,
  ...zoneRecordActions,
]);
