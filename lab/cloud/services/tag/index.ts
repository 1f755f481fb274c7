import { service } from "../../action";
import { resourceTagActions } from "./resourceTags";

export const tag = service("tag", "2018-08-13", false, resourceTagActions);
