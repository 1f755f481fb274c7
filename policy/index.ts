import { PolicyPack } from "@pulumi/policy";
import { toPolicy } from "./pack";
import { rules } from "./rules";

new PolicyPack("kubernetes-ha", { policies: rules.map(toPolicy) });
