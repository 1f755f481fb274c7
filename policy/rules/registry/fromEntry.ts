import { type Rule } from "../rule";
import { judgeFlows, rangeParameters, type RangeParameters } from "../network/flows";

/** Follows every rule that opens a port of the registry's hosts to the role it lets in. */
export const registryFromEntry: Rule<RangeParameters> = {
  id: "registry-from-entry",
  description: "Only balancers reach the registry's hosts (5000, and 5001 to push).",
  level: "mandatory",
  why: "They speak plain HTTP: the password of who pushes would be seen on the way, and an image could be another one when it arrives.",
  source: "docs/registry.md",
  fix: "Let in the security group of the balancers, and have clients come through the entry",
  scope: "stack",
  parameters: rangeParameters(
    "Ranges that may reach these ports all the same, such as that of a monitoring system.",
  ),
  judge: (stack, { ranges }) => judgeFlows(stack, ["registry"], (cidr) => ranges.includes(cidr)),
};
