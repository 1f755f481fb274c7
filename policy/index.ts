import { PolicyPack } from "@pulumi/policy";
import { deserializeOnce } from "./deserializeOnce";
import { toPolicy } from "./pack";
import { rules } from "./rules";

deserializeOnce();
new PolicyPack("kubernetes-ha", { policies: rules.map(toPolicy) });
