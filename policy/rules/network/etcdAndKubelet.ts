import { type Stack } from "../../facts/stack";
import { list, object } from "../../facts/values";
import { type Rule } from "../rule";
import { judgeFlows, rangeParameters, type RangeParameters } from "./flows";

/** Follows every rule that opens etcd's or the kubelet's port to the group, and so to the role, that it lets in. */
export const etcdAndKubelet: Rule<RangeParameters> = {
  id: "network-etcd-and-kubelet",
  description:
    "Only masters and etcd members reach etcd (2379, its peers 2380), only nodes and who watches them the kubelet (10250).",
  level: "mandatory",
  why: "Who reaches etcd reads and writes the whole cluster past the API's rights; who reaches a kubelet runs commands in its pods.",
  source: 'etcd, "Transport security model"; kubernetes.io, "Ports and Protocols"',
  fix: "Let in the security group of that role, or declare the range of who watches in `monitoring.allowedCidrs`",
  scope: "stack",
  parameters: rangeParameters(
    "Ranges that may reach these ports all the same, such as that of a monitoring system.",
  ),
  judge: (stack, { ranges }) => {
    const watched = watchedBy(stack);
    return [
      ...judgeFlows(stack, ["etcd"], (cidr) => ranges.includes(cidr)),
      ...judgeFlows(
        stack,
        ["kubelet"],
        (cidr) => [...ranges, ...(watched ?? [])].includes(cidr),
        watched === undefined ? [] : ["bastion"],
      ),
    ];
  },
};

/** Ranges from which clusters of the stack are watched, the bastion aside; undefined when none of them is watched. */
function watchedBy(stack: Stack): string[] | undefined {
  const declared = stack
    .of("cluster")
    .map(({ props }) => object(props.config).monitoring)
    .filter((monitoring) => monitoring !== undefined);
  if (declared.length === 0) return undefined;
  return declared.flatMap((monitoring) => list(object(monitoring).allowedCidrs).map(String));
}
