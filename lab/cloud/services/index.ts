import { api } from "./api";
import { cbs } from "./cbs";
import { cvm } from "./cvm";
import { sts } from "./sts";
import { tag } from "./tag";
import { vpc } from "./vpc";

/** Every service the lab serves. */
export const services = [cvm, vpc, cbs, tag, sts, api] as const;
