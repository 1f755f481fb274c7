import { type Rule } from "../rule";
import { judgeFlows, rangeParameters, type RangeParameters } from "./flows";

/** Follows every rule that opens etcd's or the kubelet's port to the group, and so to the role, that it lets in. */
export const etcdAndKubelet: Rule<RangeParameters> = {
  id: "network-etcd-and-kubelet",
  description:
    "Only masters and etcd members reach etcd (2379, its peers 2380), only nodes the kubelet (10250).",
  level: "mandatory",
  why: "Who reaches etcd reads and writes the whole cluster past the API's rights; who reaches a kubelet runs commands in its pods.",
  source: 'etcd, "Transport security model"; kubernetes.io, "Ports and Protocols"',
  fix: "Let in the security group of that role",
  scope: "stack",
  parameters: rangeParameters(
    "Ranges that may reach these ports all the same, such as that of a monitoring system.",
  ),
  judge: (stack, { ranges }) =>
    judgeFlows(stack, ["etcd", "kubelet"], (cidr) => ranges.includes(cidr)),
};
