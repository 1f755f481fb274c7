import { ports } from "../../../components/plan/ports";
import { reaches } from "../../../components/plan/rules/exposure";
import { tagNames } from "../../../components/plan/roles";
import { inboundRules } from "../../facts/inbound";
import { type Stack } from "../../facts/stack";
import { list, object, text } from "../../facts/values";
import { type Finding, type Rule } from "../rule";
import { judgeFlows, rangeParameters, type RangeParameters } from "./flows";

/** Follows every rule that opens SSH to the role it lets in, and compares the bastion's with the ranges its component declares. */
export const sshFromBastion: Rule<RangeParameters> = {
  id: "network-ssh-from-bastion",
  description:
    "Hosts are logged in to from the bastion, and the bastion from the ranges that are declared.",
  level: "mandatory",
  why: "The login user has sudo on every host: one way in, with few who may take it, is one that can be watched and shut.",
  source: 'kubernetes.io, "Securing a Cluster"; docs/architecture.md',
  fix: "Let in the bastion's security group, or declare the range in `bastion.allowedCidrs` or in this rule's parameters",
  scope: "stack",
  parameters: rangeParameters("Ranges that may log in to every host, such as that of a VPN."),
  judge: (stack, { ranges }) => [
    ...judgeFlows(stack, ["ssh"], (cidr) => ranges.includes(cidr)),
    ...judgeBastions(stack, ranges),
  ],
};

function judgeBastions(stack: Stack, ranges: readonly string[]): Finding[] {
  return inboundRules(stack).flatMap(
    ({ resource, index, cidr, protocol, ports: open, unknown }) => {
      const [group] = stack.sources(resource, "securityGroupId", "securityGroup");
      const tags = object(group?.props.tags);
      if (tags[tagNames.role] !== "bastion" || cidr === undefined || unknown.length > 0) return [];
      if (!["ALL", "TCP"].includes((protocol ?? "ALL").toUpperCase())) return [];
      if (!reaches(open ?? "ALL", { first: ports.ssh, last: ports.ssh })) return [];
      const declared = declaredRanges(stack, text(tags[tagNames.cluster]));
      // A stack without our component declares nothing elsewhere: the rule itself is the declaration.
      if (declared === undefined || [...declared, ...ranges].includes(cidr)) return [];
      const message = `rule ${index} lets ${cidr} log in to the bastion, but declared are ${declared.join(", ")}`;
      return [{ message, urn: resource.urn }];
    },
  );
}

function declaredRanges(stack: Stack, cluster: string | undefined): string[] | undefined {
  const config = stack
    .of("cluster")
    .map(({ props }) => object(props.config))
    .find(({ name }) => name === cluster);
  return config && list(object(config.bastion).allowedCidrs).map(String);
}
