import { api } from "./api";
import { cam } from "./cam";
import { cbs } from "./cbs";
import { clb } from "./clb";
import { cvm } from "./cvm";
import { privatedns } from "./privatedns";
import { sts } from "./sts";
import { tag } from "./tag";
import { vpc } from "./vpc";

/** Every service the lab serves. */
export const services = [cvm, vpc, cbs, clb, tag, sts, api, privatedns, cam] as const;
