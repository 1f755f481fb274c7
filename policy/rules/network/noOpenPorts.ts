import { type ResourceValidationPolicy } from "@pulumi/policy";
import { exposureFault } from "../../../components/plan/rules/exposure";
import { openRulesOf } from "../../facts/openRules";

/**
 * Reads the rules of security groups, whichever resource they are written in.
 *
 * Why: these ports are the whole cluster to whoever gets through. The API and etcd ask for certificates, but a stolen
 * one, or a hole in what checks them, must not be enough from anywhere in the world.
 */
export const noOpenPorts: ResourceValidationPolicy = {
  name: "network-no-open-ports",
  description:
    "No security group lets everybody in to SSH (22), the API (6443), etcd (2379-2380) or the kubelet (10250).",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, reportViolation) => {
    for (const rule of openRulesOf(type, props)) {
      const fault = exposureFault(rule);
      if (fault !== undefined) reportViolation(`${fault.message}. ${fault.fix}.`);
    }
  },
};
